/// Suspects wait until they are received alone, each in its place: nothing of its line comes before it, and it comes before
/// nothing that is older. So one that waits for an older message of its line keeps nobody else waiting.
extension InboxLedger {
    /// The suspects that may be received once they may be alone: the next of their lines.
    var nextSuspects: [Message] {
        guard !self.waiting.isEmpty else { return [] }
        let received = self.held.values.filter { $0.settlement == nil }.map(\.message)
        var lines = Set((self.ready + received).compactMap(self.order.line))
        return self.waiting.filter { message in
            let isNext = self.order.line(of: message).map { lines.insert($0).inserted } ?? true
            return isNext && self.isSuspect(message)
        }
    }

    /// The owner receives a suspect.
    mutating func receiveSuspect(_ token: Token) -> Message? {
        guard let index = self.waiting.firstIndex(where: { $0.token == token }) else { return nil }
        let message = self.waiting.remove(at: index)
        self.held[message.id] = Held(message: message, isReceived: true)
        return message
    }

    /// What waits for no suspect any more is ready.
    mutating func moveOnWaiting() {
        guard !self.waiting.isEmpty else { return }
        var lines: Set<String> = []
        var waiting: [Message] = []
        for message in self.waiting {
            let line = self.order.line(of: message)
            guard self.isSuspect(message) || line.map(lines.contains) == true else {
                self.ready.append(message)
                continue
            }
            waiting.append(message)
            if let line { lines.insert(line) }
        }
        self.waiting = waiting
    }

    // MARK: Giving back

    /// All that was not received goes back.
    mutating func giveBackUnreceived() {
        self.takeBack(self.unreceived { _ in true })
    }

    /// All that was not received goes back, but suspects that may stay: a suspect is to run alone.
    mutating func giveBackReady() {
        self.takeBack(self.unreceived { !self.isSuspect($0) })
    }

    /// A suspect that the store does not know of goes back.
    mutating func giveBackSuspect(_ token: Token) {
        self.takeBack(self.unreceived { $0.token == token })
    }

    /// What was claimed behind messages that go back goes back.
    mutating func giveBackBehind(_ messages: [Message]) {
        guard !messages.isEmpty, !self.ready.isEmpty || !self.waiting.isEmpty else { return }
        var oldest: [String: Int] = [:]
        for message in messages {
            guard let line = self.order.line(of: message) else { continue }
            oldest[line] = min(oldest[line] ?? message.id, message.id)
        }
        let behind = self.unreceived { message in
            guard let line = self.order.line(of: message), let oldest = oldest[line] else { return false }
            return oldest < message.id
        }
        self.takeBack(behind)
    }

    /// Those that `isReturned` tells, and what is behind them in their lines.
    private func unreceived(_ isReturned: (Message) -> Bool) -> [Message] {
        var lines: Set<String> = []
        return (self.ready + self.waiting).sorted { $0.id < $1.id }.filter { message in
            let line = self.order.line(of: message)
            guard isReturned(message) || line.map(lines.contains) == true else { return false }
            if let line { lines.insert(line) }
            return true
        }
    }

    private mutating func takeBack(_ unreceived: [Message]) {
        let ids = Set(unreceived.map(\.id))
        self.ready.removeAll { ids.contains($0.id) }
        self.waiting.removeAll { ids.contains($0.id) }
        self.giveBack(unreceived)
    }
}
