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
        /// How many deaths of processes it is suspected of: it is received alone then, when this process holds nothing else.
        /// Three are proof: whoever receives it should put it away.
        public let crashes: Int
        let token: Token
        let epoch: Int
    }

    let source: Source
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger
    let laneIndex: Int
    var lane: Lane?
    /// Claimed and not received yet, the oldest last.
    var ready: [Message] = []
    /// Claimed suspects, which are received when the process holds nothing else.
    var suspects: [Message] = []
    /// Received and not settled yet, the oldest first.
    var received: [Message] = []
    /// A claim that was left alone because it was time to stop before the store answered. What it brings goes back.
    var unanswered: Task<(Lane, Lane.Result), Never>?
    var outage: Outage
    let holder = InboxHolder()

    init(list: String, environment: ServiceEnvironment, life: ProcessLife) {
        self.source = .list(list)
        self.store = environment.store
        self.life = life
        self.time = environment.time
        self.logger = environment.logger
        self.laneIndex = life.nextLane()
        self.outage = Outage(what: "wait for messages", logger: environment.logger)
        self.holder.join(environment.suspects)
        life.takesMessages(from: list)
    }

    /// While the process lives its lease does, and nobody else would find these messages.
    deinit {
        self.holder.leave()
        guard let lane, lane.incarnation == self.life.candidate else { return }
        let held = self.ready + self.suspects.reversed() + self.received.reversed()
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
            if let message = self.takeAlone() { return message }
            // A suspect is to run alone, here or elsewhere in the process.
            guard !self.holder.isHeld else {
                await self.holdStill()
                continue
            }
            if let message = self.takeReady() { return message }
            guard let incarnation = await self.registered() else { return nil }
            guard self.holder.mayClaim() else { continue }
            let hasMore = await self.claim(as: incarnation)
            self.tellHolder()
            if hasMore { continue }
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

    /// Puts back what was claimed and not received, in its order. What a store that is away has not answered it puts back
    /// when it does.
    public func close() async {
        await self.awaitLastAnswer()
        await self.returnReady()
        while let message = self.suspects.popLast() { await self.giveBack(message) }
    }
}
