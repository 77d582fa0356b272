import Supervision
import TestSupport
import Testing

@Suite("Children that come and go (cases 46 and 47)")
struct DynamicTests {
    @Test("case 46: a child can be added and removed while another is being restarted")
    func addAndRemoveDuringRestart() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        await stage.act { stage["a"].fail() }
        try await root.add(stage.child("b"))
        await stage.time.settle()
        #expect(root.tree()["b"]?.state == .running)
        try await root.remove("a")
        #expect(root.tree().children.map(\.name) == ["b"])
        await stage.time.advance(by: .seconds(10))
        #expect(stage["a"].starts == 1, "its restart was called off")
        try await root.remove("b")
        #expect(stage["b"].alive == 0, "it returns when the child is gone")
        await #expect(throws: SupervisionError.self) { try await root.remove("b") }
        await stage.stop()
    }

    @Test("case 46: a child of a group joins it when it is added during the group's restart")
    func addToGroup() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root", strategy: .oneForAll) { stage.child("a") })
        await stage.act { stage["a"].fail() }
        try await root.add(stage.child("b"))
        await stage.time.settle()
        #expect(stage["b"].starts == 0)
        await stage.time.advance(by: .seconds(1))
        #expect(root.tree().children.map(\.state) == [.running, .running])
        await stage.stop()
    }

    @Test("case 46: during and after the stop changes are refused with an error")
    func refusedDuringStop() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a", obeys: .nothing) })
        await stage.act { root.stop() }
        for _ in 0..<2 {
            let errors = [
                await #expect(throws: SupervisionError.self) { try await root.add(stage.child("b")) },
                await #expect(throws: SupervisionError.self) { try await root.remove("a") },
                await #expect(throws: SupervisionError.self) { try await root.restart("a") },
            ]
            #expect(errors.allSatisfy { $0?.code == .refused })
            await stage.act { stage["a"].finish() }
            _ = await stage.outcome()
        }
        #expect(stage["b"].starts == 0)
    }

    @Test("case 46: a child that is being restarted for a failure can be terminated and started again by hand")
    func terminateAndRestart() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        await stage.act { stage["a"].fail() }
        try await root.terminate("a")
        await stage.time.advance(by: .seconds(10))
        #expect(root.tree()["a"]?.state == .finished)
        #expect(stage["a"].starts == 1)
        try await root.restart("a")
        await stage.time.settle()
        #expect(root.tree()["a"]?.state == .running)
        await stage.stop()
    }

    @Test("case 46: a running child that was removed can be added again at once, by its name")
    func removeAndAdd() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        for _ in 0..<200 {
            try await root.remove("a")
            try await root.add(stage.child("a"))
        }
        await stage.time.settle()
        #expect(root.registry.lookup("a") == .running(generation: 1))
        await stage.stop()
    }

    @Test("case 47: a dynamic supervisor takes as many children as its maximum; one that ends makes room")
    func maximum() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root", strategy: .dynamic(maximum: 2)))
        try await root.add(stage.child("a", restart: .transient))
        try await root.add(stage.child("b", restart: .transient))
        let error = await #expect(throws: SupervisionError.self) { try await root.add(stage.child("c")) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("maximum of 2") == true)
        await stage.act { stage["a"].finish() }
        #expect(root.tree().children.map(\.name) == ["b"])
        try await root.add(stage.child("c"))
        await stage.time.settle()
        #expect(root.tree()["c"]?.state == .running)
        await stage.stop()
    }

    @Test("a dynamic supervisor stops its children in parallel")
    func parallelStop() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root", strategy: .dynamic(maximum: 10)) {
                stage.child("a", obeys: .cancellation)
                stage.child("b", obeys: .cancellation)
            }
        )
        stage.log.clear()
        await stage.act { root.stop() }
        #expect(stage.log.lines == ["asked b", "asked a"])
        await stage.time.advance(by: .seconds(10))
        #expect(await stage.outcome() == nil)
    }

    @Test("children are reached through the supervisors between by their path")
    func paths() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") { SupervisorSpecification("inner") { stage.child("a") } }
        )
        try await root.restart("inner/a")
        await stage.time.settle()
        #expect(root.tree()["inner/a"]?.generation == 2)
        await #expect(throws: SupervisionError.self) { try await root.restart("other/a") }
        await #expect(throws: SupervisionError.self) { try await root.restart("inner/b") }
        await stage.stop()
    }
}
