import Logging
import Supervision

/// Messages from a list, claimed and settled like jobs: each stays in flight under this process's lease until it is
/// acknowledged, and comes back if the process dies before.
///
/// One loop of one service owns an inbox. It waits out the store's absence.
public final class Inbox {
    /// A message this process holds. Settle it by one of the inbox's methods.
    public struct Message: Sendable {
        /// The bytes as they were pushed.
        public let body: [UInt8]
        let token: Token
        let epoch: Int
    }

    /// Lanes of inboxes are numbered from here, those of capsules from 1.
    private static let firstLane = 1_000

    private let source: Source
    private let store: any Store
    private let life: ProcessLife
    private let time: any Timekeeper
    private let logger: Logger
    private let laneIndex: Int
    private var lane: Lane?
    private var ready: [Message] = []

    init(list: String, environment: ServiceEnvironment, life: ProcessLife) {
        self.source = .list(list)
        self.store = environment.store
        self.life = life
        self.time = environment.time
        self.logger = environment.logger
        self.laneIndex = life.nextLane(from: Self.firstLane)
    }

    /// Waits for the next message, the oldest first.
    ///
    /// - Returns: Nil once the process goes quiet or stops, or the task is cancelled; then call ``close()``.
    public func receive() async -> Message? {
        while !Task.isCancelled, !self.life.isQuiet {
            if let message = self.ready.popLast() { return message }
            guard let incarnation = await self.life.registered() else { return nil }
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

    private func settle(_ message: Message, _ disposition: Disposition) async {
        // A message of an earlier incarnation is another's by now; its token would be refused as stale.
        guard var lane, lane.incarnation.epoch == message.epoch else { return }
        let settlement = Settlement(token: message.token, disposition: disposition, tally: .none)
        while true {
            let result = await lane.step(settling: [settlement], claim: 0, from: [self.source])
            self.lane = lane
            guard case .done(let answers, let claimed, _) = result else { return self.lane = nil }
            self.keep(claimed, epoch: lane.incarnation.epoch)
            guard case .failed(let reason)? = answers.first else { return }
            self.logger.error("a message could not be settled, trying again", metadata: ["error": "\(reason)"])
            try? await self.time.sleep(for: .seconds(1))
            if Task.isCancelled { return }
        }
    }

    /// Claims what is there.
    ///
    /// - Returns: True if something came or the incarnation changed: look again at once.
    private func claim(as incarnation: Incarnation) async -> Bool {
        var lane = self.lane(for: incarnation)
        let result = await lane.step(settling: [], claim: 1, from: [self.source])
        guard case .done(_, let claimed, _) = result else {
            self.lane = nil
            self.ready = []
            return true
        }
        self.lane = lane
        self.keep(claimed, epoch: incarnation.epoch)
        return !claimed.isEmpty
    }

    private func keep(_ claimed: [Claimed], epoch: Int) {
        let messages = claimed.map { Message(body: $0.payload, token: $0.token, epoch: epoch) }
        self.ready = messages.reversed() + self.ready
    }

    private func lane(for incarnation: Incarnation) -> Lane {
        if let lane, lane.incarnation == incarnation { return lane }
        self.ready = []
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
        do {
            _ = try await self.store.wait(for: [self.source], process: incarnation.process, timeout: .seconds(5))
        } catch {
            try? await self.time.sleep(for: .milliseconds(500))
        }
    }
}
