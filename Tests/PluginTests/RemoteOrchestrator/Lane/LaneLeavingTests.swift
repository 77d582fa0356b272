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
}
