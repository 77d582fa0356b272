import Logging
import ServiceLifecycle
import Supervision

/// Messages from lists, claimed and settled like jobs: each stays in flight under this process's lease until it is settled,
/// and comes back if the process dies before.
///
/// One loop of one service owns an inbox. Its simplest form takes one message after the other:
///
/// ```swift
/// func run() async throws {
///     let inbox = try self.environment.inbox(list: "letters")
///     while let message = try await inbox.receive() {
///         try await self.post(message.body)
///         try await inbox.settle(message, .done)
///     }
///     await inbox.close()
///     await untilStopped()
/// }
/// ```
///
/// A loop whose handlers run beside it uses ``exchange(_:upTo:)``, and its ``waker`` when a handler has ended.
///
/// The store's absence is waited out. What the owner has received and not settled when it lets go of the inbox, for instance
/// because it threw, goes back to the lists, in its order.
public final class Inbox {
    /// Ends the wait of ``exchange(_:upTo:)``, from anywhere.
    public let waker = InboxWaker()

    let sources: [Source]
    let keys: KeySpace
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger
    let holder: InboxHolder
    /// The only identity of the process under which this claims; nil is any.
    let pinned: ProcessID?
    var ledger: InboxLedger
    /// Whose messages the ledger has.
    var incarnation: Incarnation
    var lane: Lane?
    /// A claim that was left alone because it was time to stop before the store answered. What it brings goes back.
    var unanswered: Task<(Lane, Lane.Result), Never>?
    /// Whether messages were lost that no exchange has ended for.
    var hasNewLoss = false
    /// The last claim found nothing: nothing is claimed before the store says that something has come.
    var isDry = false
    /// The wait for something to come, and in whose name; after one that failed, when to wait again.
    var waitAgain: Duration?
    var wait: (process: ProcessID, errand: Errand<Result<Bool, any Error>>)?
    /// Whether something may land for it.
    var hasWaited = false
    /// The wait for a lease.
    var registration: Errand<Void>?
    var outage: Outage
    var isClosed = false
    /// Whether the owner was told that the process stands still.
    var knowsHold = false
    /// Whether everything was back in its list when it was closed.
    var isReturned = false
    private let fenceTicket: Int
    private let quietTicket: Int

    init(
        lists: [String],
        suspects: Suspects,
        order: Order = .ordered,
        pinned: ProcessID? = nil,
        environment: ServiceEnvironment,
        life: ProcessLife
    ) {
        self.pinned = pinned
        self.sources = lists.map { .list($0) }
        self.keys = environment.keys
        self.store = environment.store
        self.life = life
        self.time = environment.time
        self.logger = environment.logger
        self.outage = Outage(what: "wait for messages", logger: environment.logger)
        let bell = self.waker.bell
        self.holder = InboxHolder(bell: bell)
        self.ledger = InboxLedger(order, isolatesSuspects: suspects == .alone && environment.suspects != nil)
        self.incarnation = life.candidate
        self.fenceTicket = life.onFence { _ in bell.ring() }
        self.quietTicket = life.whenQuiet { bell.ring() }
        // One whose owner only moves messages on goes on while a suspect runs alone: else that one would stop them all.
        if suspects == .alone { self.holder.join(environment.suspects) }
        for list in lists { life.takesMessages(from: list) }
        _ = self.ledger.began(epoch: self.incarnation.epoch)
    }

    /// While the process lives its lease does, and nobody else would find these messages.
    deinit {
        self.life.forgetFence(self.fenceTicket)
        self.life.forgetQuiet(self.quietTicket)
        self.registration?.cancel()
        self.wait?.errand.cancel()
        self.holder.leave()
        guard !self.isClosed, let handBack = self.handBack() else { return }
        // Unstructured: a deinitialiser waits for nobody.
        Task(executorPreference: self.time.executor) { await handBack.run() }
    }

    /// Makes settlements and receives up to `credit` messages, the oldest first, in one step of the store (500 at most).
    ///
    /// With nothing to settle and nothing to receive it waits. Settlements outlive the store's absence and the
    /// cancellation of the caller: they are sent until the store answers.
    ///
    /// - Parameters:
    ///   - settlements: Ends of messages. Those of messages that are lost (see ``takeLost()``) are left out.
    ///   - credit: How many messages the caller can take now. With none it settles and waits.
    /// - Returns: The messages; none if there was only something to settle, if the ``waker`` was rung, or if messages were
    ///   lost or settlements refused (see ``refusals``). A suspect comes alone. Nil once the process is quiet, or the service
    ///   told to stop or cancelled: the settlements were made, nothing is received any more; settle the rest by
    ///   ``settle(_:)``, then call ``close()``.
    /// - Throws: ``ConfigurationError`` for effects on what is not the plugin's, before anything is settled; ``StoreError`` if
    ///   the store is there and keeps refusing to settle and claim: what was held belongs to others then; ``InboxFenced`` if
    ///   the inbox is one of an identity that has ended.
    public func exchange(_ settlements: [Settlement] = [], upTo credit: Int) async throws -> [Message]? {
        try self.note(settlements)
        while true {
            self.forgetFormerLife()
            try self.checkIdentity()
            for token in self.holder.takePutBack() { self.ledger.giveBackSuspect(token) }
            guard !self.isStopping else {
                try await self.wrapUp()
                return nil
            }
            if let message = self.receiveAlone() {
                // Everything waits for it: it is not kept by an owner that takes nothing now.
                if credit > 0 { return [message] }
                self.ledger.add([Settlement(message, .giveBack)])
            }
            let hasSettled = try await self.turn(credit)
            if self.isStopping { continue }
            let messages = self.receiveReady()
            if !messages.isEmpty || hasSettled || self.takeNewLoss() { return messages }
            if self.waker.takeRing() || self.takeNewHold() { return [] }
            await self.rest(credit)
        }
    }

    /// Whether the process stands still, since a suspect is to run alone: nothing is received before that, and it begins when
    /// nothing else is held. So the owner should give back what it has received and does not work on. An exchange returns
    /// when this begins.
    public var isHeld: Bool { self.holder.isHeld }

    /// Makes settlements, and receives nothing. Returns when the store has answered.
    ///
    /// - Throws: As ``exchange(_:upTo:)``.
    public func settle(_ settlements: [Settlement]) async throws {
        try self.note(settlements)
        self.forgetFormerLife()
        try self.checkIdentity()
        try await self.settleNoted()
    }

    /// Makes one settlement.
    ///
    /// - Throws: As ``exchange(_:upTo:)``.
    public func settle(_ message: Message, _ outcome: Outcome, effects: [Effect] = []) async throws {
        try await self.settle([Settlement(message, outcome, effects: effects)])
    }

    /// Waits for the next message, the oldest first: an exchange of one.
    ///
    /// - Returns: Nil once the process is quiet, or the service told to stop or cancelled; then call ``close()``.
    /// - Throws: As ``exchange(_:upTo:)``.
    public func receive() async throws -> Message? {
        while let messages = try await self.exchange(upTo: 1) {
            if let message = messages.first { return message }
        }
        return nil
    }

    /// Messages that were received and belong to others since the last call of this: the process had lost its lease. Their
    /// handlers should be cancelled; their settlements are left out.
    public func takeLost() -> [Message] { self.ledger.takeLost() }

    /// Settlements that were made without their ``Settlement/optionalEffects`` since the last call of this: the store refuses
    /// these, as their keys are of another kind, for instance.
    public func takeCurtailed() -> [Settlement] { self.ledger.takeCurtailed() }

    /// Settlements that the store refused so far. They are tried again after 1 s, 2 s … up to a minute, while other messages
    /// go on; with 500 of them nothing more is received.
    public var refusals: [Refusal] { self.ledger.refusals }

    /// Gives back all that is not settled, in its order, and ends the inbox.
    ///
    /// - Returns: Whether everything is back in its list. False if the store was away when it was time to leave: it is given
    ///   back when the store is there again, or comes back when the process has ended.
    @discardableResult
    public func close() async -> Bool {
        if !self.isClosed {
            self.isClosed = true
            let isReturned = await self.returnAll()
            // The next identity holds nothing; but what the one of this inbox held is only on its way back.
            self.isReturned = isReturned && (self.pinned == nil || self.pinned == self.incarnation.process)
        }
        return self.isReturned
    }
}
