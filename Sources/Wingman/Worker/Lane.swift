import Logging
import Supervision

/// A numbered conversation with the store: settle and claim, one step in flight, each exactly once.
///
/// After a timeout or a lost connection the same step is sent again, unchanged, until an answer comes; that is harmless
/// by the protocol and the only way to know. A lane belongs to one incarnation and ends with it.
struct Lane: Sendable {
    /// What a step led to.
    enum Result: Sendable {
        case done(answers: [SettleAnswer], claimed: [Claimed], leaseExpired: Bool)
        /// The incarnation has ended; whatever was held under it belongs to others.
        case fenced
        /// The store is there, since beats get through, and answers each time with an error that waiting does not mend; or has
        /// done so until the lease was over. The identity was given up, so that others get what was held under it.
        case broken(any Error)
        /// The task was cancelled, or the process has left, while the store was away: whether the step ran is unknown.
        /// The lane must not be used again.
        case cancelled
    }

    let incarnation: Incarnation
    let index: Int
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger
    private var lastNumber = 0

    /// So many answers in a row, at least, that are errors of another kind than absence: some two seconds of them.
    private static let mostRefusals = 6

    init(
        incarnation: Incarnation,
        index: Int,
        store: any Store,
        life: ProcessLife,
        time: any Timekeeper,
        logger: Logger
    ) {
        self.incarnation = incarnation
        self.index = index
        self.store = store
        self.life = life
        self.time = time
        self.logger = logger
    }

    /// Makes the next step and waits out the store's absence.
    ///
    /// If we die before the step ran: the jobs are in flight under our lease and the rescuer returns them. If we die
    /// after it ran: what it settled is settled, what it claimed is returned.
    ///
    /// - Parameter enough: As ``Step/enough``; nil is `claim`.
    mutating func step(
        settling settlements: [Settlement],
        claim: Int,
        enough: Int? = nil,
        from sources: [Source]
    ) async -> Result {
        let step = Step(
            process: self.incarnation.process,
            lane: self.index,
            number: self.lastNumber + 1,
            settlements: settlements,
            claim: claim,
            sources: sources,
            enough: enough
        )
        var outage = Outage(what: "settle and claim", logger: self.logger)
        var (refusals, beats) = (0, 0)
        while true {
            do {
                let reply = try await self.store.step(step)
                outage.end(at: self.time.now)
                return await self.accept(reply)
            } catch {
                let delay = outage.failed(error, at: self.time.now)
                try? await self.time.sleep(for: delay)
                guard self.life.candidate == self.incarnation else { return .fenced }
                if Task.isCancelled || self.life.hasEnded { return .cancelled }
                refusals = Self.isAbsence(error) ? 0 : refusals + 1
                if refusals == 1 { beats = self.life.confirmations }
                // Where no beat gets through either, the lease runs out by itself; the store may be back before.
                let isProven = self.life.confirmations != beats || !self.life.holdsLease(at: self.time.now)
                if refusals >= Self.mostRefusals, isProven { return await self.giveUp(error) }
            }
        }
    }

    /// Whether waiting may help.
    private static func isAbsence(_ error: any Error) -> Bool {
        switch (error as? StoreError)?.code {
        case .unavailable, .full: true
        case .refused, .unexpected, nil: false
        }
    }

    /// While the lease lives nobody else would find what this process holds.
    private func giveUp(_ error: any Error) async -> Result {
        self.logger.critical(
            "the store refuses to settle and claim: giving this identity up",
            metadata: ["process.id": "\(self.incarnation.process)", "error": "\(error)"]
        )
        try? await self.store.abandon(self.incarnation.process)
        self.life.fence(self.incarnation)
        return .broken(error)
    }

    private mutating func accept(_ reply: StepReply) async -> Result {
        switch reply {
        case .done(let answers, let claimed, let leaseExpired):
            self.lastNumber += 1
            self.life.acknowledged(lane: self.index, number: self.lastNumber, by: self.incarnation)
            if leaseExpired { self.life.expired(self.incarnation) }
            return .done(answers: answers, claimed: claimed, leaseExpired: leaseExpired)
        case .fenced:
            self.life.fence(self.incarnation)
            return .fenced
        case .gap(let last):
            // The store's memory is older than ours: it lost its tail. What it thinks we hold, others shall run.
            self.logger.error(
                "the store lost its last writes: giving this identity up",
                metadata: [
                    "process.id": "\(self.incarnation.process)", "lane.acknowledged": "\(self.lastNumber)",
                    "lane.recorded": "\(last)",
                ]
            )
            try? await self.store.abandon(self.incarnation.process)
            self.life.fence(self.incarnation)
            return .fenced
        }
    }
}
