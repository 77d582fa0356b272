import Logging
import ServiceLifecycle
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Wingman

/// What the capsule's jobs are told by the test that runs them.
final class Stage: Sendable {
    let started = Counter64()
    let ended = Counter64()
    let gate = Gate()
}

/// Opens once.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiters = self.state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Hears no cancellation.
    func passage() async {
        await withCheckedContinuation { continuation in
            let isOpen = self.state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Ends when it is cancelled.
private struct Listening: Job {
    func perform(_ context: JobContext) async throws {
        let stage: Stage = try context.value()
        stage.started.add()
        defer { stage.ended.add() }
        try await context.environment.time.sleep(for: .seconds(1_000_000))
    }
}

/// Ends when the test says so, and not before.
private struct Deaf: Job {
    func perform(_ context: JobContext) async throws {
        let stage: Stage = try context.value()
        stage.started.add()
        await stage.gate.passage()
        stage.ended.add()
    }
}

private struct Quick: Job {
    func perform(_ context: JobContext) async throws {
        let stage: Stage = try context.value()
        stage.started.add()
        stage.ended.add()
    }
}

private struct Hasty: Job {
    static let options = JobOptions(timeout: .seconds(5))
    func perform(_ context: JobContext) async throws {
        let stage: Stage = try context.value()
        stage.started.add()
        defer { stage.ended.add() }
        try await context.environment.time.sleep(for: .seconds(1_000_000))
    }
}

/// A capsule over a scripted store, on a clock that moves by hand. Jobs run on the real pool.
struct CapsuleFixture {
    let time = ManualTime()
    let store = ScriptedStore()
    let life = ProcessLife()
    let stage = Stage()
    let queue: QueueScript
    let capsule: Capsule
    let statistics = ExecutionStatistics()

    init(_ jobs: [String], concurrency: Int = 2, stopTimeout: Duration = .seconds(25)) throws {
        let queue = QueueScript(jobs.enumerated().map { #"{"class":"\#($1)","args":[],"jid":"\#($0)"}"# })
        self.queue = queue
        self.store.with { $0.onStep = { queue.reply(to: $0) } }
        var values = SharedValues()
        values.put(self.stage)
        let environment = ServiceEnvironment.sample(self.store, life: self.life, time: self.time, values: values)
        let registry = try JobRegistry(
            JobList {
                Listening.self
                Deaf.self
                Quick.self
                Hasty.self
            }
        )
        self.capsule = Capsule(
            CapsuleConfiguration(concurrency: concurrency),
            store: self.store,
            life: self.life,
            time: self.time,
            server: ServerConfiguration(stopTimeout: stopTimeout),
            execution: Execution(
                registry: registry,
                middleware: [],
                environment: environment,
                retries: RetryRules(),
                statistics: self.statistics
            ),
            suspects: SuspectGuard(
                store: self.store,
                life: self.life,
                time: self.time,
                executor: self.time.executor,
                logger: quietLogger
            )
        )
        self.life.confirmCandidate(at: self.time.now, lease: .seconds(1_000_000))
    }

    /// Runs the capsule as the tree does.
    func start() -> (task: Task<Void, any Error>, group: ServiceGroup) {
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: self.capsule, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: quietLogger
            )
        )
        return (Task(executorPreference: self.time.executor) { try await group.run() }, group)
    }

    /// Ends a run that nobody stops.
    func end(_ task: Task<Void, any Error>) async {
        task.cancel()
        // Waits of a real store end by themselves.
        await self.store.close()
        _ = await task.result
    }

    /// The store does not answer.
    func goAway() {
        self.store.with { $0.onStep = { _ in throw StoreError.away } }
    }
}
