import Logging
import ServiceLifecycle
import Supervision

/// Messages from a list, claimed and settled like jobs: each stays in flight under this process's lease until it is
/// acknowledged, and comes back if the process dies before.
///
/// One loop of one service owns an inbox. It waits out the store's absence. What its owner has received and not settled
/// when it lets go of the inbox, for instance because it threw, goes back to the list.
public final class Inbox {
    /// A message this process holds. Settle it by one of the inbox's methods.
    public struct Message: Sendable {
        /// The bytes as they were pushed.
        public let body: [UInt8]
        let token: Token
        let epoch: Int
    }

    /// A resumed list or a lost signal is noticed after this time at most.
    private static let waitTimeout = Duration.seconds(5)
    /// After a settlement whose destination could not be written.
    private static let pauseAfterFailedSettlement = Duration.seconds(1)

    private let source: Source
    private let store: any Store
    private let life: ProcessLife
    private let time: any Timekeeper
    private let logger: Logger
    private let laneIndex: Int
    private var lane: Lane?
    /// Claimed and not received yet, the oldest last.
    private var ready: [Message] = []
    /// Received and not settled yet, the oldest first.
    private var received: [Message] = []
    /// A claim that was left alone because it was time to stop before the store answered. What it brings goes back.
    private var unanswered: Task<(Lane, Lane.Result), Never>?
    private var outage: Outage

    init(list: String, environment: ServiceEnvironment, life: ProcessLife) {
        self.source = .list(list)
        self.store = environment.store
        self.life = life
        self.time = environment.time
        self.logger = environment.logger
        self.laneIndex = life.nextLane()
        self.outage = Outage(what: "wait for messages", logger: environment.logger)
    }

    /// While the process lives its lease does, and nobody else would find these messages.
    deinit {
        guard let lane, lane.incarnation == self.life.candidate else { return }
        let held = self.ready + self.received.reversed()
        guard !held.isEmpty else { return }
        let source = self.source
        let unanswered = self.unanswered
        let settlements = held.map { Settlement(token: $0.token, disposition: .giveBack, tally: .none) }
        // Unstructured: a deinitialiser waits for nobody.
        Task(executorPreference: self.time.executor) {
            var lane = await unanswered?.value.0 ?? lane
            _ = await lane.step(settling: settlements, claim: 0, from: [source])
        }
    }

    /// Waits for the next message, the oldest first.
    ///
    /// - Returns: Nil once the process goes quiet, or its service is told to stop or cancelled, also while the store is away;
    ///   then call ``close()``.
    public func receive() async -> Message? {
        while !Task.isCancelled, !Task.isShuttingDownGracefully, !self.life.isQuiet {
            if let message = self.takeReady() { return message }
            guard let incarnation = await self.registered() else { return nil }
            if await self.claim(as: incarnation) { continue }
            await self.waitForMore(as: incarnation)
        }
        return nil
    }

    /// The message was handled: it is gone. If the process dies before this, it comes again.
    public func acknowledge(_ message: Message) async {
        await self.settle(message, .done)
    }

    /// Moves the message to the tail of `list`, as `bytes`, in one step.
    public func deadLetter(_ message: Message, to list: String, as bytes: [UInt8]) async {
        await self.settle(message, .append(list: list, payload: bytes))
    }

    /// Puts the message back to the head of its list: it is the next to be received, here or elsewhere.
    public func giveBack(_ message: Message) async {
        await self.settle(message, .giveBack)
    }

    /// Puts back what was claimed and not received, in its order.
    public func close() async {
        while let message = self.ready.first {
            self.ready.removeFirst()
            await self.giveBack(message)
        }
    }
}

extension Inbox {
    /// The incarnation that holds the lease, mostly there is one; else the next one.
    private func registered() async -> Incarnation? {
        if let holder = self.life.holder { return holder }
        let life = self.life
        return await self.unlessStopped { await life.registered() } ?? nil
    }

    /// The oldest message at hand. Those of an incarnation that has ended are others' by now.
    private func takeReady() -> Message? {
        let epoch = self.life.candidate.epoch
        while let message = self.ready.popLast() {
            guard message.epoch == epoch else { continue }
            self.received.append(message)
            return message
        }
        return nil
    }

    private func settle(_ message: Message, _ disposition: Disposition) async {
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
    private func claim(as incarnation: Incarnation) async -> Bool {
        await self.settleUnanswered()
        let claim = self.begin(self.lane(for: incarnation), settling: [], claim: 1)
        guard let (lane, result) = await self.unlessStopped({ await claim.value }) else {
            self.unanswered = self.givingBack(claim)
            return true
        }
        guard self.accept(lane, result) != nil else { return true }
        return !self.ready.isEmpty
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
            let messages = claimed.map { Message(body: $0.payload, token: $0.token, epoch: epoch) }
            self.ready = messages.reversed() + self.ready
            return answers
        case .fenced, .cancelled:
            self.lane = nil
            self.ready = []
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

    /// What `body` returns; nil as soon as the process goes quiet, or the service is told to stop or cancelled. `body` hears
    /// that as its own cancellation, and is not waited for.
    private func unlessStopped<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value? {
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

    private func waitForMore(as incarnation: Incarnation) async {
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
