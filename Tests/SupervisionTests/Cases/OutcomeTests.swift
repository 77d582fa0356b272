import Supervision
import TestSupport
import Testing

@Suite("Outcomes (cases 41 to 45)")
struct OutcomeTests {
    @Test("case 41: a CancellationError that nobody of ours caused is a failure")
    func spontaneousCancellation() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a", restart: .transient) })
        await stage.act { stage["a"].fail(CancellationError()) }
        #expect(root.tree()["a"]?.state == .restarting)
        await stage.time.advance(by: .seconds(1))
        #expect(stage["a"].starts == 2)
        await stage.stop()
    }

    @Test("case 42: the cancellation of another task, thrown on, is a failure")
    func foreignCancellation() async throws {
        let stage = Stage()
        stage["a"].change { script in
            script.run = { number in
                guard number == 1 else { return false }
                let other = Task { try await Task.never() }
                other.cancel()
                try await other.value
                return false
            }
        }
        let events = AsyncStream.makeStream(of: Void.self)
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a") { child in
                    child.classify = { error in
                        if error is CancellationError { events.continuation.yield() }
                        return .restart
                    }
                }
            }
        )
        // The other task runs on the cooperative pool: wait for its word before asking what came of it.
        for await _ in events.stream { break }
        await stage.time.settle()
        #expect(root.tree()["a"]?.state == .restarting)
        await stage.time.advance(by: .seconds(1))
        #expect(root.tree()["a"]?.state == .running)
        await stage.stop()
    }

    @Test("case 43: a permanent child that returns has failed; a transient one is done; a temporary one is forgotten")
    func returns() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("permanent")
                stage.child("transient", restart: .transient)
                stage.child("temporary", restart: .temporary)
            }
        )
        await stage.act {
            for name in ["permanent", "transient", "temporary"] { stage[name].finish() }
        }
        #expect(root.tree()["permanent"]?.state == .restarting)
        #expect(root.tree()["permanent"]?.lastError == "returned although it is permanent")
        #expect(root.tree()["transient"]?.state == .finished)
        #expect(root.tree()["temporary"] == nil)
        await stage.stop()
    }

    @Test(
        "case 44: each directive of a classifier does what it says",
        arguments: [
            ErrorDirective.restart, .restartNow, .stop, .escalate, .terminateTree,
        ]
    )
    func directives(directive: ErrorDirective) async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("sibling")
                SupervisorSpecification("inner") {
                    stage.child("a") { $0.classify = { _ in directive } }
                }
            }
        )
        await stage.act { stage["a"].fail() }
        let inner = root.tree()["inner"]
        switch directive {
        case .restart:
            #expect(inner?["a"]?.state == .restarting)
        case .restartNow:
            #expect(inner?["a"]?.state == .running)
            #expect(inner?["a"]?.restartsInWindow == 1)
        case .stop:
            #expect(inner?["a"]?.state == .finished)
        case .escalate:
            #expect(inner?.state == .restarting)
            #expect(inner?.lastError?.contains("ended by an error of a") == true)
        case .terminateTree:
            #expect(await stage.outcome()?.code == .terminated)
            #expect(stage["sibling"].alive == 0)
            return
        }
        #expect(stage["sibling"].starts == 1)
        await stage.stop()
    }

    @Test("case 45: neither a classifier nor a reader of events that hangs holds up the supervisor")
    func slowObservers() async throws {
        let stage = Stage()
        let gate = Gate()
        let entered = Gate()
        let root = try await stage.start(
            SupervisorSpecification("root", intensity: .unlimited) {
                stage.child("a") { child in
                    child.executor = nil  // its classifier blocks a thread, which must not be the supervisor's
                    child.classify = { _ in
                        entered.open()
                        gate.waitBlocking()
                        return .restart
                    }
                }
                stage.child("b")
            }
        )
        let idle = root.events(capacity: 4)
        try await root.registry.await("b", within: .seconds(1))
        await alone {
            stage["a"].fail()
            await entered.wait()
            for _ in 0..<50 {
                await stage.act { stage["b"].fail() }
                await stage.time.advance(by: .seconds(1))
            }
            gate.open()
        }
        #expect(stage["b"].starts == 51)
        #expect(idle.dropped > 100)
        await stage.stop()
    }
}

extension Task where Success == Never, Failure == Never {
    /// Waits for the task's cancellation.
    static func never() async throws {
        let (stream, _) = AsyncStream.makeStream(of: Void.self)
        for await _ in stream {}
        try Task.checkCancellation()
    }
}
