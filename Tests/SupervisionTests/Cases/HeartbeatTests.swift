import Supervision
import TestSupport
import Testing

@Suite("Signs of life (cases 52 and 53)")
struct HeartbeatTests {
    private static func watched(_ stage: Stage, _ then: Heartbeat.Consequence = .restart) -> SupervisorSpecification {
        SupervisorSpecification("root") {
            stage.child("a") { $0.heartbeat = Heartbeat(every: .seconds(3), missed: 3, then: then) }
            stage.child("b")
        }
    }

    @Test("case 52: a child that beats lives; one that misses its beats is cancelled and started again, counted")
    func missed() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.watched(stage))
        for _ in 0..<10 {
            stage["a"].handle?.beat()
            await stage.time.advance(by: .seconds(3))
        }
        #expect(stage["a"].starts == 1)
        await stage.time.advance(by: .seconds(6))
        #expect(stage["a"].starts == 1, "8.9 s of silence are not three intervals")
        await stage.time.advance(by: .seconds(1))
        await stage.time.advance(by: .seconds(3))
        #expect(stage["a"].starts == 2)
        #expect(root.tree()["a"]?.restartsInWindow == 1)
        #expect(root.tree()["a"]?.lastError == "gave no sign of life for 9.0 seconds")
        #expect(stage["b"].starts == 1)
        await stage.stop()
    }

    @Test("case 52: missed beats may be declared to end the supervisor")
    func escalates() async throws {
        let stage = Stage()
        try await stage.start(Self.watched(stage, .escalate))
        await stage.time.advance(by: .seconds(9))
        #expect(await stage.outcome()?.code == .escalated)
    }

    @Test("case 53: a machine that was halted for an hour finds nobody dead; who stays silent afterwards is")
    func clockJump() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.watched(stage))
        stage["a"].handle?.beat()
        await stage.time.jump(by: .seconds(3_600))
        #expect(root.tree()["a"]?.state == .running)
        await stage.time.advance(by: .seconds(6))
        #expect(stage["a"].starts == 1)
        await stage.time.advance(by: .seconds(10))
        #expect(stage["a"].starts == 2)
        await stage.stop()
    }

    @Test("case 53: a jump of the clock neither cuts a stop short of cancellation nor gives up on anybody")
    func jumpDuringRestart() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.watched(stage))
        await stage.act { stage["b"].fail() }
        await stage.time.jump(by: .seconds(3_600))
        #expect(root.tree().children.map(\.state) == [.running, .running])
        await stage.stop()
    }
}
