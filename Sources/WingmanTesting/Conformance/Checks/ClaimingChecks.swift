import Wingman

extension StoreConformance {
    /// Who gets what.
    static var claiming: [Check] {
        [
            Check("A claim takes from its sources in their order, up to its number") { bench in
                try await bench.push("a", "b", to: "low")
                try await bench.push("c", "d", to: "high")
                let worker = try await bench.worker("w:1:a")
                let sources: [Source] = [.queue("high"), .queue("absent"), .queue("low")]
                try expect("first", try await worker.claim(3, from: sources).map(\.text), is: ["c", "d", "a"])
                let second = try await worker.claim(3, from: sources)
                try expect("second", second.map(\.text), is: ["b"])
                try expect("source", second.map(\.source), is: [.queue("low")])
                try expect("third", try await worker.claim(3, from: sources).map(\.text), is: [])
            },
            Check("A claim of none, or from no source, takes nothing") { bench in
                try await bench.push("a")
                let worker = try await bench.worker("w:1:a")
                try expect("of none", try await worker.claim(0).count, is: 0)
                try expect("from none", try await worker.claim(5, from: []).count, is: 0)
                try expect("from another", try await worker.claim(5, from: [.queue("other")]).count, is: 0)
                try expect("in flight", try await bench.store.counts().inFlight, is: 0)
            },
            Check(
                "Nothing new is claimed from a paused queue; other queues, and a list of that name, go on",
                Self.paused
            ),
            Check("Without a lease nothing is claimed: fenced") { bench in
                try await bench.push("a")
                try await BenchWorker("never:1:seen", store: bench.store).expectFenced()
                try await bench.expectQueue(["a"])
            },
            Check("Under a lease that has run out nothing is claimed; a beat revives it", Self.expired),
            Check("A step beyond its limits is refused whole") { bench in
                try await bench.push("a")
                let worker = try await bench.worker("w:1:a")
                let many = worker.nextStep(claim: Step.limit + 1)
                try await expectThrows("a claim of \(Step.limit + 1)") { _ = try await bench.store.step(many) }
                try expect("claimed", try await worker.claim(Step.limit).map(\.text), is: ["a"])
            },
            Check("Every job of many is claimed once by one of many workers, asking at the same time", Self.race),
            Check("A claimed job counts as in flight and nowhere else") { bench in
                try await bench.push("a", "b")
                let worker = try await bench.worker("w:1:a")
                _ = try await worker.claimOne()
                let counts = try await bench.store.counts()
                try expect("in flight", counts.inFlight, is: 1)
                try expect("queued", counts.queues["default"], is: 1)
                try expect("processed", counts.processed, is: 0)
            },
        ]
    }

    @Sendable private static func paused(_ bench: Bench) async throws {
        let worker = try await bench.worker("w:1:a")
        try await bench.push("m")
        try await worker.settle(try await worker.claimOne().ended(.append(list: "one", payload: "message".bytes)))
        try await bench.push("a", to: "one")
        try await bench.push("b", to: "two")
        try await bench.store.setPaused(true, queue: "one")
        try await bench.store.setPaused(true, queue: "one")
        try expect("paused", try await bench.store.pausedQueues(), is: ["one"])
        let sources: [Source] = [.queue("one"), .queue("two"), .list("one")]
        let claimed = try await worker.claim(10, from: sources)
        try expect("claimed", claimed.map(\.text), is: ["b", "message"])
        try await bench.push("c", to: "one")
        try expect("of the paused", try await worker.claim(10, from: sources).map(\.text), is: [])
        try await bench.store.setPaused(false, queue: "one")
        try await bench.store.setPaused(false, queue: "one")
        try expect("paused", try await bench.store.pausedQueues(), is: [])
        try expect("resumed", try await worker.claim(10, from: sources).map(\.text), is: ["a", "c"])
    }

    @Sendable private static func expired(_ bench: Bench) async throws {
        try await bench.push("a", "b")
        let worker = try await bench.worker("w:1:a")
        let held = try await worker.claimOne()
        try await bench.fixture.advance(by: Bench.lease + .seconds(1))
        let late = try await worker.done(worker.nextStep([held.ended()], claim: 5))
        try expect(late.leaseExpired, "the step does not say that the lease has run out")
        try expect("claimed", late.claimed.count, is: 0)
        try expect("settled", late.answers, is: [.settled])
        try await worker.beat()
        let revived = try await worker.done(worker.nextStep(claim: 5))
        try expect(!revived.leaseExpired, "a revived lease counts as run out")
        try expect("claimed", revived.claimed.map(\.text), is: ["b"])
    }

    @Sendable private static func race(_ bench: Bench) async throws {
        let jobs = (0..<200).map { "job \($0)" }
        try await bench.push(jobs)
        var stores = [bench.store]
        for _ in 0..<2 { stores.append(try await bench.fixture.open()) }
        let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
            for index in 0..<6 {
                let store = stores[index % 3]
                group.addTask {
                    let worker = try await bench.worker("w:\(index):a", on: store)
                    var mine: [String] = []
                    while case let some = try await worker.claim(7), !some.isEmpty {
                        mine += some.map(\.text)
                        try await worker.settle(some.map { $0.ended() })
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for store in stores.dropFirst() { await store.close() }
        try expect("claimed", claimed.sorted(), is: jobs.sorted())
        try expect("processed", try await bench.store.counts().processed, is: 200)
        try expect("in flight", try await bench.store.counts().inFlight, is: 0)
    }
}
