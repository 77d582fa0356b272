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
}
