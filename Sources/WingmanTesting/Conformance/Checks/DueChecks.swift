import Wingman

extension StoreConformance {
    /// From the sets into the queues.
    static var due: [Check] {
        [
            Check("Due entries come oldest first, up to a limit, and the wait for the next is told", Self.order),
            Check("A promotion moves an entry once, whoever asks how often") { bench in
                for set in DueSet.jobs + [.later("l")] {
                    try await bench.delay("a", in: set, by: .zero)
                    let promotion = [
                        Promotion.push(entry: try await bench.firstDue(set), queue: "q", payload: "new".bytes)
                    ]
                    let other = try await bench.fixture.open()
                    try expect("moved", try await bench.store.promote(promotion, from: set), is: 1)
                    try expect("moved again", try await bench.store.promote(promotion, from: set), is: 0)
                    try expect("moved by another", try await other.promote(promotion, from: set), is: 0)
                    await other.close()
                    try await bench.expectQueue(["new"], .queue("q"))
                }
            },
            Check("Pollers at the same time move each entry once", Self.race),
            Check("Promoted jobs stand behind what is in their queues, in the order of the promotions") { bench in
                try await bench.push("first", to: "q")
                try await bench.delay("a", in: .schedule, by: .zero)
                try await bench.delay("b", in: .schedule, by: .zero)
                let entries = try await bench.store.due(in: .schedule, limit: 5).entries
                let promotions = entries.map { Promotion.push(entry: $0, queue: "q", payload: $0) }
                try expect("moved", try await bench.store.promote(promotions, from: .schedule), is: 2)
                try await bench.push("last", to: "q")
                try await bench.expectQueue(["first", "a", "b", "last"], .queue("q"))
            },
            Check("An entry that is not due is not promoted, dropped or buried") { bench in
                try await bench.delay("a", in: .retry, by: .seconds(60))
                let entry = "a".bytes
                let promotions: [Promotion] = [
                    .push(entry: entry, queue: "q", payload: entry), .drop(entry: entry),
                    .bury(entry: entry, payload: entry),
                ]
                try expect("moved", try await bench.store.promote(promotions, from: .retry), is: 0)
                try expect("places", try await bench.store.counts().places, is: ["retry": 1])
            },
            Check("An entry that is not in the set is not promoted") { bench in
                let promotions: [Promotion] = [
                    .push(entry: "x".bytes, queue: "q", payload: "x".bytes), .drop(entry: "x".bytes),
                    .bury(entry: "x".bytes, payload: "x".bytes),
                ]
                for set in DueSet.jobs + [.later("l")] {
                    try expect("moved", try await bench.store.promote(promotions, from: set), is: 0)
                }
                try expect("places", try await bench.store.counts().places, is: [:])
                try expect("of none", try await bench.store.promote([], from: .retry), is: 0)
            },
            Check("A dropped entry is gone, a buried one is dead as what it was made") { bench in
                try await bench.delay("a", in: .schedule, by: .zero)
                try expect("moved", try await bench.store.promote([.drop(entry: "a".bytes)], from: .schedule), is: 1)
                try expect("places", try await bench.store.counts().places, is: [:])
                try await bench.delay("b", in: .schedule, by: .zero)
                let burial = Promotion.bury(entry: "b".bytes, payload: "c".bytes)
                try expect("moved", try await bench.store.promote([burial], from: .schedule), is: 1)
                let dead = try await bench.store.entries(in: .dead, from: 0, limit: 9).map(\.payload)
                try expect("the dead", dead, is: ["c".bytes])
                try expect("places", try await bench.store.counts().places, is: ["dead": 1])
            },
            Check("The sets are apart: an entry of one is not found in the other") { bench in
                try await bench.delay("a", in: .retry, by: .zero)
                try expect("due", try await bench.store.due(in: .schedule, limit: 5).entries.count, is: 0)
                try expect("moved", try await bench.store.promote([.drop(entry: "a".bytes)], from: .schedule), is: 0)
                try expect("places", try await bench.store.counts().places, is: ["retry": 1])
            },
            Check("A thousand due entries come in portions, none twice or missed", Self.portions),
        ]
    }

    @Sendable private static func order(_ bench: Bench) async throws {
        for (name, delay) in [("c", 30), ("a", 10), ("d", 40), ("b", 20)] {
            try await bench.delay(name, in: .schedule, by: .seconds(delay))
        }
        try expect("due at once", try await bench.store.due(in: .schedule, limit: 10).entries.count, is: 0)
        try await bench.fixture.advance(by: .seconds(35))
        let reply = try await bench.store.due(in: .schedule, limit: 10)
        try expect("due", reply.entries.map(\.text), is: ["a", "b", "c"])
        let isSound = reply.nextDue.map { $0 > .seconds(3) && $0 <= .seconds(5) } ?? false
        try expect(isSound, "the next is due in \(reply.nextDue as Any)")
        let two = try await bench.store.due(in: .schedule, limit: 2).entries
        try expect("two of them", two.map(\.text), is: ["a", "b"])
        try expect("none of them", try await bench.store.due(in: .schedule, limit: 0).entries.count, is: 0)
        try await bench.fixture.advance(by: .seconds(35))
        let all = try await bench.store.due(in: .schedule, limit: 10)
        try expect("all", all.entries.map(\.text), is: ["a", "b", "c", "d"])
        try expect("the next", all.nextDue, is: nil)
        try expect("due", try await bench.store.counts().scheduledDue, is: 4)
    }

    @Sendable private static func race(_ bench: Bench) async throws {
        for index in 0..<20 { try await bench.delay("job \(index)", in: .retry, by: .zero) }
        let entries = try await bench.store.due(in: .retry, limit: 50).entries
        let promotions = entries.map { Promotion.push(entry: $0, queue: "q", payload: $0) }
        let other = try await bench.fixture.open()
        let moved = try await withThrowingTaskGroup(of: Int.self) { group in
            for store in [bench.store, other, bench.store, other] {
                group.addTask { try await store.promote(promotions.shuffled(), from: .retry) }
            }
            return try await group.reduce(0, +)
        }
        await other.close()
        try expect("moved", moved, is: 20)
        try expect("places", try await bench.store.counts().places, is: ["queue q": 20])
    }

    @Sendable private static func portions(_ bench: Bench) async throws {
        let jobs = (0..<1_200).map { "job \($0)" }
        try await bench.store.enqueue(jobs.map { PushedJob(queue: "q", payload: $0.bytes, runAt: 1_000) })
        var found: [String] = []
        while case let due = try await bench.store.due(in: .schedule, limit: 300).entries, !due.isEmpty {
            try expect(due.count <= 300, "\(due.count) entries were given instead of 300")
            found += due.map(\.text)
            let promotions = due.map { Promotion.push(entry: $0, queue: "q", payload: $0) }
            try expect("moved", try await bench.store.promote(promotions, from: .schedule), is: due.count)
        }
        try expect("found", found.sorted(), is: jobs.sorted())
        try expect("places", try await bench.store.counts().places, is: ["queue q": 1_200])
    }
}

extension Bench {
    /// Puts a job into a set, by the way jobs get there: a settlement.
    func delay(_ payload: String, in set: DueSet, by delay: Duration) async throws {
        let name = "delayer:1:\(Int.random(in: 0..<Int.max))"
        let (worker, job) = try await self.pushAndClaim(payload, by: name)
        switch set {
        case .retry: try await worker.settle(job.ended(.retry(payload: job.payload, delay: delay), tally: .none))
        case .schedule: try await worker.settle(job.ended(.schedule(payload: job.payload, delay: delay), tally: .none))
        case .later(let list):
            try await worker.settle(job.ended(.later(list: list, payload: job.payload, delay: delay), tally: .none))
        }
        try expect(try await self.store.leave(worker.process), "\(name) may not leave")
        // The next entry shall be later than this one.
        try await self.fixture.advance(by: .milliseconds(2))
    }

    func firstDue(_ set: DueSet) async throws -> [UInt8] {
        guard let first = try await self.store.due(in: set, limit: 1).entries.first else {
            throw ConformanceFailure("nothing is due in \(set)")
        }
        return first
    }
}
