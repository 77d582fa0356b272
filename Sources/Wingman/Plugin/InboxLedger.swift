/// What an inbox holds, and what is to become of it: a value that decides, for ``Inbox`` to act on.
///
/// A message is claimed, then received by the owner (or set aside as a suspect, or returned), then settled; each is in one
/// place. All of one incarnation: with the next one everything is somebody else's.
struct InboxLedger {
    typealias Message = Inbox.Message

    /// A message that was received or is on its way back.
    struct Held {
        let message: Message
        /// Whether the owner knows it.
        let isReceived: Bool
        var settlement: Inbox.Settlement?
        /// Of the present settlement.
        var tries = 0
        var reason = ""
        /// Not to be tried again before this.
        var due = Duration.zero
        /// Whether the next try leaves the optional effects out.
        var isCurtailed = false
    }

    var held: [Int: Held] = [:]
    /// Messages with a settlement that was not made yet, in the order of settling.
    var outbox: [Int] = []
    /// What is claimed and not received is ready to be received,
    var ready: [Message] = []
    /// or is kept back: suspects, which are received alone, and what may not come before them. Both the oldest first.
    var waiting: [Message] = []
    private var acquittals = Acquittals()
    var lost: [Message] = []
    var curtailed: [Inbox.Settlement] = []
    let order: Inbox.Order
    /// Whether suspects are received alone.
    private let isolatesSuspects: Bool
    private var lastID = 0
    private var epoch = 0

    init(_ order: Inbox.Order = .ordered, isolatesSuspects: Bool = true) {
        self.order = order
        self.isolatesSuspects = isolatesSuspects
    }

    // MARK: Claiming

    /// Another incarnation than `epoch` holds nothing of this any more.
    ///
    /// - Returns: Whether the owner has lost a message.
    mutating func began(epoch: Int) -> Bool {
        guard self.epoch != epoch else { return false }
        self.epoch = epoch
        let gone = self.held.values.filter(\.isReceived).map(\.message).sorted { $0.id < $1.id }
        self.lost += gone
        self.forgetAll()
        return !gone.isEmpty
    }

    /// Takes in what a claim brought.
    mutating func claimed(_ claims: [Claimed]) {
        var lines = Set(self.waiting.compactMap(self.order.line))
        for claim in claims {
            self.lastID += 1
            let message = Message(
                id: self.lastID,
                body: claim.payload,
                crashes: claim.crashes,
                list: claim.source.name,
                token: claim.token,
                epoch: self.epoch
            )
            if self.isSuspect(message) {
                self.waiting.append(message)
                if let line = self.order.line(of: message) { lines.insert(line) }
            } else if !lines.isEmpty, let line = self.order.line(of: message), lines.contains(line) {
                self.waiting.append(message)
            } else {
                self.ready.append(message)
            }
        }
    }

    func isSuspect(_ message: Message) -> Bool {
        self.isolatesSuspects && message.crashes > 0 && !self.acquittals.contains(message)
    }

    /// The owner receives what is ready.
    mutating func receiveReady() -> [Message] {
        self.moveOnWaiting()
        defer { self.ready = [] }
        for message in self.ready { self.held[message.id] = Held(message: message, isReceived: true) }
        return self.ready
    }

    /// The messages the owner has lost since the last call.
    mutating func takeLost() -> [Message] {
        defer { self.lost = [] }
        return self.lost
    }

    /// The settlements that were made without their optional effects since the last call.
    mutating func takeCurtailed() -> [Inbox.Settlement] {
        defer { self.curtailed = [] }
        return self.curtailed
    }

    // MARK: Settling

    /// The owner settles messages; those it does not hold (any more) are left out. The last word on a message counts.
    ///
    /// What was claimed behind a message that goes back, in the same line, goes back as well: it would be received before it.
    mutating func add(_ settlements: [Inbox.Settlement]) {
        for settlement in settlements { self.add(settlement) }
        self.giveBackBehind(
            settlements.filter { if case .giveBack = $0.outcome { true } else { false } }.map(\.message)
        )
        self.sortOutbox()
    }

    private mutating func add(_ settlement: Inbox.Settlement) {
        let id = settlement.message.id
        guard var held = self.held[id], held.message.token == settlement.message.token else { return }
        if held.settlement == nil { self.outbox.append(id) }
        self.acquittals.judge(settlement)
        held.settlement = settlement
        held.tries = 0
        held.due = .zero
        held.isCurtailed = false
        self.held[id] = held
    }

    /// What was refused goes back, if it was not refused for going back.
    mutating func giveBackRefused() {
        for id in self.outbox {
            guard let held = self.held[id], held.tries > 0, let settlement = held.settlement else { continue }
            // Without its optional effects it may be made yet.
            if held.isCurtailed { continue }
            if case .giveBack = settlement.outcome, settlement.effects.isEmpty { continue }
            self.add(Inbox.Settlement(held.message, .giveBack))
        }
        self.sortOutbox()
    }

    /// Everything goes back that has no settlement; what was refused goes back, too, if it is refused once more.
    mutating func giveBackAll() {
        self.giveBackUnreceived()
        self.giveBack(self.held.values.filter { $0.settlement == nil }.map(\.message))
        for id in self.outbox { self.held[id]?.due = .zero }
    }

    mutating func giveBack(_ messages: [Message]) {
        for message in messages {
            if self.held[message.id] == nil { self.held[message.id] = Held(message: message, isReceived: false) }
            self.add(Inbox.Settlement(message, .giveBack))
        }
        self.sortOutbox()
    }

    /// What goes back comes last, the newest first: each goes to the head of its list.
    private mutating func sortOutbox() {
        var (others, returned): ([Int], [Int]) = ([], [])
        for id in self.outbox {
            if case .giveBack? = self.held[id]?.settlement?.outcome { returned.append(id) } else { others.append(id) }
        }
        self.outbox = others + returned.sorted(by: >)
    }

    /// Everything is somebody else's affair, but what was lost, and what has ended.
    mutating func forgetAll() {
        self.held = [:]
        self.outbox = []
        self.ready = []
        self.waiting = []
    }

    // MARK: What is where

    /// Whether it holds messages whose end is not known: received, or to be settled. Refused ones have ended.
    var isBusy: Bool {
        !self.ready.isEmpty || self.waiting.contains { !self.isSuspect($0) }
            || self.held.values.contains { $0.settlement == nil || $0.tries == 0 }
    }

    /// Whether the owner has messages that it has not settled.
    var hasReceived: Bool { self.held.values.contains { $0.isReceived && $0.settlement == nil } }

    /// Whether it holds nothing.
    var isEmpty: Bool { self.held.isEmpty && self.ready.isEmpty && self.waiting.isEmpty }

    /// Settlements that were refused so far, the oldest message first.
    var refusals: [Inbox.Refusal] {
        self.outbox.sorted().compactMap { id in
            guard let held = self.held[id], held.tries > 0, let settlement = held.settlement else { return nil }
            return Inbox.Refusal(settlement: settlement, reason: held.reason, tries: held.tries)
        }
    }

    /// When the next refused settlement is to be tried again.
    var nextTry: Duration? { self.outbox.compactMap { self.held[$0]?.due }.min() }

    /// How many may be claimed of the `credit` given. What was refused counts: a destination that stays unwritable must not
    /// fill the process.
    func claim(of credit: Int) -> Int {
        // Whatever came would wait as well.
        if case .ordered = self.order, !self.waiting.isEmpty { return 0 }
        let refused = self.outbox.count { (self.held[$0]?.tries ?? 0) > 0 }
        return max(0, min(credit - self.waiting.count, Step.limit - refused))
    }
}
