import Synchronization
import Testing
import Wingman
import WingmanTesting

@Suite("A migration", .serialized)
struct MigrationTests {
    private static let queues = ["default", "a name with % and\r\na line end"]
    private static let places: [Place] =
        queues.map(Place.queue) + [.list("letters"), .later("letters"), .retry, .schedule, .dead, .quarantine]

    /// Fills every place with entries that can be told apart, twins among them in the queues.
    private static func fill(_ store: any Store) async throws {
        for place in Self.places {
            let entries = (0..<40).map { number -> Entry in
                let isTimed = ![Place.list("letters"), .queue(Self.queues[0]), .queue(Self.queues[1])].contains(place)
                let text = "{\"jid\":\"\(place) \(isTimed ? number : number / 2)\"}"
                return Entry(payload: Array(text.utf8), at: isTimed ? 1_800_000_100 + Double(number) : nil)
            }
            _ = try await store.apply(Change(entries.map { Effect.add($0, to: place) }))
        }
        try await store.setPaused(true, queue: Self.queues[0])
    }

    private static func contents(_ store: any Store) async throws -> [Place: [Entry]] {
        var contents: [Place: [Entry]] = [:]
        for place in Self.places + [.list(Migration.holdingList)] {
            contents[place] = try await store.entries(in: place, from: 0, limit: 1_000)
        }
        return contents.filter { !$0.value.isEmpty }
    }

    /// Moves through stores that lose one request of seven and one reply of seven, again and again until it is done.
    ///
    /// - Returns: How often it had to be called.
    private static func migrate(_ source: any Store, _ target: any Store, seed: UInt64) async throws -> Int {
        func faulty(_ store: any Store, _ number: UInt64) -> FaultyStore {
            let plan = FaultyStore.Plan(
                seed: seed &* 2 &+ number,
                lostRequests: 15,
                lostReplies: 15,
                calls: [.apply, .edit]
            )
            return FaultyStore(store, plan: plan)
        }
        let from = faulty(source, 0)
        let to = faulty(target, 1)
        for call in 1...10_000 {
            // A new one each time, as after a kill: it knows nothing but what the stores hold.
            if (try? await Migration(from: from, to: to, lists: ["letters"]).run()) != nil { return call }
        }
        Issue.record("the migration did not end")
        return 0
    }

    private static func check(_ from: any StoreFixture, _ to: any StoreFixture, seeds: ClosedRange<UInt64>) async throws
    {
        var calls = 0
        for seed in seeds {
            try await from.reset()
            try await to.reset()
            let source = try await from.open()
            let target = try await to.open()
            try await Self.fill(source)
            let before = try await Self.contents(source)
            #expect(before.count == Self.places.count)
            calls += try await Self.migrate(source, target, seed: seed)
            #expect(try await Self.contents(target) == before)
            #expect(try await Self.contents(source) == [:])
            #expect(try await target.pausedQueues() == [Self.queues[0]])
            await source.close()
            await target.close()
        }
        #expect(calls > seeds.count, "no migration was interrupted: the test proves nothing")
    }

    @Test("loses and doubles nothing and keeps the order, wherever it is interrupted")
    func memory() async throws {
        try await Self.check(MemoryFixture(), MemoryFixture(), seeds: 1...50)
    }

    @Test("adds nothing twice where another one moves the batch that it has read, or its request comes late")
    func late() async throws {
        let source = MemoryStore()
        let target = MemoryStore()
        try await source.enqueue((0..<700).map { PushedJob(queue: "q", payload: Array("\($0)".utf8)) })
        let before = try await source.entries(in: .queue("q"), from: 0, limit: 1_000)
        let isFirst = Atomic(true)
        let slow = Mutant("applies what it was given once somebody else has moved everything") {
            $0.apply = { target, change in
                if isFirst.exchange(false, ordering: .relaxed) {
                    _ = try await Migration(from: source, to: target).run()
                }
                return try await target.apply(change)
            }
        }
        let migration = Migration(from: source, to: MutantStore(target, slow))
        _ = try await migration.run()
        let wasOvertaken = !isFirst.load(ordering: .relaxed)
        #expect(wasOvertaken)
        #expect(try await target.entries(in: .queue("q"), from: 0, limit: 2_000) == before)
        #expect(try await Self.contents(source) == [:])
        #expect(try await Migration(from: target, to: source).keysLeft() == [:], "its own keys are nobody's loss")
    }

    @Test("loses no twin of a job to a request of its own that comes late")
    func lateTwins() async throws {
        let source = MemoryStore()
        let target = MemoryStore()
        try await source.enqueue((0..<1_200).map { _ in PushedJob(queue: "q", payload: Array("twin".utf8)) })
        let edits = Mutex<[EntryEdit]>([])
        let slow = Mutant("carries out the first request when the fourth one comes") {
            let calls = Atomic(0)
            $0.edit = { store, entries, place in
                switch calls.add(1, ordering: .relaxed).newValue {
                case 1:
                    edits.withLock { $0 = entries }
                    throw StoreError(.unavailable, "no answer in time", mayHaveRun: true)
                case 4:
                    let found = try await store.edit(edits.withLock { $0 }, in: .queue("q"))
                    #expect(found > 0)
                default: break
                }
                return try await store.edit(entries, in: place)
            }
        }
        _ = try await Migration(from: MutantStore(source, slow), to: target).run()
        #expect(try await target.counts().queues == ["q": 1_200])
        #expect(try await source.entries(in: .list(Migration.holdingList), from: 0, limit: 1) == [])
    }

    @Test("reads large messages a few at a time")
    func large() async throws {
        let source = MemoryStore()
        let target = MemoryStore()
        for number in 0..<60 {
            let payload = [UInt8](repeating: UInt8(number), count: 1 << 20)
            _ = try await source.apply(Change([.append(list: "letters", payload: payload)]))
        }
        let before = try await source.entries(in: .list("letters"), from: 0, limit: 1_000)
        let answers = Mutex<[Int]>([])
        let watched = Mutant("counts what it reads") {
            $0.entries = { store, place, offset, limit in
                let entries = try await store.entries(in: place, from: offset, limit: limit)
                answers.withLock { $0.append(entries.count) }
                return entries
            }
        }
        _ = try await Migration(from: MutantStore(source, watched), to: target, lists: ["letters"]).run()
        #expect(try await target.entries(in: .list("letters"), from: 0, limit: 1_000) == before)
        let sizes = answers.withLock { $0.filter { $0 > 0 } }
        #expect(sizes.max() == 16, "the first time; each then reads what it has put on its way")
        #expect(sizes.dropFirst().allSatisfy { $0 <= 4 })
    }

    @Test("does so from a file to Redis and back")
    func stores() async throws {
        let redis = try await RedisFixture.start()
        let file = try SQLiteFixture(options: SQLiteFixture.fast)
        try await Self.check(file, redis, seeds: 1...5)
        try await Self.check(redis, file, seeds: 6...10)
    }
}
