import Supervision

/// Runs one job after another on the cooperative pool.
///
/// A processor is a task; cancelling a job cancels its processor, which ends after it, and the capsule puts a fresh one
/// in its place. So no task is made per job, and none inherits a cancellation.
struct Processor: Sendable {
    let slot: Int
    let manager: Manager
    let execution: Execution
    let time: any Timekeeper

    /// Runs jobs until the capsule starts nothing more, or until a job was cancelled.
    func run() async {
        while !Task.isCancelled, let work = await self.manager.next(slot: self.slot) {
            await self.process(work)
        }
    }

    /// If we die in here, the job is in flight under our lease and runs again.
    private func process(_ work: Manager.Work) async {
        let manager = self.manager
        let slot = self.slot
        let token = work.claimed.token
        let prepared = self.execution.prepare(work.claimed)
        let timer = prepared.timeout.map { timeout in
            self.time.schedule(after: timeout) { manager.cancel(slot: slot, token: token, reason: .timeout) }
        }
        let outcome = await self.execution.run(prepared) { manager.cancelReason(of: slot) }
        timer?.cancel()
        manager.finish(slot: slot, settlement: outcome.settlement(of: token))
    }
}
