internal import Wingman

/// What becomes due, and what is decided once among many.
extension MemoryState {
    private static let dueLimit = 1_000

    // MARK: Due jobs

    func due(in set: DueSet, limit: Int) -> DueReply {
        let entries = self.ordered[OrderedPlace(set), default: []]
        let ready = entries.prefix { $0.at <= self.seconds }
        let following = entries.dropFirst(ready.count).first
        return DueReply(
            entries: ready.prefix(min(max(limit, 0), Self.dueLimit)).map(\.payload),
            nextDue: following.map { .milliseconds(self.milliseconds(until: $0.at)) }
        )
    }

    private func milliseconds(until seconds: Double) -> Int {
        // A far future may be more than a number holds.
        Int(min(max(((seconds - self.seconds) * 1_000).rounded(.up), 0), 1e15))
    }

    mutating func promote(_ promotions: [Promotion], from set: DueSet) -> Int {
        let place = OrderedPlace(set)
        return promotions.count { promotion in
            guard self.takeDue(promotion.entry, from: place) else { return false }
            switch promotion {
            case .push(_, let queue, let payload): self.append(payload, to: .queue(queue))
            case .deliver(_, let list, let payload): self.append(payload, to: .list(list))
            case .drop: break
            case .bury(_, let payload): self.insert(payload, into: .dead, at: self.seconds)
            }
            return true
        }
    }

    private mutating func takeDue(_ payload: Bytes, from place: OrderedPlace) -> Bool {
        let entries = self.ordered[place, default: []]
        guard let index = entries.firstIndex(where: { $0.payload == payload && $0.at <= self.seconds }) else {
            return false
        }
        self.ordered[place]?.remove(at: index)
        return true
    }

    // MARK: Coordination

    mutating func lead(_ role: String, _ process: ProcessID, for duration: Duration) -> Int? {
        let end = self.now + max(1, duration.wholeMilliseconds) * 1_000
        if let leader = self.leaders[role] {
            guard leader.process == process else { return nil }
            self.leaders[role]?.expiry = end
            return leader.term
        }
        let term = self.terms[role, default: 0] + 1
        self.terms[role] = term
        self.leaders[role] = (process, term, end)
        return term
    }

    mutating func resign(_ role: String, _ process: ProcessID) {
        if self.leaders[role]?.process == process { self.leaders[role] = nil }
    }

    /// A schedule that is new or changed starts with the occurrence after the expected one; the call that records it
    /// never pushes.
    mutating func tick(_ tick: RecurringTick) -> RecurringReply {
        guard let record = self.recurring[tick.id], record.specification == tick.specification else {
            self.recurring[tick.id] = (tick.specification, tick.following)
            return .waiting(next: tick.following, now: self.milliseconds)
        }
        guard tick.expected == record.next, self.milliseconds >= record.next else {
            return .waiting(next: record.next, now: self.milliseconds)
        }
        self.push(tick.job)
        self.recurring[tick.id]?.next = tick.following
        return .pushed
    }
}

extension Promotion {
    var entry: [UInt8] {
        switch self {
        case .push(let entry, _, _), .deliver(let entry, _, _), .drop(let entry), .bury(let entry, _): entry
        }
    }
}
