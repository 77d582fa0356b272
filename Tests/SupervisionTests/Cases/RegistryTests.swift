import Supervision
import TestSupport
import Testing

@Suite("The registry (cases 48 to 51)")
struct RegistryTests {
    @Test(
        "case 48: a name leads to the new incarnation after a crash, and is refused in between; nothing is lost silently"
    )
    func lookupCrashSend() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("mailer") })
        let mailer = root.registry.reference(to: "mailer", as: PuppetRun.self)
        #expect(try await mailer { $0.number } == 1)
        #expect(mailer.state == .running(generation: 1))
        await stage.act { stage["mailer"].fail() }
        let error = await #expect(throws: RegistryError.self) { try await mailer { $0.number } }
        #expect(error?.reason == .unavailable(.restarting(until: stage.time.now + .seconds(1))))
        await stage.time.advance(by: .seconds(1))
        #expect(try await mailer { $0.number } == 2)
        await stage.stop()
        #expect(mailer.state == .absent)
    }

    @Test("case 48: a service that has ended is given to nobody, even before its supervisor has heard of it")
    func endedBeforeHeard() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") { stage.child("mailer") { $0.classify = { _ in .restart } } }
        )
        let states = Log()
        stage["mailer"].change { $0.run = { _ in false } }
        try await root.registry.await("mailer", within: .seconds(1))
        // The classifier runs between the end of run() and the supervisor's hearing: whoever asks then must be refused.
        let registry = root.registry
        try await root.add(
            stage.child("probe", restart: .temporary) { child in
                child.classify = { _ in
                    states.append("\(registry.lookup("probe"))")
                    return .stop
                }
            }
        )
        await stage.time.settle()
        await stage.act { stage["probe"].fail() }
        #expect(states.lines == ["restarting(until: nil)"])
        await stage.stop()
    }

    @Test("a name is refused to who expects another type, with both types named")
    func wrongType() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("mailer") })
        let error = await #expect(throws: RegistryError.self) {
            try await root.registry.withService(named: "mailer", as: String.self) { _ in }
        }
        #expect(error?.description == "mailer is a PuppetRun, not a String")
        let number = try await root.registry.withService(named: "mailer", as: (any Quieting).self) { $0 is PuppetRun }
        #expect(number)
        await stage.stop()
    }

    @Test(
        "case 49: who waits for a name is resumed by the restart, by its removal, by the deadline, and by cancellation"
    )
    func waiting() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        let registry = root.registry
        func wait(_ limit: Duration) -> Task<Void, any Error> {
            Task(executorPreference: stage.time.executor) { try await registry.await("a", within: limit) }
        }
        await stage.act { stage["a"].fail() }
        let restarted = wait(.seconds(5))
        let late = wait(.milliseconds(500))
        let cancelled = wait(.seconds(5))
        await stage.time.settle()
        await stage.act { cancelled.cancel() }
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        await stage.time.advance(by: .seconds(1))
        try await restarted.value
        let deadline = await #expect(throws: RegistryError.self) { try await late.value }
        #expect(deadline?.reason == .deadline)

        await stage.act { stage["a"].fail() }
        let removed = wait(.seconds(5))
        await stage.time.settle()
        try await root.remove("a")
        let removal = await #expect(throws: RegistryError.self) { try await removed.value }
        #expect(removal?.reason == .removed)

        let early = wait(.seconds(5))
        await stage.time.settle()
        try await root.add(stage.child("a"))
        try await early.value
        await stage.stop()
    }

    @Test("watching a name gives its state now and each change")
    func watch() async throws {
        let stage = Stage()
        let root = try await stage.start(SupervisorSpecification("root") { stage.child("a") })
        var states = root.registry.watch("a").makeAsyncIterator()
        #expect(await states.next() == .running(generation: 1))
        await stage.act { stage["a"].fail() }
        await stage.time.advance(by: .seconds(1))
        var seen: [RegistryState] = []
        while let state = await states.next() {
            seen.append(state)
            if state == .running(generation: 2) { break }
        }
        #expect(seen.first == .restarting(until: nil))
        #expect(seen.contains { if case .restarting(.some) = $0 { true } else { false } })
        await stage.stop()
    }

    @Test(
        "case 50: a registered name is refused to another child, in the list and at run time, until its owner is gone"
    )
    func nameTaken() async throws {
        let stage = Stage()
        let error = #expect(throws: SupervisionError.self) {
            try stage.make(
                SupervisorSpecification("root") {
                    stage.child("a")
                    SupervisorSpecification("inner") { stage.child("b").registered(as: "a") }
                }
            )
        }
        #expect(error?.faults.map(\.path) == ["root/inner/b"])
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                SupervisorSpecification("inner", strategy: .dynamic(maximum: 3))
            }
        )
        let inner = try #require(root.supervisor(at: "inner"))
        let refused = await #expect(throws: SupervisionError.self) {
            try await inner.add(stage.child("b").registered(as: "a"))
        }
        #expect(refused?.code == .refused)
        try await root.remove("a")
        try await inner.add(stage.child("b").registered(as: "a"))
        await stage.time.settle()
        #expect(root.registry.lookup("a") == .running(generation: 1))
        await stage.stop()
    }

    @Test("case 51: the late end of an abandoned incarnation takes nothing from the name of the new one")
    func staleGeneration() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a", obeys: .nothing) { $0.heartbeat = Heartbeat(every: .seconds(10), missed: 1) }
            }
        )
        await stage.time.advance(by: .seconds(16))
        #expect(root.registry.lookup("a") == .running(generation: 2))
        await stage.act { stage["a"].finish(incarnation: 1) }
        #expect(root.registry.lookup("a") == .running(generation: 2))
        #expect(try await root.registry.withService(named: "a", as: PuppetRun.self) { $0.number } == 2)
        stage["a"].finish()
        await stage.stop()
    }
}
