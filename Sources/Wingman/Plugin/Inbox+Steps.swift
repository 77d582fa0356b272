import Logging
import ServiceLifecycle
import Supervision

/// How an inbox claims and settles.
extension Inbox {
    /// Whether nothing is received any more.
    var isStopping: Bool {
        self.isClosed || self.life.isQuiet || self.life.hasEnded || Task.isCancelled || Task.isShuttingDownGracefully
    }

    /// Takes settlements in, if all may be made.
    func note(_ settlements: [Settlement]) throws {
        try self.keys.check(Change(settlements.flatMap { $0.optionalEffects + $0.effects }))
        self.ledger.add(settlements)
    }

    /// What an incarnation held that has ended is others' by now.
    func forgetFormerLife() {
        let candidate = self.life.candidate
        guard self.incarnation != candidate else { return }
        self.incarnation = candidate
        self.lane = nil
        self.isDry = false
        self.waitAgain = nil
        self.hasWaited = false
        if self.ledger.began(epoch: candidate.epoch) { self.hasNewLoss = true }
        self.tellHolder()
    }

    /// Whether messages were lost since the last time.
    func takeNewLoss() -> Bool {
        defer { self.hasNewLoss = false }
        return self.hasNewLoss
    }

    /// Whether the process has begun to stand still since the last call, while the owner has messages.
    func takeNewHold() -> Bool {
        let isHeld = self.holder.isHeld
        defer { self.knowsHold = isHeld }
        return isHeld && !self.knowsHold && self.ledger.hasReceived
    }

    /// An inbox of one identity does nothing under the next.
    func checkIdentity() throws(InboxFenced) {
        guard let pinned, self.incarnation.process != pinned else { return }
        throw InboxFenced(process: pinned)
    }

    /// Makes what is to be settled, and claims what may be claimed.
    ///
    /// - Returns: Whether anything of the owner's was settled.
    func turn(_ credit: Int) async throws -> Bool {
        await self.takeUnanswered()
        var hasSettled = false
        while true {
            let batch = self.ledger.batch(at: self.time.now)
            let claim = batch.hasMore || batch.isEmpty && self.isDry ? 0 : self.claim(of: credit)
            guard !batch.isEmpty || claim > 0 else { return hasSettled }
            guard try await self.step(batch, claim: claim) else { return hasSettled }
            hasSettled = hasSettled || batch.hasOwners
            guard batch.hasMore else { return hasSettled }
        }
    }

    /// How many may be claimed now.
    private func claim(of credit: Int) -> Int {
        guard self.life.holder == self.incarnation else { return 0 }
        let claim = self.ledger.claim(of: credit)
        // A suspect is to run alone, here or elsewhere in the process.
        return claim > 0 && self.holder.mayClaim() ? claim : 0
    }

    /// Makes all settlements that are to be made now.
    func settleNoted() async throws {
        while true {
            let batch = self.ledger.batch(at: self.time.now)
            guard !batch.isEmpty else { return self.tellHolder() }
            await self.takeUnanswered()
            guard try await self.step(batch, claim: 0) else { return }
        }
    }

    /// Time to stop: what the owner does not know goes back, what it has settled is settled.
    func wrapUp() async throws {
        self.ledger.giveBackUnreceived()
        try await self.settleNoted()
    }

    /// The messages to hand out. While a suspect is to run alone they go back instead.
    func receiveReady() -> [Message] {
        defer { self.tellHolder() }
        guard !self.holder.isHeld else {
            self.ledger.giveBackReady()
            return []
        }
        return self.ledger.receiveReady()
    }

    /// The suspect that may run now.
    func receiveAlone() -> Message? {
        guard let token = self.holder.takeAlone() else { return nil }
        defer { self.tellHolder() }
        return self.ledger.receiveSuspect(token)
    }

    /// A claim under way is over by now, or was left alone.
    func tellHolder() {
        self.holder.holds(
            isBusy: self.ledger.isBusy || self.unanswered != nil,
            waiting: self.ledger.nextSuspects.map(\.token)
        )
    }

    /// Makes one step, in a task of its own, which does not hear the caller's cancellation: what an unanswered step has done
    /// nobody could tell. One that only claims is left alone when it is time to stop.
    ///
    /// - Returns: False if it was left alone, or if the incarnation has ended.
    private func step(_ batch: InboxLedger.Batch, claim: Int) async throws -> Bool {
        defer { self.tellHolder() }
        let current = self.lane ?? self.makeLane()
        let sources = self.sources
        // Unstructured, so that the cancellation of the service does not reach the step; off the pool, so that computing
        // jobs do not delay it.
        let step = Task(executorPreference: self.time.executor) {
            var lane = current
            let result = await lane.step(settling: batch.settlements, claim: claim, from: sources)
            return (lane, result)
        }
        let answer: (Lane, Lane.Result)
        if batch.isEmpty {
            guard let claimed = await self.unlessStopped({ await step.value }) else {
                self.unanswered = self.givingBack(step)
                return false
            }
            answer = claimed
        } else {
            answer = await step.value
        }
        return try self.accept(answer, to: batch, asked: claim)
    }

    /// - Returns: False if the incarnation has ended.
    private func accept(_ answer: (Lane, Lane.Result), to batch: InboxLedger.Batch, asked: Int) throws -> Bool {
        switch answer.1 {
        case .done(let answers, let claimed, let leaseExpired):
            self.lane = answer.0
            let findings = self.ledger.answered(answers, to: batch.ids, at: self.time.now)
            self.ledger.claimed(claimed)
            if asked > 0 { self.isDry = claimed.isEmpty && !leaseExpired }
            if findings.stale > 0 { self.hasNewLoss = true }
            findings.report(to: self.logger)
            return true
        case .fenced, .cancelled:
            self.lane = nil
            return false
        case .broken(let error):
            self.lane = nil
            throw error
        }
    }

    /// A lane has one step in flight: the next one waits for the claim that was left alone.
    private func takeUnanswered() async {
        guard let unanswered = self.unanswered.take() else { return }
        let (lane, result) = await unanswered.value
        if case .done = result { self.lane = lane } else { self.lane = nil }
    }

    /// A conversation of its own with each incarnation.
    private func makeLane() -> Lane {
        Lane(
            incarnation: self.incarnation,
            index: self.life.nextLane(),
            store: self.store,
            life: self.life,
            time: self.time,
            logger: self.logger
        )
    }
}
