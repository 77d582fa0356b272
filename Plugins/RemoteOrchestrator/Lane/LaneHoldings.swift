import Wingman

/// What one lane of this process holds, and what may be begun: the state of ``LaneWork``.
struct LaneHoldings {
    struct Item {
        let message: Inbox.Message
        var lane: LaneMessage
        /// Nil while it does not run.
        var attempt: Attempt?
    }

    var queue: LaneQueue
    var items: [Int: Item] = [:]
    var settlements: [Inbox.Settlement] = []
    var isPaused: Bool
    /// The service does not run: nothing begins before it does.
    var isSuspended = false
    var isClosing = false
    /// Something was not begun, since the process could not be sure of its lease.
    var lacksLease = false
    /// When messages that rested may be tried again, which went back meanwhile: by whom they are.
    var rests: [String: Duration] = [:]

    var mayStart: Bool { !self.isPaused && !self.isSuspended && !self.isClosing }

    /// Whether a message is on its way back to the head of its list: nothing newer may be begun before it has come again.
    var isReturning: Bool {
        self.settlements.contains { if case .giveBack = $0.outcome { true } else { false } }
    }

    /// All that does not run goes back to its lists; the inbox keeps the order.
    ///
    /// - Returns: How many.
    mutating func returnIdle() -> Int {
        let rests = self.queue.rests
        let resting = Set(rests.map(\.ticket))
        for (ticket, time) in rests {
            if let item = self.items[ticket] { self.note(item.lane, rests: time) }
        }
        let tickets = self.queue.takeIdle()
        for ticket in tickets {
            guard let item = self.items.removeValue(forKey: ticket) else { continue }
            var settlement = Inbox.Settlement(item.message, .giveBack)
            // It rests since it was tried.
            settlement.isAcquitted = resting.contains(ticket)
            self.settlements.append(settlement)
        }
        return tickets.count
    }

    /// A message that rests goes back: if it comes again here, it rests on.
    mutating func note(_ message: LaneMessage, rests time: Duration) { self.rests[message.parcel.holder] = time }

    /// How long a message has to rest on that has come again; nil if it may be tried.
    mutating func takeRest(of message: LaneMessage, at now: Duration) -> Duration? {
        self.rests = self.rests.filter { $0.value > now }
        return self.rests.removeValue(forKey: message.parcel.holder)
    }
}
