import Supervision
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// A lane that ends while handlers run.
@Suite("A lane that leaves", .timeLimit(.minutes(2)))
struct LaneLeavingTests {
    @Test("cancels what runs if the store refuses its steps for good: others have the messages")
    func refusedStep() async throws {
        let (bench, gate) = (LaneBench(), Gate())
        bench.handle(.concurrent(2)) { try await (($0 == 0) ? gate : Gate()).pass() }
        try await bench.beat()
        try await bench.route(0..<2)
        let lane = bench.start()
        try await eventually("both handlers") { bench.calls.count == 2 }
        await bench.quiet()
        for _ in 0..<10 { bench.store.fail(.step, by: .refusal) }
        gate.open()
        try await eventually("the cancellation of the other") {
            // The store is there: beats get through.
            try await bench.beat()
            await bench.time.advance(by: .seconds(1))
            return bench.cancelled == [1]
        }
        await #expect(throws: StoreError.self) { try await lane.value }
    }

    @Test(
        "keeps its role if the lease is lost meanwhile: its message is only on its way back, and must not be overtaken"
    )
    func fencedBeforeTheLastEnd() async throws {
        let (bench, gate) = (LaneBench(), Gate())
        bench.handle { _ in try await gate.pass() }
        try await bench.beat()
        try await bench.route(0..<2)
        let lane = bench.start()
        try await eventually("the handler") { bench.calls == [0] }
        let owner = try #require(try await bench.owner())
        await bench.quiet()
        bench.fence()
        gate.open()
        try await lane.value
        #expect(try await bench.owner() == owner)
        #expect(try await bench.waiting() == ["1"])
        // Others take the role once the first message is back, and that is the next one.
        try await bench.memory.abandon(ProcessID(rawValue: owner))
        try await eventually("the message to be back") {
            await bench.time.advance(by: .seconds(7_200))
            _ = try await bench.memory.rescue()
            return try await bench.waiting() == ["0", "1"]
        }
    }

    @Test("cancels handlers soon whose messages went to others with the lease, also if none of them ends")
    func fenced() async throws {
        let bench = LaneBench()
        bench.handle(.concurrent(3)) { _ in try await Gate().pass() }
        try await bench.beat()
        try await bench.route(0..<3)
        let lane = bench.start()
        try await eventually("the handlers") { bench.calls.count == 3 }
        await bench.quiet()
        bench.fence()
        await bench.time.advance(by: .seconds(5))
        try await eventually("their cancellation") { bench.cancelled.sorted() == [0, 1, 2] }
        try await lane.value
    }

    @Test(
        "cancels a handler whose service is parked meanwhile, which it may wait for, and gives its message and the role back"
    )
    func parkedLater() async throws {
        let bench = LaneBench()
        bench.handle { _ in try await Gate().pass() }
        try await bench.beat()
        try await bench.route(0..<2)
        let lane = bench.start()
        try await eventually("the handler") { bench.calls == [0] }
        bench.service(.restarting(until: nil))
        await bench.quiet()
        await bench.time.advance(by: .seconds(60))
        #expect(bench.cancelled == [], "it may run for as long as it likes")
        bench.service(.parked)
        await bench.time.advance(by: .seconds(20))
        try await eventually("its cancellation") { bench.cancelled == [0] }
        try await lane.value
        #expect(try await bench.waiting() == ["0", "1"])
        #expect(try await bench.owner() == nil)
    }
}
