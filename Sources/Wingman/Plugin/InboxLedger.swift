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
    /// Claimed and not received, the oldest first.
    private(set) var ready: [Message] = []
    /// Claimed suspects, which are received alone, the oldest first.
    private(set) var suspects: [Message] = []
    private var acquittals = Acquittals()
    var lost: [Message] = []
    var curtailed: [Inbox.Settlement] = []
    private var lastID = 0
    private var epoch = 0

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

    /// Takes in what a claim brought. What came behind a suspect goes back, so that it is not received before it. Suspects
    /// behind an acquitted message are no matter before that has ended: they would have to wait for it, and all else for them.
    ///
    /// - Parameter areAlone: Whether suspects are to be received alone.
    mutating func claimed(_ claims: [Claimed], areAlone: Bool) {
        var isBehind = false
        var isFree = self.holdsAcquitted
        var returned: [Message] = []
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
            isBehind = isBehind || claim.crashes == 0 && !self.suspects.isEmpty
            isFree = isFree || self.suspects.isEmpty && self.acquittals.contains(message)
            if isBehind {
                returned.append(message)
            } else if areAlone, claim.crashes > 0, !isFree {
                self.suspects.append(message)
            } else {
                self.ready.append(message)
            }
        }
        self.giveBack(returned)
    }

    private var holdsAcquitted: Bool {
        self.ready.contains(where: self.acquittals.contains)
            || self.held.values.contains { self.acquittals.contains($0.message) }
    }

    /// The owner receives what is ready.
    mutating func receiveReady() -> [Message] {
        defer { self.ready = [] }
        for message in self.ready { self.held[message.id] = Held(message: message, isReceived: true) }
        return self.ready
    }

    /// The owner receives a suspect.
    mutating func receiveSuspect(_ token: Token) -> Message? {
        guard let index = self.suspects.firstIndex(where: { $0.token == token }) else { return nil }
        let message = self.suspects.remove(at: index)
        self.held[message.id] = Held(message: message, isReceived: true)
        return message
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
    /// What was claimed behind a message that goes back goes back as well, or it would be received before that one.
    mutating func add(_ settlements: [Inbox.Settlement]) {
        for settlement in settlements { self.add(settlement) }
        let returned = settlements.filter { if case .giveBack = $0.outcome { true } else { false } }.map(\.message.id)
        if let oldest = returned.min(), (self.ready + self.suspects).contains(where: { $0.id > oldest }) {
            self.giveBackUnreceived()
        }
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

    /// Messages that were not received go back.
    mutating func giveBackUnreceived() {
        let unreceived = self.suspects + self.ready
        self.suspects = []
        self.ready = []
        self.giveBack(unreceived)
    }

    /// Messages that are ready go back.
    mutating func giveBackReady() {
        guard let oldest = self.ready.first?.id else { return }
        // None of these may be received before it.
        if self.suspects.contains(where: { $0.id > oldest }) { return self.giveBackUnreceived() }
        let ready = self.ready
        self.ready = []
        self.giveBack(ready)
    }

    /// What was refused goes back, if it was not refused for going back.
    mutating func giveBackRefused() {
        for id in self.outbox {
            guard let held = self.held[id], held.tries > 0, let settlement = held.settlement else { continue }
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

    private mutating func giveBack(_ messages: [Message]) {
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
        self.suspects = []
    }

    // MARK: What is where

    /// Whether it holds messages whose end is not known: received, or to be settled. Refused ones have ended.
    var isBusy: Bool {
        !self.ready.isEmpty || self.held.values.contains { $0.settlement == nil || $0.tries == 0 }
    }

    /// Whether the owner has messages that it has not settled.
    var hasReceived: Bool { self.held.values.contains { $0.isReceived && $0.settlement == nil } }

    /// Whether it holds nothing.
    var isEmpty: Bool { self.held.isEmpty && self.ready.isEmpty && self.suspects.isEmpty }

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
        guard self.suspects.isEmpty else { return 0 }
        let refused = self.outbox.count { (self.held[$0]?.tries ?? 0) > 0 }
        return max(0, min(credit, Step.limit - refused))
    }
}
