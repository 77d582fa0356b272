import Supervision
import TestSupport
import Testing

@Suite("Strategies (cases 19 to 26)")
struct StrategyTests {
    private static func three(_ stage: Stage, _ strategy: Strategy, _ intensity: Intensity = .standard)
        -> SupervisorSpecification
    {
        SupervisorSpecification("root", strategy: strategy, intensity: intensity) {
            stage.child("a")
            stage.child("b")
            stage.child("c")
        }
    }

    @Test(
        "case 19: rest-for-one stops those after the failed one in reverse and starts them in order; those before stay"
    )
    func restForOne() async throws {
        let stage = Stage()
        try await stage.start(Self.three(stage, .restForOne))
        stage.log.clear()
        await stage.act { stage["b"].fail() }
        #expect(stage.log.lines == ["end b", "asked c", "end c"])
        stage.log.clear()
        await stage.time.advance(by: .seconds(1))
        #expect(stage.log.lines == ["start b", "start c"])
        stage.log.clear()
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(stage.log.lines == ["end a", "asked c", "end c", "asked b", "end b", "start a", "start b", "start c"])
        await stage.stop()
    }

    @Test("case 20: two failures at once in one-for-all are one count and one restart of the group")
    func simultaneous() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.three(stage, .oneForAll, Intensity(1, within: .seconds(60))))
        stage.log.clear()
        await stage.act {
            stage["a"].fail()
            stage["c"].fail()
        }
        await stage.time.advance(by: .seconds(1))
        #expect(stage.log.lines.filter { $0.hasPrefix("start") } == ["start a", "start b", "start c"])
        #expect(root.tree().children.map(\.state) == [.running, .running, .running])
        #expect(root.tree().children.map(\.restarts).reduce(0, +) == 1)
        await stage.stop()
    }

    @Test("case 21: a sibling that fails while it is stopped for the group counts no more")
    func failsWhileStopped() async throws {
        let stage = Stage()
        stage["c"].change { $0.cleanUp = { _ in throw Broken("clean-up") } }
        let root = try await stage.start(Self.three(stage, .oneForAll, Intensity(1, within: .seconds(60))))
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(root.tree().children.map(\.state) == [.running, .running, .running])
        let errors = stage.takeEvents().filter { if case .shutdownError = $0.kind { true } else { false } }
        #expect(errors.map(\.path) == ["root/c"])
        await stage.stop()
    }

    @Test(
        "case 22: a start that fails midway in a group restart takes the started ones down, counts, and all are tried again"
    )
    func failsMidway() async throws {
        let stage = Stage()
        stage["b"].change { $0.factory = { if $0 == 2 { throw Broken() } } }
        let root = try await stage.start(Self.three(stage, .oneForAll))
        stage.log.clear()
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(stage.log.lines.suffix(3) == ["start a", "asked a", "end a"])
        stage.log.clear()
        await stage.time.advance(by: .seconds(1))
        #expect(stage.log.lines == ["start a", "start b", "start c"])
        #expect(root.tree().children.map(\.restarts) == [1, 1, 0])
        await stage.stop()
    }

    @Test("case 23: a temporary child that goes down with its group is gone")
    func temporary() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root", strategy: .oneForAll) {
                stage.child("a")
                stage.child("b", restart: .temporary)
            }
        )
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(root.tree().children.map(\.name) == ["a"])
        #expect(stage["b"].starts == 1)
        #expect(root.registry.lookup("b") == .absent)
        await stage.stop()
    }

    @Test("case 24: a transient child that had ended normally is not revived by its group")
    func transientEnded() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root", strategy: .oneForAll) {
                stage.child("a")
                stage.child("b", restart: .transient)
            }
        )
        await stage.act { stage["b"].finish() }
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(stage["b"].starts == 1)
        #expect(root.tree()["b"]?.state == .finished)
        await stage.stop()
    }

    private static func significant(_ stage: Stage, _ shutdown: AutomaticShutdown, _ strategy: Strategy = .oneForOne)
        -> SupervisorSpecification
    {
        SupervisorSpecification("root", strategy: strategy, automaticShutdown: shutdown) {
            stage.child("a", restart: .transient) { $0.isSignificant = true }
            stage.child("b", restart: .temporary) { $0.isSignificant = true }
            stage.child("other")
        }
    }

    @Test("case 25: the first significant child that ends by itself ends a supervisor that goes by any")
    func anySignificant() async throws {
        let stage = Stage()
        try await stage.start(Self.significant(stage, .anySignificant))
        await stage.act { stage["b"].fail() }
        #expect(await stage.outcome() == nil)
        #expect(stage["other"].alive == 0)
    }

    @Test("case 25: only the last significant child that ends by itself ends a supervisor that goes by all")
    func allSignificant() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.significant(stage, .allSignificant))
        await stage.act { stage["b"].finish() }
        #expect(root.tree().state == .running)
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(root.tree().state == .running, "a transient child that throws is restarted")
        await stage.act { stage["a"].finish() }
        #expect(await stage.outcome() == nil)
    }

    @Test("case 25: neither a sibling's failure nor a termination by hand is an end by itself")
    func notBySibling() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.significant(stage, .anySignificant, .oneForAll))
        await stage.act { stage["other"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(root.tree().state == .running)
        try await root.terminate("a")
        #expect(root.tree().state == .running)
        #expect(root.tree()["a"]?.state == .finished)
        await stage.stop()
    }

    @Test("case 26: a parked child stays parked through a restart of its group, and joins it after its probe")
    func parkedInGroup() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification(
                "root",
                strategy: .oneForAll,
                intensity: Intensity(0, within: .seconds(60)),
                giveUp: .park(retryAfter: .seconds(300))
            ) {
                stage.child("a") { $0.intensity = Intensity(5, within: .seconds(60)) }
                stage.child("b")
            }
        )
        await stage.act { stage["b"].fail() }
        #expect(root.tree()["b"]?.state == .parked)
        #expect(stage["a"].starts == 1, "its siblings go on")
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(root.tree()["b"]?.state == .parked)
        #expect(root.tree()["a"]?.state == .running)
        await stage.time.advance(by: .seconds(300))
        #expect(root.tree()["b"]?.state == .running)
        #expect(stage["a"].starts == 2)
        await stage.stop()
    }
}
