import Testing
import Wingman
import WingmanTesting

@Suite("A store that fails as it is told")
struct FaultyStoreTests {
    private static let job = PushedJob(queue: "default", payload: Array("{}".utf8))

    private static func queued(_ store: FaultyStore) async throws -> Int {
        try await store.base.counts().queues["default"] ?? 0
    }

    @Test(
        "A fault strikes the next call of its kind, once",
        arguments: [
            (.losingRequest, 0, true, .unavailable), (.losingReply, 1, true, .unavailable), (.full, 0, false, .full),
        ] as [(FaultyStore.Fault, Int, Bool, StoreError.Code)]
    )
    func once(_ fault: FaultyStore.Fault, _ pushed: Int, _ mayHaveRun: Bool, _ code: StoreError.Code) async throws {
        let store = FaultyStore(MemoryStore())
        store.fail(.enqueue, by: fault)
        _ = try await store.counts()
        let error = await #expect(throws: StoreError.self) { try await store.enqueue([Self.job]) }
        #expect(error?.mayHaveRun == mayHaveRun)
        #expect(error?.code == code)
        #expect(try await Self.queued(store) == pushed)
        try await store.enqueue([Self.job])
        #expect(try await Self.queued(store) == pushed + 1)
        #expect(store.faults.map(\.fault) == [fault])
    }

    @Test("A delayed call waits for the clock it was given")
    func delay() async throws {
        let time = ManualTime()
        let store = FaultyStore(MemoryStore(time: time), time: time)
        store.fail(.enqueue, by: .delay(.seconds(5)))
        let push = Task(executorPreference: time.executor) { try await store.enqueue([Self.job]) }
        await time.advance(by: .seconds(4))
        #expect(try await Self.queued(store) == 0)
        await time.advance(by: .seconds(2))
        try await push.value
        #expect(try await Self.queued(store) == 1)
    }

    @Test("Random faults are the same for the same seed, and only of the calls chosen")
    func random() async throws {
        func run(_ seed: UInt64) async -> [Bool] {
            let plan = FaultyStore.Plan(seed: seed, lostRequests: 20, lostReplies: 20, calls: [.enqueue])
            let store = FaultyStore(MemoryStore(), plan: plan)
            var isLost: [Bool] = []
            for _ in 0..<100 {
                isLost.append((try? await store.enqueue([Self.job])) == nil)
                #expect((try? await store.counts()) != nil)
            }
            return isLost
        }
        let first = await run(1)
        #expect(await run(1) == first)
        #expect(await run(2) != first)
        #expect((20...60).contains(first.count { $0 }))
    }

    @Test("A worker over a store that loses replies does each job once")
    func steps() async throws {
        let store = FaultyStore(MemoryStore(), plan: FaultyStore.Plan(seed: 7, lostReplies: 40, calls: [.step]))
        try await store.enqueue((0..<50).map { PushedJob(queue: "default", payload: Array("\($0)".utf8)) })
        let process = ProcessID(rawValue: "w:1:a")
        _ = try await store.beat(
            Beat(
                process: process,
                kind: .register,
                number: 1,
                lease: .seconds(600),
                info: "{}",
                concurrency: 1,
                isQuiet: false,
                residentKiB: 0,
                roundTripMicroseconds: 0,
                work: [],
                executions: []
            )
        )
        var (number, held, done) = (1, [Claimed](), [String]())
        repeat {
            let settlements = held.map { Settlement(token: $0.token, disposition: .done, tally: .processed) }
            let step = Step(
                process: process,
                lane: 1,
                number: number,
                settlements: settlements,
                claim: 3,
                sources: [.queue("default")]
            )
            guard let reply = try? await store.step(step) else { continue }
            guard case .done(_, let claimed, _) = reply else { break }
            done += held.map { String(decoding: $0.payload, as: UTF8.self) }
            (held, number) = (claimed, number + 1)
        } while done.count < 50
        #expect(done == (0..<50).map(String.init))
        #expect(try await store.counts().processed == 50)
        #expect(!store.faults.isEmpty)
    }
}

@Suite("The store in memory")
struct MemoryStoreTests {
    @Test("Its clock and its waits follow a manual clock")
    func manualTime() async throws {
        let time = ManualTime()
        let store = MemoryStore(time: time)
        let before = store.now
        let waiting = Task(executorPreference: time.executor) {
            try await store.receive(from: "replies", timeout: .seconds(5))
        }
        await time.advance(by: .seconds(6))
        #expect(try await waiting.value == nil)
        #expect(store.now - before >= 6)
    }

    @Test("A cancelled wait ends at once, and takes nothing")
    func cancelled() async throws {
        let store = MemoryStore()
        let waiting = Task { try await store.receive(from: "replies", timeout: .seconds(600)) }
        waiting.cancel()
        #expect(try await waiting.value == nil)
        _ = try await store.apply(Change([.append(list: "replies", payload: [1])]))
        #expect(try await store.receive(from: "replies", timeout: .seconds(600)) == [1])
    }

    @Test("Closing ends waits with an error; what it holds can still be looked at")
    func closed() async throws {
        let store = MemoryStore()
        try await store.enqueue([PushedJob(queue: "default", payload: [1])])
        let waiting = Task { try await store.another().receive(from: "replies", timeout: .seconds(1)) }
        let own = Task { try await store.receive(from: "replies", timeout: .seconds(600)) }
        // Whether it closes before or after the wait began, the wait ends.
        own.cancel()
        await store.close()
        _ = await own.result
        #expect(try await waiting.value == nil, "another one's wait goes on to its end")
        #expect(try await store.counts().queues == ["default": 1])
    }
}
