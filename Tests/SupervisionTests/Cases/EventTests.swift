import MetricsTestKit
import Supervision
import TestSupport
import Testing

@Suite("Events")
struct EventTests {
    private static func specification(_ stage: Stage) -> SupervisorSpecification {
        SupervisorSpecification("root", intensity: .unlimited) { stage.child("a") }
    }

    @Test("come to every subscriber, in the order they happened, with who, which incarnation and when")
    func several() async throws {
        let stage = Stage()
        let root = try stage.make(Self.specification(stage))
        let first = root.events()
        let second = root.events()
        await stage.run(root)
        await stage.time.advance(by: .seconds(5))
        await stage.act { stage["a"].fail() }
        let seen = first.takeBuffered()
        #expect(
            seen.map(\.description) == [
                "root/a#1 starting", "root/a#1 ready", "root#0 supervisorStarted", "root/a#1 failed(threw broken)",
                "root/a#1 restarting(after: 1.0 seconds)",
            ]
        )
        #expect(seen.map { $0.time - seen[0].time } == [.zero, .zero, .zero, .seconds(5), .seconds(5)])
        #expect(second.takeBuffered().map(\.description) == seen.map(\.description))
        await stage.stop()
    }

    @Test("that a slow reader did not take are dropped, the oldest first, and counted for that reader alone")
    func slow() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.specification(stage))
        let slow = root.events(capacity: 2)
        let quick = root.events(capacity: 100)
        for _ in 0..<3 {
            await stage.act { stage["a"].fail() }
            await stage.time.advance(by: .seconds(1))
        }
        let all = quick.takeBuffered()
        #expect(quick.dropped == 0)
        #expect(slow.dropped == all.count - 2)
        #expect(slow.takeBuffered().map(\.description) == all.suffix(2).map(\.description))
        await stage.stop()
    }

    @Test("end for a reader that cancels its subscription, or whose task is cancelled, and for nobody else")
    func ends() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.specification(stage))
        let kept = root.events()
        let cancelled = root.events()
        let reader = Task(executorPreference: stage.time.executor) { for await _ in root.events() {} }
        let other = Task(executorPreference: stage.time.executor) { for await _ in cancelled {} }
        await stage.time.settle()
        cancelled.cancel()
        await other.value
        reader.cancel()
        await reader.value
        await stage.act { stage["a"].fail() }
        #expect(cancelled.takeBuffered().isEmpty)
        #expect(kept.takeBuffered().count == 2)
        await stage.stop()
    }

    @Test("tell of all that a child went through, from its failures to its parking and its return")
    func wholeStory() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification(
                "root",
                intensity: Intensity(1, within: .seconds(60)),
                giveUp: .park(retryAfter: .seconds(300))
            ) {
                stage.child("a", obeys: .nothing) { $0.backoff.resetAfter = .seconds(60) }
            }
        )
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(360))
        await stage.act { root.stop() }
        await stage.time.advance(by: .seconds(15))
        await stage.act { stage["a"].finish() }
        let story = stage.takeEvents().map { "\($0)".prefix { $0 != "(" } }
        #expect(
            story == [
                "root/a#1 starting", "root/a#1 ready", "root#0 supervisorStarted", "root/a#1 failed",
                "root/a#1 restarting", "root/a#2 starting", "root/a#2 ready", "root/a#2 failed", "root/a#2 parked",
                "root/a#2 probing", "root/a#3 starting", "root/a#3 ready", "root/a#3 unparked", "root/a#3 stopping",
                "root/a#3 stopping", "root/a#3 abandoned", "root#0 supervisorStopped", "root/a#3 abandonedEnded",
            ]
        )
        #expect(
            try stage.metrics.expectCounter("supervision_unstopped_total", [("child", "root/a")]).totalValue == 1
        )
    }
}
