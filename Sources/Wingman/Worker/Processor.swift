import Supervision

/// Runs one job after another on the cooperative pool.
///
/// A processor is a task; cancelling a job cancels its processor, which is spent after it, and the capsule puts a fresh
/// one in its place. So no task is made per job, and none inherits a cancellation.
struct Processor: Sendable {
    let slot: Int
    /// The run of the capsule it belongs to.
    let run: Int
    let manager: Manager
    let execution: Execution
    let time: any Timekeeper

    /// Runs jobs until the capsule starts nothing more, or until a job was cancelled.
    ///
    /// - Returns: Whether it is spent, and its slot wants another.
    func work() async -> Bool {
        while let work = await self.manager.next(slot: self.slot, run: self.run) {
            if await self.process(work) { return true }
        }
        return false
    }

    /// If we die in here, the job is in flight under our lease and runs again.
    private func process(_ work: Manager.Work) async -> Bool {
        let manager = self.manager
        let slot = self.slot
        let token = work.claimed.token
        let prepared = self.execution.prepare(work.claimed)
        let timer = prepared.timeout.map { timeout in
            self.time.schedule(after: timeout) { manager.cancel(slot: slot, token: token, reason: .timeout) }
        }
        let outcome = await self.execution.run(prepared) { manager.cancelReason(of: slot, token: token) }
        timer?.cancel()
        return manager.finish(slot: slot, settlement: self.execution.settlement(of: prepared, outcome))
    }
}
