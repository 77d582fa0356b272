import Wingman

extension StoreConformance {
    /// Compare and set.
    static var changes: [Check] {
        [
            Check(
                "A change is made if all conditions hold; the first that does not is named, and nothing is changed",
                Self.conditions
            ),
            Check("A condition on a key of another kind does not hold") { bench in
                try await bench.change(.put(.value, "v".bytes), .insert(.set, member: "m".bytes))
                let wrong: [Condition] = [
                    .equals(.set, "m".bytes), .contains(.value, member: "v".bytes), .lacks(.value, member: "x".bytes),
                ]
                for condition in wrong { try await bench.expectRefused([condition], at: 0) }
            },
            Check("Conditions look at what was before the change") { bench in
                guard
                    case .applied = try await bench.store.apply(
                        Change(if: [.absent(.value), .absent(.value)], [.put(.value, "v".bytes), .delete(.value)])
                    )
                else { throw ConformanceFailure("it was refused") }
                try expect("value", try await bench.text(of: .value), is: nil)
            },
            Check("A moment is reached by the store's clock, which every reply tells") { bench in
                let start = try await bench.now()
                try await bench.expectRefused([.reached(milliseconds: start + 10_000)], at: 0)
                try await bench.fixture.advance(by: .seconds(11))
                guard
                    case .applied(let now) = try await bench.store.apply(
                        Change(if: [.reached(milliseconds: start + 10_000)], [])
                    )
                else { throw ConformanceFailure("a moment that has come is not reached") }
                try expect(now >= start + 11_000, "the clock went from \(start) to \(now)")
            },
            Check("Of many that change the same value at the same time one succeeds at a time", Self.race),
        ]
    }

    @Sendable private static func conditions(_ bench: Bench) async throws {
        try await bench.change(.put(.value, "v".bytes), .count(.counter, by: 7), .insert(.set, member: "m".bytes))
        let holding: [Condition] = [
            .absent(.other), .equals(.value, "v".bytes), .equals(.counter, "7".bytes),
            .contains(.set, member: "m".bytes),
            .lacks(.set, member: "x".bytes), .lacks(.other, member: "m".bytes), .reached(milliseconds: 0),
        ]
        let failing: [Condition] = [
            .absent(.value), .absent(.set), .equals(.value, "w".bytes), .equals(.value, []), .equals(.other, []),
            .equals(.counter, "07".bytes), .contains(.set, member: "x".bytes), .contains(.other, member: "m".bytes),
            .lacks(.set, member: "m".bytes), .reached(milliseconds: 9_000_000_000_000),
        ]
        for condition in failing {
            try await bench.expectRefused([condition], at: 0)
            try await bench.expectRefused(holding + [condition], at: holding.count)
            try await bench.expectRefused([holding[1], condition, failing[0]], at: 1)
        }
        try expect("places", try await bench.store.counts().places, is: [:])
        guard case .applied = try await bench.store.apply(Change(if: holding, [.put(.other, "o".bytes)])) else {
            throw ConformanceFailure("a change whose conditions hold was refused")
        }
        try expect("other", try await bench.text(of: .other), is: "o")
    }

    @Sendable private static func race(_ bench: Bench) async throws {
        try await bench.change(.put(.value, "0".bytes))
        let other = try await bench.fixture.open()
        let won = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<6 {
                let store = index.isMultiple(of: 2) ? bench.store : other
                group.addTask {
                    var won = 0
                    for _ in 0..<20 {
                        let found = try await store.values(of: [.value])[0] ?? []
                        let next = (Int(found.text) ?? 0) + 1
                        let change = Change(if: [.equals(.value, found)], [.put(.value, "\(next)".bytes)])
                        if case .applied = try await store.apply(change) { won += 1 }
                    }
                    return won
                }
            }
            return try await group.reduce(0, +)
        }
        await other.close()
        try expect("value", try await bench.text(of: .value), is: "\(won)")
    }
}

extension Bench {
    /// Fails unless a change under these conditions is refused for the one at `place`.
    func expectRefused(
        _ conditions: [Condition],
        at place: Int,
        file: String = #fileID,
        line: Int = #line
    ) async throws {
        let push = Effect.push(PushedJob(queue: "never", payload: "x".bytes))
        let reply = try await self.store.apply(Change(if: conditions, [push]))
        guard case .refused(let condition, let now) = reply else {
            throw ConformanceFailure("a change if \(conditions) was made", file: file, line: line)
        }
        try expect("the condition of \(conditions)", condition, is: place, file: file, line: line)
        try expect(now > 0, "the reply tells no time", file: file, line: line)
    }
}
