import Supervision
import TestSupport
import Testing

@Suite("The ladder (cases 27 to 35)")
struct StopTests {
    @Test("case 27: a child that ignores the graceful request and obeys cancellation is cancelled when its time is up")
    func obeysCancellation() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b", obeys: .cancellation)
            }
        )
        await stage.act { root.stop() }
        await stage.time.advance(by: .milliseconds(9_999))
        #expect(stage.log.lines.suffix(1) == ["asked b"])
        await stage.time.advance(by: .milliseconds(1))
        #expect(await stage.outcome() == nil)
        #expect(stage.log.lines.suffix(5) == ["asked b", "cancelled b", "end b", "asked a", "end a"])
        #expect(root.unstopped.isEmpty)
    }

    @Test(
        "case 28: a deaf child is abandoned at exactly the end of its budget; siblings are stopped; the report lists it"
    )
    func abandoned() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b", obeys: .nothing)
            }
        )
        stage["b"].handle?.beat()
        await stage.time.advance(by: .seconds(5))
        await stage.act { root.stop() }
        await stage.time.advance(by: .milliseconds(14_999))
        #expect(root.tree().state == .stopping)
        #expect(stage["a"].alive == 1)
        await stage.time.advance(by: .milliseconds(1))
        #expect(await stage.outcome() == nil)
        #expect(stage["a"].alive == 0)
        #expect(root.unstopped.entries.map(\.path) == ["root/b"])
        #expect(root.unstopped.entries.map(\.secondsWaited) == [15])
        #expect(root.unstopped.entries.map(\.secondsSinceLastBeat) == [20])
        let reports = stage.takeEvents().compactMap {
            if case .supervisorStopped(let report) = $0.kind { report } else { nil }
        }
        #expect(reports == [root.unstopped])
        await stage.act { stage["b"].finish() }
    }

    @Test("case 28: a child whose last resort is the end of the process ends it with its code")
    func exitsProcess() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a", obeys: .nothing) { $0.stop.then = .exitProcess(code: 70) }
            }
        )
        await stage.act { root.stop() }
        await stage.time.advance(by: .seconds(15))
        #expect(stage.exitCodes == [70])
        await stage.act { stage["a"].finish() }
    }

    @Test("case 29: an abandoned child that ends later is noted, taken off the report, and not restarted")
    func abandonedEnds() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a", obeys: .nothing) { $0.heartbeat = Heartbeat(every: .seconds(10), missed: 1) }
            }
        )
        await stage.time.advance(by: .seconds(10))
        await stage.time.advance(by: .seconds(5))
        #expect(root.unstopped.entries.map(\.generation) == [1])
        await stage.time.advance(by: .seconds(1))
        #expect(root.tree()["a"]?.generation == 2)
        #expect(root.tree()["a"]?.abandoned == 1)
        await stage.act { stage["a"].finish(incarnation: 1) }
        #expect(root.unstopped.isEmpty)
        #expect(root.tree()["a"]?.generation == 2)
        #expect(root.staleExits == 0)
        let ended = stage.takeEvents().filter { if case .abandonedEnded = $0.kind { true } else { false } }
        #expect(ended.map(\.generation) == [1])
        stage["a"].finish()
        await stage.stop()
    }

    @Test("case 29: also after the supervisor has stopped an abandoned child's end takes it off the report")
    func abandonedEndsAfterStop() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a", obeys: .nothing) })
        await stage.act { root.stop() }
        await stage.time.advance(by: .seconds(15))
        #expect(await stage.outcome() == nil)
        #expect(root.unstopped.entries.count == 1)
        await stage.act { stage["a"].finish() }
        #expect(root.unstopped.isEmpty)
        #expect(stage["a"].starts == 1)
    }

    @Test(
        "case 30: an exclusive child is not started again while an abandoned incarnation lives",
        arguments: [Strategy.oneForOne, .oneForAll]
    )
    func exclusive(strategy: Strategy) async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root", strategy: strategy) {
                stage.child("a", obeys: .nothing) {
                    $0.isExclusive = true
                    $0.heartbeat = Heartbeat(every: .seconds(10), missed: 1)
                }
            }
        )
        await stage.time.advance(by: .seconds(60))
        #expect(root.tree()["a"]?.state == .blocked)
        #expect(stage["a"].starts == 1)
        await stage.act { stage["a"].finish(incarnation: 1) }
        #expect(stage["a"].starts == 2)
        #expect(root.tree()["a"]?.state == .running)
        await stage.act { root.stop() }
        await stage.act { stage["a"].finish() }
        #expect(await stage.outcome() == nil)
    }

    @Test("case 31: a clean-up that throws is reported and restarts nothing")
    func cleanUpThrows() async throws {
        let stage = Stage()
        stage["a"].change { $0.cleanUp = { _ in throw Broken("clean-up") } }
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        await stage.act { root.stop() }
        #expect(await stage.outcome() == nil)
        #expect(stage["a"].starts == 1)
        let errors = stage.takeEvents().compactMap {
            if case .shutdownError(let error) = $0.kind { error as? Broken } else { nil }
        }
        #expect(errors == [Broken("clean-up")])
    }

    @Test("case 32: a stop during a backoff returns at once, and the child is not started")
    func stopDuringBackoff() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        await stage.act { stage["a"].fail() }
        #expect(root.tree()["a"]?.state == .restarting)
        await stage.act { root.stop() }
        #expect(await stage.outcome() == nil)
        await stage.time.advance(by: .seconds(10))
        #expect(stage["a"].starts == 1)
    }

    @Test("case 33: a stop while a child is not ready, or its factory has not returned, takes it down like any other")
    func stopDuringReadiness() async throws {
        let stage = Stage()
        let gate = Gate()
        stage["b"].change { $0.factory = { _ in await gate.wait() } }
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b")
                stage.child("c")
            }
        )
        await stage.act { root.stop() }
        await stage.time.advance(by: .seconds(9))
        #expect(root.tree()["b"]?.state == .stopping)
        await stage.act { gate.open() }
        #expect(await stage.outcome() == nil)
        #expect(stage.log.lines == ["start a", "asked a", "end a"], "b is not run any more, c never starts")
    }

    @Test("case 34: a child that crashes during the stop is not restarted")
    func crashDuringStop() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b", obeys: .nothing)
            }
        )
        await stage.act { root.stop() }
        await stage.act { stage["a"].fail() }
        await stage.act { stage["b"].fail() }
        #expect(await stage.outcome() == nil)
        #expect(stage["a"].starts == 1)
        #expect(stage["b"].starts == 1)
    }

    @Test("case 35: the whole stop never takes longer than the declared budget, however deaf the children are")
    func budget() async throws {
        let stage = Stage()
        let specification = SupervisorSpecification("root") {
            stage.child("a", obeys: .nothing)
            SupervisorSpecification("inner") {
                stage.child("b", obeys: .nothing)
                stage.child("c", obeys: .nothing) { $0.stop = StopPolicy(graceful: .seconds(2), cancel: .seconds(1)) }
            }
            SupervisorSpecification("pool", strategy: .dynamic(maximum: 10)) {
                stage.child("d", obeys: .nothing)
                stage.child("e", obeys: .nothing)
            }
        }
        #expect(specification.stopBudget == Duration.seconds(59))  // a 15, inner 18 and 6, pool 15 and 5
        let root = try await stage.start(specification)
        await stage.act { root.stop() }
        await stage.time.advance(by: specification.stopBudget)
        #expect(root.tree().state == .finished)
        #expect(await stage.outcome() == nil)
        for name in ["a", "b", "c", "d", "e"] { stage[name].finish() }
    }

    @Test("case 35: a limit on the whole stop cuts all ladders short")
    func stopLimit() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root", stopLimit: .seconds(25)) {
                stage.child("a", obeys: .nothing)
                stage.child("b", obeys: .nothing)
                stage.child("c", obeys: .nothing)
            }
        )
        await stage.act { root.stop() }
        await stage.time.advance(by: .seconds(25))
        #expect(root.tree().state == .finished)
        #expect(root.unstopped.entries.map(\.path) == ["root/c", "root/b", "root/a"])
        #expect(stage.log.lines.filter { $0.hasPrefix("cancelled") } == ["cancelled c", "cancelled b", "cancelled a"])
        for name in ["a", "b", "c"] { stage[name].finish() }
    }
}
