import Supervision
import TestSupport
import Testing

@Suite("Orders to stop (cases 36 to 40)")
struct StopOrderTests {
    @Test("case 36: a second order to stop skips to cancellation, in reverse")
    func stopNow() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b", obeys: .cancellation)
                stage.child("c", obeys: .cancellation)
            }
        )
        stage.log.clear()
        await stage.act { root.stop() }
        await stage.act { root.stopNow() }
        #expect(await stage.outcome() == nil)
        #expect(
            stage.log.lines == ["asked c", "cancelled c", "end c", "cancelled b", "end b", "cancelled a", "end a"]
        )
    }

    @Test("case 37: a cancelled run() still stops in reverse, one after the other")
    func cancelled() async throws {
        let stage = Stage()
        try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                SupervisorSpecification("inner") {
                    stage.child("b")
                    stage.child("c")
                }
            }
        )
        stage.log.clear()
        await stage.cancelRun()
        #expect(await stage.outcome() == nil)
        #expect(stage.log.lines == ["cancelled c", "end c", "cancelled b", "end b", "cancelled a", "end a"])
    }

    @Test("case 38: stopping twice, or from many tasks, is stopping once")
    func twice() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { root.stop() } }
        }
        await stage.time.settle()
        root.stop()
        #expect(await stage.outcome() == nil)
        root.stop()
        #expect(stage.log.lines == ["start a", "asked a", "end a"])
    }

    @Test("case 39: a child that ends the whole tree from within is stopped in its turn; run() throws with its code")
    func terminatesTree() async throws {
        let stage = Stage()
        try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                SupervisorSpecification("inner") { stage.child("b") }
                stage.child("c")
            }
        )
        stage.log.clear()
        await stage.act { stage["b"].handle?.terminateTree(reason: "the disk is gone", exitCode: 74) }
        let error = await stage.outcome()
        #expect(error?.code == .terminated)
        #expect(error?.exitCode == 74)
        #expect(error?.path == "root/inner/b")
        #expect(stage.log.lines == ["asked c", "end c", "asked b", "end b", "asked a", "end a"])
    }

    @Test("case 40: a child that asks for its own restart gets a new incarnation, without a count")
    func restartsItself() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root", intensity: Intensity(0, within: .seconds(60))) { stage.child("a") }
        )
        let first = stage["a"].handle
        await stage.act { first?.requestRestart() }
        #expect(stage["a"].starts == 2)
        #expect(root.tree()["a"]?.restartsInWindow == 0)
        await stage.act { first?.requestRestart() }
        #expect(stage["a"].starts == 2, "the incarnation that asks is gone")
        await stage.stop()
    }
}
