import Logging
import MetricsTestKit
import Supervision
import Synchronization
import TestSupport
import Testing

/// A tree of puppets on a manual clock: everything runs on its executor, so each step is deterministic.
final class Stage: Sendable {
    let time = ManualTime()
    let log = Log()
    let metrics = TestMetrics()
    private let exits = Mutex<[Int32]>([])
    /// The codes that the process would have ended with.
    var exitCodes: [Int32] { self.exits.withLock { $0 } }
    private let puppets = Mutex<[String: Puppet]>([:])
    private let root = Mutex<(Supervisor, Task<Void, any Error>)?>(nil)
    private let events = Mutex<EventSubscription?>(nil)

    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// The puppet of that name; made at the first use.
    subscript(name: String) -> Puppet {
        self.puppets.withLock { puppets in
            if let puppet = puppets[name] { return puppet }
            let puppet = Puppet(name, log: self.log)
            puppets[name] = puppet
            return puppet
        }
    }

    /// A child played by the puppet of that name: restarted after exactly 1 s, stopped within 10 + 5 s.
    func child(
        _ name: String,
        restart: RestartPolicy = .permanent,
        readiness: Readiness = .immediate,
        obeys: Puppet.Obedience = .graceful,
        change: (inout ChildSpecification) -> Void = { _ in }
    ) -> ChildSpecification {
        let puppet = self[name]
        puppet.change { $0.obeys = obeys }
        var child = ChildSpecification(
            name,
            restart: restart,
            readiness: readiness,
            backoff: .constant(.seconds(1)),
            executor: self.time.executor
        ) {
            try await puppet.make()
        }
        change(&child)
        return child
    }

    /// Starts a root supervisor and lets it come to rest.
    @discardableResult
    func start(_ specification: SupervisorSpecification) async throws -> Supervisor {
        let supervisor = try self.make(specification)
        await self.run(supervisor)
        return supervisor
    }

    func make(_ specification: SupervisorSpecification) throws -> Supervisor {
        let supervisor = try Supervisor(
            specification,
            time: self.time,
            logger: Self.silent,
            metrics: self.metrics,
            seed: 1
        ) {
            [weak self] code in
            self?.exits.withLock { $0.append(code) }
        }
        self.events.withLock { $0 = supervisor.events(capacity: 100_000) }
        return supervisor
    }

    func run(_ supervisor: Supervisor) async {
        let task = Task(executorPreference: self.time.executor) { try await supervisor.run() }
        self.root.withLock { $0 = (supervisor, task) }
        await self.time.settle()
    }

    /// What the root's `run()` ended with; nil when it returned. The root must be ending.
    func outcome() async -> SupervisionError? {
        guard let task = self.root.withLock({ $0?.1 }) else { return nil }
        switch await task.result {
        case .success: return nil
        case .failure(let error):
            #expect(error is SupervisionError)
            return error as? SupervisionError
        }
    }

    /// Cancels the task that runs the root.
    func cancelRun() async {
        self.root.withLock { $0?.1 }?.cancel()
        await self.time.settle()
    }

    /// Stops the root and waits until it has.
    func stop() async {
        self.root.withLock { $0?.0 }?.stop()
        await self.time.settle()
        await self.time.advance(by: .seconds(1_000))
        _ = await self.outcome()
    }

    /// Does something, and lets all that follows from it happen, except what waits for time.
    func act(_ body: () -> Void) async {
        body()
        await self.time.settle()
    }

    /// The events so far, as lines; what was read is gone.
    func takeEvents() -> [SupervisionEvent] {
        self.events.withLock { $0?.takeBuffered() ?? [] }
    }
}
