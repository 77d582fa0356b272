import Wingman

extension StoreConformance {
    /// What holds for all calls: nothing is lost, nothing is half done.
    static var promises: [Check] {
        [
            Check(
                "What was accepted, claimed, recorded and decided is there for a store that is opened anew",
                Self.reopened
            ),
            Check("A call whose connection is lost under way was carried out whole, or not at all", Self.halfWay),
            Check("Every job ends in exactly one place, whatever becomes of it", Self.onePlace),
            Check("A store may be closed twice") { bench in
                let other = try await bench.fixture.open()
                await other.close()
                await other.close()
                try await bench.push("a")
                try await bench.expectQueue(["a"])
            },
            Check("A store says where it is, without telling secrets") { bench in
                try expect(!bench.store.location.isEmpty, "its location is empty")
                try expect(
                    !bench.store.location.contains("@"),
                    "its location may hold a password: \(bench.store.location)"
                )
            },
        ]
    }

    @Sendable private static func reopened(_ bench: Bench) async throws {
        let first = try await bench.fixture.open()
        let worker = try await bench.worker("w:1:a", on: first)
        try await first.enqueue(["a", "b", "c"].map { PushedJob(queue: "default", payload: $0.bytes) })
        let step = worker.nextStep(claim: 2)
        let held = try await worker.done(step).claimed
        _ = try await first.apply(
            Change([.put(.value, "v".bytes), .count(.counter, by: 7), .insert(.set, member: "m".bytes)])
        )
        try await first.setPaused(true, queue: "other")
        _ = try await first.lead("cron", process: worker.process, for: .seconds(600))
        try await first.signal(worker.process, "TSTP")
        await first.close()

        let second = try await bench.fixture.open()
        let again = BenchWorker("w:1:a", store: second)
        try expect("claimed", try await again.done(step).claimed.map(\.token), is: held.map(\.token))
        try await again.settle(held[0].ended(), held[1].ended(.giveBack, tally: .none))
        let values = try await second.values(of: [.value, .counter]).map { $0?.text }
        try expect("values", values, is: ["v", "7"])
        try expect("members", try await second.members(of: .set).map(\.text), is: ["m"])
        try expect("paused", try await second.pausedQueues(), is: ["other"])
        let rival = ProcessID(rawValue: "r:1:a")
        try expect("rival", try await second.lead("cron", process: rival, for: .seconds(600)), is: nil)
        _ = again.nextBeat(.renew)
        try expect("signals", try await again.beat().signals, is: ["TSTP"])
        try expect("left", try await again.claim(5).map(\.text), is: ["b", "c"])
        await second.close()
    }

    /// From "not sent" to "answered": the moment at which the store is closed differs from round to round.
    private static func cut(
        _ bench: Bench,
        _ round: Int,
        _ call: @escaping @Sendable (any Store) async throws -> Void
    ) async throws {
        let doomed = try await bench.fixture.open()
        async let lost: Void? = try? call(doomed)
        for _ in 0..<round { await Task.yield() }
        await doomed.close()
        _ = await lost
    }

    @Sendable private static func halfWay(_ bench: Bench) async throws {
        for round in 0..<12 {
            let queue = "q\(round)"
            try await Self.cut(bench, round) { store in
                try await store.enqueue((0..<20).map { PushedJob(queue: queue, payload: "\($0)".bytes) })
            }
            let pushed = try await bench.texts(.queue(queue))
            try expect(pushed.isEmpty || pushed == (0..<20).map { "\($0)" }, "half a push: \(pushed)")

            let (key, set) = (StoreKey("bench", "k\(round)"), StoreKey("bench", "s\(round)"))
            try await Self.cut(bench, round) { store in
                let move = Effect.add(Entry(payload: "x".bytes), to: .list("l\(round)"))
                _ = try await store.apply(
                    Change(if: [.absent(key)], [.put(key, "v".bytes), .insert(set, member: "m".bytes), move])
                )
            }
            let value = try await bench.text(of: key) != nil
            let member = try await !bench.members(of: set).isEmpty
            let entry = try await !bench.texts(.list("l\(round)")).isEmpty
            try expect("value, member, entry", Set([value, member, entry]).count, is: 1)

            let moved = pushed.map { EntryEdit.move(Entry(payload: $0.bytes), to: .queue("to \(queue)")) }
            try await Self.cut(bench, round) { store in _ = try await store.edit(moved, in: .queue(queue)) }
            let halves = try await [bench.texts(.queue(queue)).count, bench.texts(.queue("to \(queue)")).count]
            try expect(halves.contains(0) && halves.reduce(0, +) == pushed.count, "half a move: \(halves)")
        }
    }

    @Sendable private static func onePlace(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        let dying = try await bench.worker("w:1:a")
        try await bench.push((0..<40).map { "\($0)" })
        let ends: [@Sendable (Claimed) -> Settlement] = [
            { $0.ended() }, { $0.ended(.retry(payload: $0.payload, delay: .seconds(60)), tally: .failed) },
            { $0.ended(.schedule(payload: $0.payload, delay: .seconds(60))) },
            { $0.ended(.dead(payload: $0.payload), tally: .failed) }, { $0.ended(.giveBack, tally: .none) },
            { $0.ended(.append(list: "letters", payload: $0.payload), tally: .none) },
            { $0.ended(.later(list: "letters", payload: $0.payload, delay: .seconds(60)), tally: .none) },
        ]
        let held = try await keeper.claim(21)
        _ = try await dying.claim(6)
        try await keeper.settle(held.enumerated().map { ends[$0 % 7]($1) })
        try await bench.bringDown(besides: keeper)
        let places = try await bench.store.counts().places
        try expect("places", places, is: ["queue default": 22, "retry": 3, "schedule": 3, "dead": 3])
        try expect("letters", try await bench.texts(.list("letters")).count, is: 3)
        try expect("later", try await bench.texts(.later("letters")).count, is: 3)
        var all = try await bench.texts(.queue("default")) + bench.texts(.list("letters"))
        for place in [Place.retry, .schedule, .dead, .later("letters")] { all += try await bench.texts(place) }
        try expect("each once", Set(all).count, is: all.count)
        try expect("with those done", all.count + 3, is: 40)
    }
}
