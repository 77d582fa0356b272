internal import SupervisionTesting
import Wingman

/// What clients, pollers and people do with jobs.
extension ComparisonRun {
    mutating func push() async throws {
        let queue = self.random.pick(Self.queues)
        var texts: [String] = []
        for _ in 0..<self.random.number(1..<6) {
            if let last = self.lastPushed, self.random.chance(10) {
                texts.append(last)
                self.twins.insert(last)
            } else {
                texts.append(self.newJob())
            }
        }
        self.lastPushed = texts.last
        // A twin of one that is on its way to a set would be told from it there: only fresh jobs go to the schedule.
        let isLater = self.random.chance(20) && texts.allSatisfy { !self.twins.contains($0) }
        if isLater { self.lastPushed = nil }
        let delays = texts.indices.map { Double(self.random.pick([-30, 3, 40])) + Double($0) / 1_000 }
        self.ledger.accepted += texts.count
        let now = try await self.elapsed()
        try await self.ask("push \(texts) to \(queue)\(isLater ? " later" : "")") { side, _ in
            let jobs = zip(texts, delays).map { text, delay in
                let moment = Double(side.start + now) / 1_000 + delay
                return PushedJob(queue: queue, payload: text.bytes, runAt: isLater ? moment : nil)
            }
            try await side.store.enqueue(jobs)
        } brief: { _, _ in
            "pushed"
        }
        if self.random.chance(20) { try await self.pushMessage() }
    }

    private mutating func pushMessage() async throws {
        let message = self.newJob()
        self.ledger.accepted += 1
        try await self.ask("message \(message)") { side, _ in
            _ = try await side.store.apply(Change([.append(list: "requests", payload: message.bytes)]))
        } brief: { _, _ in
            "appended"
        }
    }

    /// The reference's clock, in milliseconds from the start; the others show the same.
    func elapsed() async throws -> Int {
        try await self.sides[0].now() - self.sides[0].start
    }

    /// Time goes by in which those that live beat.
    mutating func pass() async throws {
        for _ in 0..<self.random.number(1..<6) {
            try await self.advance(by: .seconds(3))
            for index in self.workers.indices.reversed() where self.random.chance(90) { try await self.beat(index) }
        }
    }

    // MARK: Due jobs

    mutating func promote() async throws {
        let set = self.random.pick(Self.dueSets)
        let due = try await self.dueEntries(set)
        let chosen = due[0].indices.filter { _ in self.random.chance(70) }
        var promotions = [[Promotion]](repeating: [], count: self.sides.count)
        var dropped = 0
        for index in chosen {
            let queue = self.random.pick(Self.queues)
            let choice = self.random.number(0..<10)
            if choice == 0 { dropped += 1 }
            for side in self.sides.indices {
                let entry = due[side][index].payload
                let move = Self.move(entry, of: set, to: queue)
                let burial = Promotion.bury(entry: entry, payload: entry)
                promotions[side].append(choice == 0 ? .drop(entry: entry) : choice == 1 ? burial : move)
            }
        }
        self.remember(.promote(promotions, set))
        try await self.promote(promotions, from: set)
        self.ledger.accepted -= dropped
    }

    /// Messages go back to their list, jobs into a queue.
    static func move(_ entry: [UInt8], of set: DueSet, to queue: String) -> Promotion {
        let payload = entry.text.base.bytes
        if case .later(let list) = set { return .deliver(entry: entry, list: list, payload: payload) }
        return .push(entry: entry, queue: queue, payload: payload)
    }

    /// What is due, of all sides, in one order; fails if a store does not say the oldest first.
    func dueEntries(_ set: DueSet) async throws -> [[Entry]] {
        var found: [[Entry]] = []
        for side in self.sides {
            let due = try await side.store.due(in: set, limit: 1_000).entries
            let all = try await side.store.entries(in: set.place, from: 0, limit: 10_000)
            let entries = Array(all.prefix(due.count))
            guard entries.map(\.payload) == due else {
                throw self.failure(
                    "\(side.store.location): due in \(set) is \(due.map(\.text)), its entries are \(all)"
                )
            }
            found.append(entries)
        }
        let texts = found.map { $0.map(\.payload.text.base) }
        guard texts.allSatisfy({ $0 == texts[0] }) else { throw self.failure("due in \(set): \(texts)") }
        return found
    }

    /// How many drops of a late promotion will find their entries.
    func dropping(_ promotions: [[Promotion]], from set: DueSet) async throws -> Int {
        let due = Set(try await self.dueEntries(set)[0].map(\.payload))
        return promotions[0].count { promotion in
            if case .drop(let entry) = promotion { return due.contains(entry) }
            return false
        }
    }

    // MARK: People

    mutating func pause() async throws {
        let queue = self.random.pick(Self.queues)
        let isPaused = self.paused.remove(queue) == nil
        if isPaused { self.paused.insert(queue) }
        try await self.setPaused(isPaused, queue)
    }

    mutating func setPaused(_ isPaused: Bool, _ queue: String) async throws {
        try await self.ask("\(isPaused ? "pause" : "resume") \(queue)") { side, _ in
            try await side.store.setPaused(isPaused, queue: queue)
        } brief: { _, _ in
            "done"
        }
    }

    mutating func edit() async throws {
        let lists: [Place] = Self.queues.map { .queue($0) } + [.list("requests"), .list("letters")]
        let places = lists + [.retry, .schedule, .later("requests"), .dead, .quarantine]
        let place = self.random.pick(places)
        let entries = try await self.entries(in: place)
        let names = entries[0].map(\.payload.text.base)
        // Which of equal ones goes is the store's affair.
        let choices = names.indices.filter { index in names.count { $0 == names[index] } == 1 }
        guard !choices.isEmpty else { return }
        let index = self.random.pick(choices)
        let isTwin = self.twins.contains(names[index])
        let destination = self.random.pick(isTwin ? lists : places)
        let isDeleted = self.random.chance(30)
        let isGone = self.random.chance(15)
        let delay = Double(self.random.pick([-20, 4, 60]))
        let now = try await self.elapsed()
        let found = try await self.ask(
            "edit \(isGone ? "what is not there" : names[index]) of \(place) to \(isDeleted ? "nothing" : "\(destination)")"
        ) {
            side,
            number in
            let entry = isGone ? Entry(payload: "never there".bytes) : entries[number][index]
            let moved = Entry(payload: names[index].bytes, at: Double(side.start + now) / 1_000 + delay)
            let edits = isDeleted ? [EntryEdit.delete(entry)] : [.move(entry, to: destination, as: moved)]
            return try await side.store.edit(edits, in: place)
        } brief: { found, _ in
            "\(found)"
        }
        if isDeleted { self.ledger.accepted -= found?[0] ?? 0 }
    }

    // MARK: Coordination

    /// Leads for a while, or gives leadership up.
    mutating func lead() async throws {
        let process = ProcessID(rawValue: self.random.pick(["a:1:x", "b:1:x", "c:1:x"]))
        let duration = Duration.seconds(self.random.pick([10, 30]))
        let terms = try await self.ask("lead \(process)") { side, _ in
            try await side.store.lead("role", process: process, for: duration)
        } brief: { term, _ in
            "\(term as Any)"
        }
        if case .some(.some) = terms?[0] { self.expiries.giveOffice(for: duration) }
        guard self.random.chance(30) else { return }
        try await self.ask("resign \(process)") { side, _ in
            try await side.store.resign("role", process: process)
        } brief: { _, _ in
            "done"
        }
    }
}
