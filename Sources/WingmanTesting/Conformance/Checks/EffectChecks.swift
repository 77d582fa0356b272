import Wingman

extension StoreConformance {
    /// What is done in the same step as a settlement.
    static var effects: [Check] {
        [
            Check("Effects of a settlement are applied once, with it", Self.once),
            Check("A stale settlement applies no effect") { bench in
                let keeper = try await bench.worker("k:1:a")
                let (worker, claimed) = try await bench.oneClaimed()
                let effects: [Effect] = [.count(.counter, by: 1), .push(PushedJob(queue: "next", payload: "n".bytes))]
                let settlement = Settlement(
                    token: claimed.token,
                    disposition: .done,
                    tally: .processed,
                    effects: effects
                )
                try expect("of another", try await keeper.answers([settlement]), is: [.stale])
                try await bench.expireAll(but: keeper)
                try await bench.rescueAll()
                try await worker.expectFenced([settlement])
                try expect("counter", try await bench.text(of: .counter), is: nil)
                try expect("places", try await bench.store.counts().places, is: ["queue default": 1])
            },
            Check("Every disposition takes its effects along", Self.dispositions),
            Check(
                "A settlement whose effect cannot be applied keeps its token and applies none; others go on",
                Self.failing
            ),
            Check("An effect cannot be applied if an earlier one of the same step made its key another kind") { bench in
                let (worker, claimed) = try await bench.oneClaimed()
                let effects: [Effect] = [.put(.value, "x".bytes), .insert(.value, member: "m".bytes)]
                let settlement = Settlement(
                    token: claimed.token,
                    disposition: .done,
                    tally: .processed,
                    effects: effects
                )
                guard case .failed = try await worker.answers([settlement])[0] else {
                    throw ConformanceFailure("a member was inserted into a value")
                }
                try expect("value", try await bench.text(of: .value), is: nil)
                try await expectThrows("a change of both") { _ = try await bench.store.apply(Change(effects)) }
                try expect("value", try await bench.text(of: .value), is: nil)
                try await worker.settle(claimed.ended())
            },
            Check("A destination that cannot be written applies no effect") { bench in
                try await bench.under(.unwritable(.list("broken"))) {
                    let (worker, claimed) = try await bench.oneClaimed()
                    let disposition = Disposition.append(list: "broken", payload: claimed.payload)
                    let answers = try await worker.answers([claimed.ended(disposition, .count(.counter, by: 1))])
                    guard case .failed = answers[0] else { throw ConformanceFailure("it was answered \(answers[0])") }
                    try expect("counter", try await bench.text(of: .counter), is: nil)
                    try await worker.settle(claimed.ended())
                }
            },
            Check("A set that the last of many settlements empties is seen empty once", Self.lastOne),
            Check("A pushed job of an effect can be claimed in the same step") { bench in
                let (worker, claimed) = try await bench.oneClaimed()
                let push = Effect.push(PushedJob(queue: "default", payload: "next".bytes))
                let step = try await worker.done(worker.nextStep([claimed.ended(.done, push)], claim: 3))
                try expect("claimed", step.claimed.map(\.text), is: ["next"])
            },
        ]
    }

    @Sendable private static func once(_ bench: Bench) async throws {
        let (worker, claimed) = try await bench.oneClaimed()
        let effects: [Effect] = [
            .push(PushedJob(queue: "next", payload: "n".bytes)),
            .push(PushedJob(queue: "later", payload: "l".bytes, runAt: 9_000_000_000)),
            .count(.counter, by: 5), .count(.counter, by: -2), .put(.value, "x".bytes),
            .insert(.set, member: "m".bytes),
            .append(list: "letters", payload: "letter".bytes), .add(Entry(payload: "d".bytes), to: .dead),
        ]
        let settlement = Settlement(token: claimed.token, disposition: .done, tally: .processed, effects: effects)
        let step = worker.nextStep([settlement])
        for _ in 0..<3 {
            try expect("answers", try await worker.done(step).answers, is: [.settled])
        }
        try expect("counter", try await bench.text(of: .counter), is: "3")
        try expect("value", try await bench.text(of: .value), is: "x")
        try expect("set", try await bench.members(of: .set), is: ["m"])
        let places = try await bench.store.counts().places
        try expect("places", places, is: ["queue next": 1, "schedule": 1, "dead": 1])
        try await bench.expectQueue(["letter"], .list("letters"))
    }

    @Sendable private static func dispositions(_ bench: Bench) async throws {
        let dispositions: [Disposition] = [
            .done, .retry(payload: "r".bytes, delay: .seconds(60)), .schedule(payload: "s".bytes, delay: .seconds(60)),
            .dead(payload: "d".bytes), .append(list: "letters", payload: "l".bytes), .giveBack,
            .later(list: "letters", payload: "m".bytes, delay: .seconds(60)),
        ]
        try await bench.push(dispositions.indices.map { "\($0)" })
        let worker = try await bench.worker("w:1:a")
        let held = try await worker.claim(10)
        try await worker.settle(zip(held, dispositions).map { $0.ended($1, tally: .none, .count(.counter, by: 1)) })
        try expect("counter", try await bench.text(of: .counter), is: "\(dispositions.count)")
        let places = try await bench.store.counts().places
        try expect("places", places, is: ["queue default": 1, "retry": 1, "schedule": 1, "dead": 1])
    }

    @Sendable private static func failing(_ bench: Bench) async throws {
        try await bench.change(
            .put(.value, "text".bytes),
            .insert(.set, member: "m".bytes),
            .put(.most, "\(Int.max)".bytes)
        )
        let wrong: [Effect] = [
            .count(.value, by: 1), .count(.set, by: 1), .count(.most, by: 1), .insert(.value, member: "x".bytes),
            .remove(.value, member: "x".bytes), .put(.set, "x".bytes), .whenEmpty(.value, []),
            .whenEmpty(.other, [.insert(.value, member: "x".bytes)]),
            .push(PushedJob(queue: "default", payload: "x".bytes, runAt: .nan)),
        ]
        let worker = try await bench.worker("w:1:a")
        for effect in wrong {
            try await bench.push("a", "b", "c")
            let held = try await worker.claim(3)
            let answers = try await worker.answers([
                held[0].ended(.done, tally: .none, .count(.sound, by: 1)),
                held[1].ended(
                    .done,
                    tally: .none,
                    .count(.counter, by: 1),
                    .insert(.other, member: "y".bytes),
                    .delete(.other),
                    effect
                ),
                held[2].ended(.done, tally: .none, .count(.sound, by: 1)),
            ])
            try expect("others of \(effect)", [answers[0], answers[2]], is: [.settled, .settled])
            guard case .failed = answers[1] else { throw ConformanceFailure("\(effect) was answered \(answers[1])") }
            try expect("counter", try await bench.text(of: .counter), is: nil)
            try await worker.settle(held[1].ended(tally: .none))
        }
        try expect("sound", try await bench.text(of: .sound), is: "\(2 * wrong.count)")
        try expect("value", try await bench.text(of: .value), is: "text")
        try expect("set", try await bench.members(of: .set), is: ["m"])
    }

    /// What batches are made of.
    @Sendable private static func lastOne(_ bench: Bench) async throws {
        let jobs = (0..<30).map { "job \($0)" }
        try await bench.push(jobs)
        try await bench.change(jobs.map { .insert(.set, member: $0.bytes) })
        let other = try await bench.fixture.open()
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<4 {
                let store = index.isMultiple(of: 2) ? bench.store : other
                group.addTask {
                    let worker = try await bench.worker("w:\(index):a", on: store)
                    while case let held = try await worker.claim(3), !held.isEmpty {
                        try await worker.settle(
                            held.map { job in
                                let callback = Effect.push(PushedJob(queue: "callbacks", payload: "done".bytes))
                                return job.ended(
                                    .done,
                                    .remove(.set, member: job.payload),
                                    .whenEmpty(.set, [callback])
                                )
                            }
                        )
                    }
                }
            }
        }
        await other.close()
        try expect("places", try await bench.store.counts().places, is: ["queue callbacks": 1])
    }
}

extension StoreKey {
    static let value = StoreKey("bench", "value")
    static let counter = StoreKey("bench", "counter")
    static let set = StoreKey("bench", "set")
    static let other = StoreKey("bench", "other")
    static let sound = StoreKey("bench", "sound")
    static let most = StoreKey("bench", "most")
}

extension Bench {
    /// What a key holds, as text.
    func text(of key: StoreKey) async throws -> String? {
        try await self.store.values(of: [key])[0]?.text
    }

    func members(of key: StoreKey) async throws -> [String] {
        try await self.store.members(of: key).map(\.text).sorted()
    }

    /// A change without conditions.
    func change(_ effects: Effect...) async throws {
        try await self.change(effects)
    }

    func change(_ effects: [Effect]) async throws {
        guard case .applied = try await self.store.apply(Change(effects)) else {
            throw ConformanceFailure("a change without conditions was refused")
        }
    }
}
