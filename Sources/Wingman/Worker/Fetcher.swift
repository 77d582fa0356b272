import Logging
import Supervision

/// Brings jobs from the store and takes outcomes back: one lane, one step after another as long as there is anything
/// to settle or to claim.
///
/// Runs on the worker's own thread, so that computing jobs delay neither an acknowledgement nor a give-back.
struct Fetcher: Sendable {
    /// After a settlement whose destination could not be written.
    private static let pauseAfterFailedSettlement = Duration.seconds(1)

    let order: QueueOrder
    let manager: Manager
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger

    /// Fetches until the capsule has stopped and is empty, through as many incarnations as it takes.
    ///
    /// - Throws: The store's error, if it is there and refuses every step.
    func run() async throws {
        while let incarnation = await self.life.registered() {
            self.manager.update { $0.began(epoch: incarnation.epoch) }
            if try await self.run(as: incarnation) { return }
        }
    }

    /// Fetches under one incarnation.
    ///
    /// - Returns: True once the capsule is empty for good, false if the incarnation ended.
    private func run(as incarnation: Incarnation) async throws -> Bool {
        var lane = Lane(
            incarnation: incarnation,
            index: self.life.nextLane(),
            store: self.store,
            life: self.life,
            time: self.time,
            logger: self.logger
        )
        var generator = SystemRandomNumberGenerator()
        while true {
            switch await self.manager.plan() {
            case .finish:
                return true
            case .fenced:
                return false
            case .rest:
                continue
            case .step(let settlements, let claim, let enough):
                let sources = self.order.next(using: &generator)
                switch await self.step(&lane, settlements, claim, enough, sources) {
                case .done: continue
                case .fenced: return false
                case .broken(let error): throw error
                case .cancelled: return true
                }
            }
        }
    }

    private func step(
        _ lane: inout Lane,
        _ settlements: [Settlement],
        _ claim: Int,
        _ enough: Int,
        _ sources: [Source]
    ) async -> Lane.Result {
        let began = self.time.now
        let result = await lane.step(settling: settlements, claim: claim, enough: enough, from: sources)
        switch result {
        case .done(let answers, let claimed, let leaseExpired):
            let failures = self.manager.update { state in
                state.answered(
                    answers,
                    to: settlements,
                    claimed: claimed,
                    asked: claim,
                    leaseExpired: leaseExpired,
                    nanoseconds: (self.time.now - began).nanoseconds
                )
            }
            self.report(answers, failures)
        case .fenced, .broken:
            self.manager.update { $0.unanswered(isLost: false) }
        case .cancelled:
            self.manager.update { $0.unanswered(isLost: true) }
        }
        return result
    }

    /// A stale answer is a duplicate execution, a failed one a destination that cannot be written: both are rare, and
    /// somebody has to hear of them.
    private func report(_ answers: [SettleAnswer], _ failures: [String]) {
        let stale = answers.count { $0 == .stale }
        if stale > 0 {
            self.logger.warning(
                "outcomes refused as stale: other processes own these jobs now",
                metadata: ["jobs.stale": "\(stale)"]
            )
        }
        guard let reason = failures.first else { return }
        self.logger.error(
            "outcomes could not be written, kept and tried again",
            metadata: ["jobs.unsettled": "\(failures.count)", "error": "\(reason)"]
        )
        let manager = self.manager
        self.time.schedule(after: Self.pauseAfterFailedSettlement) { manager.update { $0.retryDeferred() } }
    }
}

/// Waits on the store while a processor is free and the queues are empty, so that any program's push starts a job at
/// once.
struct Waiter: Sendable {
    /// Also how soon a resumed queue is noticed. At most a third of the lease.
    let timeout: Duration
    let sources: [Source]
    let manager: Manager
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger

    /// Waits again and again, until the capsule takes no new jobs.
    func run() async {
        var outage = Outage(what: "wait for jobs", logger: self.logger)
        while await self.manager.untilSignalWanted(), let incarnation = await self.life.registered() {
            do {
                _ = try await self.store.wait(for: self.sources, process: incarnation.process, timeout: self.timeout)
                outage.end(at: self.time.now)
            } catch {
                let delay = outage.failed(error, at: self.time.now)
                try? await self.time.sleep(for: delay)
            }
            // Signal or not: a look now and then finds what a resumed queue or a lost signal has left there.
            self.manager.update { $0.signalled() }
            if Task.isCancelled { return }
        }
    }
}
