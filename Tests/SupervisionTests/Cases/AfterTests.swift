import Supervision
import TestSupport
import Testing

@Suite("Siblings that start after others")
struct AfterTests {
    private static func specification(_ stage: Stage, _ strategy: Strategy = .oneForOne) -> SupervisorSpecification {
        SupervisorSpecification("root", strategy: strategy) {
            stage.child("web") { $0.after = ["store", "cache"] }
            stage.child("cache") { $0.after = ["store"] }
            stage.child("log")
            stage.child("store", readiness: .signal(within: .seconds(30)))
        }
    }

    @Test("start when those are ready, are stopped before them, and are drawn in that order")
    func order() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.specification(stage))
        #expect(stage.log.lines == ["start log", "start store"], "nobody starts before the store is ready")
        await stage.act { stage["store"].ready() }
        #expect(stage.log.lines == ["start log", "start store", "start cache", "start web"])
        #expect(root.tree().children.map(\.name) == ["log", "store", "cache", "web"])
        #expect(root.specification.startOrder.map(\.name) == ["log", "store", "cache", "web"])
        stage.log.clear()
        await stage.stop()
        #expect(
            stage.log.lines == [
                "asked web", "end web", "asked cache", "end cache", "asked store", "end store", "asked log", "end log",
            ]
        )
    }

    @Test("go down with those under rest-for-one, wherever they are declared")
    func restForOne() async throws {
        let stage = Stage()
        try await stage.start(Self.specification(stage, .restForOne))
        await stage.act { stage["store"].ready() }
        stage.log.clear()
        await stage.act { stage["store"].fail() }
        #expect(stage.log.lines == ["end store", "asked web", "end web", "asked cache", "end cache"])
        await stage.time.advance(by: .seconds(1))
        await stage.act { stage["store"].ready() }
        #expect(stage.log.lines.suffix(3) == ["start store", "start cache", "start web"])
        #expect(stage["log"].starts == 1)
        await stage.stop()
    }

    @Test("may be supervisors, and may be named by them")
    func supervisors() async throws {
        let stage = Stage()
        try await stage.start(
            SupervisorSpecification("root") {
                ChildSpecification(SupervisorSpecification("jobs") { stage.child("job") }, after: ["store"])
                stage.child("store")
                stage.child("last") { $0.after = ["jobs"] }
            }
        )
        #expect(stage.log.lines == ["start store", "start job", "start last"])
        await stage.stop()
    }

    @Test("added while the supervisor runs must name siblings that there are")
    func added() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        try await root.add(stage.child("b") { $0.after = ["a"] })
        let error = await #expect(throws: SupervisionError.self) {
            try await root.add(stage.child("c") { $0.after = ["nobody"] })
        }
        #expect(error?.code == .invalidSpecification)
        await stage.time.settle()
        #expect(stage.log.lines == ["start a", "start b"])
        await stage.stop()
    }
}
