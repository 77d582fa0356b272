import Logging
import ServiceLifecycle
import Supervision

/// How an inbox claims and settles, and what it does not wait for.
extension Inbox {
    /// A resumed list or a lost signal is noticed after this time at most.
    private static let waitTimeout = Duration.seconds(5)
    /// For a claim under way when it is time to stop: a store that is there answers sooner.
    private static let lastAnswerLimit = Duration.seconds(1)
    /// After a settlement whose destination could not be written.
    private static let pauseAfterFailedSettlement = Duration.seconds(1)

    /// The incarnation that holds the lease, mostly there is one; else the next one.
    func registered() async -> Incarnation? {
        if let holder = self.life.holder { return holder }
        let life = self.life
        return await self.unlessStopped { await life.registered() } ?? nil
    }

    /// The oldest message at hand. Those of an incarnation that has ended are others' by now.
    func takeReady() -> Message? {
        let epoch = self.life.candidate.epoch
        while let message = self.ready.popLast() {
            guard message.epoch == epoch else { continue }
            self.received.append(message)
            return message
        }
        return nil
    }

    /// The suspect that may run now.
    func takeAlone() -> Message? {
        guard let token = self.holder.takeAlone() else { return nil }
        defer { self.tellHolder() }
        guard let index = self.suspects.firstIndex(where: { $0.token == token }) else { return nil }
        let message = self.suspects.remove(at: index)
        self.received.append(message)
        return message
    }

    /// Gives back what has not been received, and waits until there is something to do again.
    func holdStill() async {
        await self.returnReady()
        let holder = self.holder
        _ = await self.unlessStopped { await holder.untilMoved() }
    }

    /// Puts back what was claimed and not received, in its order.
    func returnReady() async {
        while let message = self.ready.first {
            self.ready.removeFirst()
            await self.giveBack(message)
        }
    }

    /// A claim under way is over by now, or was left alone.
    func tellHolder() {
        self.holder.holds(
            isBusy: !self.ready.isEmpty || !self.received.isEmpty || self.unanswered != nil,
            waiting: self.suspects.map(\.token)
        )
    }

    func settle(_ message: Message, _ disposition: Disposition) async {
        defer { self.tellHolder() }
        self.received.removeAll { $0.token == message.token }
        let settlement = Settlement(token: message.token, disposition: disposition, tally: .none)
        while true {
            // A message of an earlier incarnation is another's by now; its token would be refused as stale.
            await self.settleUnanswered()
            guard let lane, lane.incarnation == self.life.candidate, lane.incarnation.epoch == message.epoch else {
                return
            }
            guard let answers = await self.step(lane, settling: [settlement], claim: 0) else { return }
            guard case .failed(let reason)? = answers.first else { return }
            self.logger.error("a message could not be settled, trying again", metadata: ["error": "\(reason)"])
            do {
                try await self.time.sleep(for: Self.pauseAfterFailedSettlement)
            } catch {
                // Whoever lets go of the inbox next gives it back.
                self.received.append(message)
                return
            }
        }
    }

    /// Claims what is there. A claim that the store has not answered when it is time to stop is not waited for.
    ///
    /// - Returns: True if something came, the incarnation changed or it is time to stop: look again at once.
    func claim(as incarnation: Incarnation) async -> Bool {
        await self.settleUnanswered()
        let claim = self.begin(self.lane(for: incarnation), settling: [], claim: 1)
        guard let (lane, result) = await self.unlessStopped({ await claim.value }) else {
            self.unanswered = self.givingBack(claim)
            return true
        }
        guard self.accept(lane, result) != nil else { return true }
        return !self.ready.isEmpty || !self.suspects.isEmpty
    }

    /// Makes one step and keeps what it brings.
    ///
    /// - Returns: The answers; nil if the incarnation has ended.
    private func step(_ lane: Lane, settling settlements: [Settlement], claim: Int) async -> [SettleAnswer]? {
        let (after, result) = await self.begin(lane, settling: settlements, claim: claim).value
        return self.accept(after, result)
    }

    /// Begins a step in a task of its own, which does not hear the caller's cancellation: what an unanswered step has done
    /// nobody could tell, and the messages in it would wait as long as this process lives.
    private func begin(_ lane: Lane, settling settlements: [Settlement], claim: Int) -> Task<(Lane, Lane.Result), Never>
    {
        let source = self.source
        // Unstructured, so that the cancellation of the service does not reach the step; off the pool, so that computing
        // jobs do not delay it.
        return Task(executorPreference: self.time.executor) {
            var lane = lane
            let result = await lane.step(settling: settlements, claim: claim, from: [source])
            return (lane, result)
        }
    }

    private func accept(_ after: Lane, _ result: Lane.Result) -> [SettleAnswer]? {
        switch result {
        case .done(let answers, let claimed, _):
            self.lane = after
            let epoch = after.incarnation.epoch
            let messages = claimed.map {
                Message(body: $0.payload, crashes: $0.crashes, token: $0.token, epoch: epoch)
            }
            let isSuspect: (Message) -> Bool = { [isGuarded = self.holder.isGuarded] in isGuarded && $0.crashes > 0 }
            self.suspects += messages.filter(isSuspect)
            self.ready = messages.filter { !isSuspect($0) }.reversed() + self.ready
            return answers
        case .fenced, .broken, .cancelled:
            self.lane = nil
            self.ready = []
            self.suspects = []
            return nil
        }
    }

    /// Waits for `claim`, which nobody else does any more, and puts back what it brings.
    private func givingBack(_ claim: Task<(Lane, Lane.Result), Never>) -> Task<(Lane, Lane.Result), Never> {
        let source = self.source
        // Unstructured: whoever made the claim does not wait for it. It ends with the store's answer or with the process.
        return Task(executorPreference: self.time.executor) {
            var (lane, result) = await claim.value
            if case .done(_, let claimed, _) = result, !claimed.isEmpty {
                let settlements = claimed.reversed().map {
                    Settlement(token: $0.token, disposition: .giveBack, tally: .none)
                }
                result = await lane.step(settling: settlements, claim: 0, from: [source])
            }
            return (lane, result)
        }
    }

    /// A lane has one step in flight: the next one waits for the claim that was left alone.
    private func settleUnanswered() async {
        guard let unanswered = self.unanswered.take() else { return }
        let (lane, result) = await unanswered.value
        _ = self.accept(lane, result)
    }

    /// Waits for what the claim that was left alone brings to be back in its list; not long, since the store may be away.
    func awaitLastAnswer() async {
        guard let unanswered = self.unanswered else { return }
        let (answers, continuation) = AsyncStream.makeStream(of: Void.self)
        // Unstructured, since a store that is away answers when it is back.
        Task(executorPreference: self.time.executor) {
            _ = await unanswered.value
            continuation.finish()
        }
        let limit = self.time.schedule(after: Self.lastAnswerLimit) { continuation.finish() }
        defer { limit.cancel() }
        for await _ in answers {}
    }

    /// What `body` returns; nil as soon as the process goes quiet, or the service is told to stop or cancelled. `body` hears
    /// that as its own cancellation, and is not waited for.
    func unlessStopped<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value? {
        let (answers, continuation) = AsyncStream.makeStream(of: Value.self)
        // Unstructured, since a store that is away answers when it is back, and this returns before.
        let task = Task(executorPreference: self.time.executor) { continuation.yield(await body()) }
        let ticket = self.life.whenQuiet { continuation.finish() }
        defer {
            self.life.forgetQuiet(ticket)
            task.cancel()
        }
        return await withGracefulShutdownHandler {
            for await answer in answers { return answer }
            return nil
        } onGracefulShutdown: {
            continuation.finish()
        }
    }

    private func lane(for incarnation: Incarnation) -> Lane {
        if let lane, lane.incarnation == incarnation { return lane }
        self.ready = []
        self.suspects = []
        self.received = []
        return Lane(
            incarnation: incarnation,
            index: self.laneIndex,
            store: self.store,
            life: self.life,
            time: self.time,
            logger: self.logger
        )
    }

    func waitForMore(as incarnation: Incarnation) async {
        let (store, source) = (self.store, self.source)
        let failure = await self.unlessStopped { () -> (any Error)? in
            do {
                _ = try await store.wait(for: [source], process: incarnation.process, timeout: Self.waitTimeout)
                return nil
            } catch {
                return error
            }
        }
        switch failure {
        case nil: return  // told to stop: the loop sees it
        case .some(nil): self.outage.end(at: self.time.now)
        case .some(let error?):
            let delay = self.outage.failed(error, at: self.time.now)
            let time = self.time
            _ = await self.unlessStopped { try? await time.sleep(for: delay) }
        }
    }
}
