import Wingman

extension StoreConformance {
    /// What is decided once among many.
    static var coordination: [Check] {
        [
            Check("One process leads at a time; each reign has a higher term", Self.reigns),
            Check("Leadership that is not renewed ends by the store's clock") { bench in
                let (one, two) = (ProcessID(rawValue: "a:1:x"), ProcessID(rawValue: "b:1:x"))
                let first = try await bench.store.lead("cron", process: one, for: .seconds(10))
                try await bench.fixture.advance(by: .seconds(8))
                try expect("renewed", try await bench.store.lead("cron", process: one, for: .seconds(10)), is: first)
                try await bench.fixture.advance(by: .seconds(8))
                try expect("in time", try await bench.store.lead("cron", process: two, for: .seconds(10)), is: nil)
                try await bench.fixture.advance(by: .seconds(4))
                let second = try await bench.store.lead("cron", process: two, for: .seconds(10))
                try expect(second ?? 0 > first ?? 0, "term \(second as Any) follows \(first as Any)")
                try expect("the first", try await bench.store.lead("cron", process: one, for: .seconds(10)), is: nil)
            },
            Check("Of many that want to lead at the same time one does") { bench in
                let other = try await bench.fixture.open()
                let terms = try await withThrowingTaskGroup(of: Int?.self) { group in
                    for index in 0..<10 {
                        let store = index.isMultiple(of: 2) ? bench.store : other
                        let process = ProcessID(rawValue: "h:\(index):x")
                        group.addTask { try await store.lead("cron", process: process, for: .seconds(60)) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                await other.close()
                try expect("leaders", terms.compactMap(\.self).count, is: 1)
            },
            Check("An occurrence is pushed once, when it is due, whoever asks how often", Self.ticks),
            Check("Processes that offer one occurrence at the same time push it once") { bench in
                _ = try await bench.store.tick(.bench(nil, 5_000))
                let other = try await bench.fixture.open()
                let pushed = try await withThrowingTaskGroup(of: RecurringReply.self) { group in
                    for index in 0..<10 {
                        let store = index.isMultiple(of: 2) ? bench.store : other
                        group.addTask { try await store.tick(.bench(5_000, 10_000)) }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 == .pushed ? 1 : 0 }
                }
                await other.close()
                try expect("pushed", pushed, is: 1)
                try await bench.expectQueue(["tick"])
            },
            Check("A schedule that is new or changed starts with the occurrence after, and pushes nothing") { bench in
                for specification in ["every 5 s", "every 7 s"] {
                    guard case .waiting(7_000, _) = try await bench.store.tick(.bench(5_000, 7_000, specification))
                    else {
                        throw ConformanceFailure("a schedule \"\(specification)\" that is new pushed")
                    }
                }
                try await bench.expectQueue([])
            },
            Check("An occurrence of a job for later goes to the schedule") { bench in
                var tick = RecurringTick.bench(5_000, 10_000)
                tick.job.runAt = 9_000_000_000
                _ = try await bench.store.tick(.bench(nil, 5_000))
                try expect("reply", try await bench.store.tick(tick), is: .pushed)
                try expect("places", try await bench.store.counts().places, is: ["schedule": 1])
            },
        ]
    }

    @Sendable private static func reigns(_ bench: Bench) async throws {
        let (one, two) = (ProcessID(rawValue: "a:1:x"), ProcessID(rawValue: "b:1:x"))
        let store = bench.store
        guard let first = try await store.lead("cron", process: one, for: .seconds(60)) else {
            throw ConformanceFailure("nobody leads, and the first to ask is refused")
        }
        try expect("another", try await store.lead("cron", process: two, for: .seconds(60)), is: nil)
        try expect("the same", try await store.lead("cron", process: one, for: .seconds(60)), is: first)
        try expect(try await store.lead("other", process: two, for: .seconds(60)) != nil, "roles are not apart")
        try await store.resign("cron", process: two)
        try expect("after another resigned", try await store.lead("cron", process: two, for: .seconds(60)), is: nil)
        try await store.resign("cron", process: one)
        try await store.resign("cron", process: one)
        let second = try await store.lead("cron", process: two, for: .seconds(60))
        try expect(second ?? 0 > first, "term \(second as Any) follows \(first)")
        try await store.resign("cron", process: one)
        try expect("after a late resignation", try await store.lead("cron", process: one, for: .seconds(60)), is: nil)
    }

    @Sendable private static func ticks(_ bench: Bench) async throws {
        guard case .waiting(_, let now) = try await bench.store.tick(.bench(nil, 5_000)) else {
            throw ConformanceFailure("a schedule that is new pushed")
        }
        let next = now + 30_000
        try expect("another expectation", try await bench.store.tick(.bench(4_000, next)).next, is: 5_000)
        try expect("due", try await bench.store.tick(.bench(5_000, next)), is: .pushed)
        try expect("again", try await bench.store.tick(.bench(5_000, next)).next, is: next)
        try expect("early", try await bench.store.tick(.bench(next, next + 1)).next, is: next)
        try await bench.fixture.advance(by: .seconds(31))
        try expect("due later", try await bench.store.tick(.bench(next, 9_000_000_000_000)), is: .pushed)
        try expect("again", try await bench.store.tick(.bench(next, 9_000_000_000_000)).next, is: 9_000_000_000_000)
        try await bench.expectQueue(["tick", "tick"])
    }
}

extension RecurringTick {
    static func bench(_ expected: Int?, _ following: Int, _ specification: String = "every 5 s") -> RecurringTick {
        RecurringTick(
            id: "sweep",
            specification: specification,
            expected: expected,
            following: following,
            job: PushedJob(queue: "default", payload: "tick".bytes)
        )
    }
}

extension RecurringReply {
    var next: Int? {
        if case .waiting(let next, _) = self { return next }
        return nil
    }
}
