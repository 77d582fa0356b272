import Supervision
import TestSupport
import Testing

@Suite("Start (cases 1 to 9)")
struct StartTests {
    @Test("case 1: a throw at the first start stops the earlier siblings in reverse; later ones never start")
    func firstStartFails() async throws {
        let stage = Stage()
        stage["c"].change { $0.factory = { _ in throw Broken("no port") } }
        try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b")
                stage.child("c")
                stage.child("d")
            }
        )
        let error = await stage.outcome()
        #expect(error?.code == .startFailed)
        #expect(error?.cause as? Broken == Broken("no port"))
        #expect(stage.log.lines == ["start a", "start b", "asked b", "end b", "asked a", "end a"])
        #expect(stage["d"].starts == 0)
    }

    @Test("case 2: a start that fails several times on restart counts each time, then works; siblings are untouched")
    func startFailsOnRestart() async throws {
        let stage = Stage()
        stage["b"].change { $0.factory = { if (2...4).contains($0) { throw Broken() } } }
        let root = try await stage.start(
            SupervisorSpecification("root", intensity: Intensity(5, within: .seconds(60))) {
                stage.child("a")
                stage.child("b")
            }
        )
        await stage.act { stage["b"].fail() }
        for _ in 0..<4 { await stage.time.advance(by: .seconds(1)) }
        let node = root.tree()["b"]
        #expect(node?.state == .running)
        #expect(node?.restartsInWindow == 4)
        #expect(stage["b"].starts == 5)
        #expect(stage["a"].starts == 1)
        await stage.stop()
    }

    @Test("case 3: a child that is never ready is cancelled at its limit, and that counts")
    func neverReady() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root", firstStart: .treatAsRestart) {
                stage.child("a", readiness: .signal(within: .seconds(30)))
                stage.child("b")
            }
        )
        #expect(root.tree()["a"]?.state == .starting)
        #expect(stage["b"].starts == 0)
        await stage.time.advance(by: .seconds(30))
        #expect(stage.log.lines.prefix(3) == ["start a", "cancelled a", "end a"])
        #expect(root.tree()["a"]?.state == .restarting)
        #expect(root.tree()["a"]?.restartsInWindow == 1)
        await stage.time.advance(by: .seconds(1))
        await stage.act { stage["a"].ready() }
        #expect(root.tree()["a"]?.state == .running)
        #expect(stage["b"].starts == 1)
        await stage.stop()
    }

    @Test("case 4: a return before ready is a failed start, also of a transient child")
    func returnsBeforeReady() async throws {
        let stage = Stage()
        try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a", restart: .transient, readiness: .signal(within: .seconds(30)))
            }
        )
        await stage.act { stage["a"].finish() }
        let error = await stage.outcome()
        #expect(error?.code == .startFailed)
        guard case .returnedBeforeReady = error?.history.last?.reason else {
            Issue.record("not told why: \(String(describing: error))")
            return
        }
    }

    @Test("case 5: a factory that throws has failed to start; a run() that throws has failed later")
    func factoryOrRun() async throws {
        let stage = Stage()
        stage["factory"].change { $0.factory = { if $0 == 1 { throw Broken() } } }
        stage["run"].change { $0.run = { if $0 == 1 { throw Broken() } else { false } } }
        try await stage.start(
            SupervisorSpecification("root", firstStart: .treatAsRestart) {
                stage.child("factory")
                stage.child("run")
            }
        )
        let reasons = stage.takeEvents().compactMap { event in
            if case .failed(let reason) = event.kind { "\(event.path): \(reason)" } else { nil }
        }
        #expect(reasons == ["root/factory: could not start: broken", "root/run: threw broken"])
        await stage.stop()
    }

    @Test("case 6: all faults of a list of specifications come in one error")
    func invalid() throws {
        let stage = Stage()
        let specification = SupervisorSpecification("root", intensity: Intensity(-1, within: .zero)) {
            stage.child("twin")
            stage.child("twin") { $0.registeredName = nil }
            stage.child("")
            stage.child("significant") { $0.isSignificant = true }
            stage.child("backoff") {
                $0.backoff = .exponential(minimum: .seconds(9), maximum: .seconds(1), factor: 0.5)
            }
            stage.child("lost") { $0.after = ["nobody"] }
            stage.child("egg") { $0.after = ["hen"] }
            stage.child("hen") { $0.after = ["egg"] }
            stage.child("times", readiness: .signal(within: .zero)) {
                $0.stop = StopPolicy(graceful: .seconds(-1), cancel: .seconds(-1))
                $0.heartbeat = Heartbeat(every: .zero, missed: 0)
            }
            SupervisorSpecification("inner", strategy: .dynamic(maximum: 0), giveUp: .terminate(exitCode: 0)) {
                stage.child("a/b") { $0.after = ["a/b"] }
            }
        }
        let error = #expect(throws: SupervisionError.self) { try Supervisor(specification, time: stage.time) }
        #expect(error?.code == .invalidSpecification)
        let faults = error?.faults.map(\.description) ?? []
        #expect(faults.count == 22, "\(faults.joined(separator: "\n"))")
        for part in [
            "same name", "empty", "significant", "exceeds", "slash", "exit code", "maximum of at least 1",
            "no sibling of that name", "egg after hen after egg", "in no order",
        ] {
            #expect(faults.contains { $0.contains(part) }, "\(part)")
        }
        #expect(faults.contains { $0.hasPrefix("root/inner/a/b") })
    }

    @Test("case 7: a stop in the middle of an ordered start stops what was started and starts nothing more")
    func stopDuringStart() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b", readiness: .signal(within: .seconds(30)))
                stage.child("c")
            }
        )
        await stage.act { root.stop() }
        #expect(await stage.outcome() == nil)
        #expect(stage.log.lines == ["start a", "start b", "asked b", "end b", "asked a", "end a"])
    }

    @Test("case 8: a stop before run() makes run() return at once, and nothing starts")
    func stopBeforeRun() async throws {
        let stage = Stage()
        let root = try stage.make(SupervisorSpecification("root") { stage.child("a") })
        root.stop()
        await stage.run(root)
        #expect(await stage.outcome() == nil)
        #expect(stage["a"].starts == 0)
        await #expect(throws: SupervisionError.self) { try await root.run() }
    }

    @Test("case 9: a crash of the first child during a slow start of the second restarts the first alone")
    func crashDuringSlowStart() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b", readiness: .signal(within: .seconds(30)))
                stage.child("c")
            }
        )
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(stage["a"].starts == 2)
        #expect(root.tree()["a"]?.state == .running)
        #expect(root.tree()["b"]?.state == .starting)
        #expect(stage["c"].starts == 0)
        await stage.act { stage["b"].ready() }
        #expect(stage["b"].starts == 1)
        #expect(stage["c"].starts == 1)
        await stage.stop()
    }
}
