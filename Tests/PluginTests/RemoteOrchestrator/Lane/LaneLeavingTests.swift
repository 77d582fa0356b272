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
}
