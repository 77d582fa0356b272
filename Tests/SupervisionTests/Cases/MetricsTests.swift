import MetricsTestKit
import Supervision
import TestSupport
import Testing

@Suite("Metrics")
struct MetricsTests {
    @Test("tell of each child whether it is up, why and how often it failed, and how long it lived")
    func child() async throws {
        let stage = Stage()
        let mailbox = Mailbox<Int>(capacity: 1, whenFull: .dropOldest)
        try await stage.start(
            SupervisorSpecification(
                "root",
                intensity: Intensity(1, within: .seconds(60)),
                giveUp: .park(retryAfter: nil)
            ) {
                stage.child("a").receiving(mailbox)
            }
        )
        let child = [("child", "root/a")]
        let up = try stage.metrics.expectGauge("supervision_child_up", child)
        #expect(up.values == [1])
        await stage.time.advance(by: .seconds(30))
        await stage.act { stage["a"].fail() }
        #expect(up.values == [1, 0])
        #expect(try stage.metrics.expectRecorder("supervision_uptime_seconds", child).values == [30])
        #expect(try stage.metrics.expectGauge("supervision_backoff_seconds", child).values == [1])
        #expect(try stage.metrics.expectCounter("supervision_restarts_total", child).totalValue == 1)
        await stage.time.advance(by: .seconds(1))
        await stage.act { stage["a"].fail() }
        let failures = try stage.metrics.expectCounter("supervision_failures_total", child + [("reason", "threw")])
        #expect(failures.totalValue == 2)
        #expect(try stage.metrics.expectCounter("supervision_parked_total", child).totalValue == 1)
        try mailbox.trySend(1)
        try mailbox.trySend(2)
        let letters = try stage.metrics.expectCounter(
            "supervision_dead_letters_total",
            child + [("reason", "overflow")]
        )
        #expect(letters.totalValue == 1)
        await stage.stop()
    }

    @Test("of a dynamic supervisor's children are counted together, so that their names do not fill the memory")
    func dynamic() async throws {
        let stage = Stage()
        try await stage.start(
            SupervisorSpecification("root", strategy: .dynamic(maximum: 10)) {
                for name in ["a", "b", "c"] { stage.child(name) }
            }
        )
        await stage.act { for name in ["a", "b", "c"] { stage[name].fail() } }
        let restarts = try stage.metrics.expectCounter("supervision_restarts_total", [("child", "root/*")])
        #expect(restarts.totalValue == 3)
        #expect(stage.metrics.recorders(label: "supervision_child_up").isEmpty)
        await stage.stop()
    }
}
