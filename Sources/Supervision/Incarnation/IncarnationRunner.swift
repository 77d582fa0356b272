import Logging
import ServiceLifecycle
import Synchronization

/// Runs one incarnation of one child: its own task, and in it its own service group, so that graceful shutdown reaches this
/// child alone.
///
/// The task is detached for three reasons: a plain one would inherit the parent's graceful shutdown; a child task would be
/// awaited for ever if it hangs, where a detached one can be abandoned; and it has to run on the child's executor.
final class IncarnationRunner: Sendable {
    private struct State: Sendable {
        var task: Task<Void, Never>?
        var group: ServiceGroup?
        var service: (any Service)?
        var isToldToStop = false
        var isCancelled = false
    }

    let incarnation: Incarnation
    let launch: IncarnationLaunch
    private let environment: SupervisionEnvironment
    private let owner: RegistryOwner
    private let tell: @Sendable (MachineInput) -> Void
    private let state = Mutex(State())

    init(
        _ launch: IncarnationLaunch,
        owner: RegistryOwner,
        environment: SupervisionEnvironment,
        tell: @escaping @Sendable (MachineInput) -> Void
    ) {
        self.launch = launch
        self.owner = owner
        self.environment = environment
        self.tell = tell
        self.incarnation = Incarnation(
            launch,
            time: environment.time,
            tell: tell,
            terminate: { environment.terminateTree($0) }
        )
    }

    /// The service, once the factory has made it and until it has ended.
    var service: (any Service)? { self.state.withLock { $0.service } }

    func start() {
        // Detached for the reasons above; whoever supervises hears of its end by `tell`.
        let task = Task.detached(executorPreference: self.executor) { await self.run() }
        let isCancelled = self.state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    /// Tells the service to shut down gracefully.
    func requestStop() {
        let group = self.state.withLock { state in
            state.isToldToStop = true
            return state.group
        }
        guard let group else { return }
        // The group is an actor: telling it needs a task, which runs off the pool so that no computing job delays it.
        _ = Task.detached(executorPreference: self.environment.time.executor) { await group.triggerGracefulShutdown() }
    }

    func cancel() {
        let task = self.state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    /// A supervisor does its own waiting by timers and has to be on time; others run where they ask to.
    var executor: (any TaskExecutor)? {
        self.launch.specification.supervisor == nil
            ? self.launch.specification.executor : self.environment.time.executor
    }

    private func run() async {
        let result = await Incarnation.$current.withValue(self.incarnation) {
            await withLogger(mergingMetadata: ["service.name": "\(self.launch.path)"]) { _ in
                await self.runService()
            }
        }
        // Before the classifier runs, which may be slow, and before the supervisor hears of it.
        self.end()
        self.tell(.exited(self.launch.id, generation: self.launch.generation, self.exit(result)))
    }

    private func exit(_ result: Result<Void, any Error>) -> Exit {
        switch result {
        case .success: .returned
        case .failure(let error): .threw(error, self.launch.specification.classify(error))
        }
    }

    /// From here on nobody is given the service that has just ended, even before the supervisor has heard of it.
    private func end() {
        if let name = self.launch.specification.registeredName {
            self.environment.registry.ended(name, owner: self.owner, generation: self.launch.generation)
        }
        self.state.withLock { state in
            state.group = nil
            state.service = nil
        }
    }

    private func runService() async -> Result<Void, any Error> {
        do {
            let service = try await self.makeService()
            let result = SupervisedService(service: service) { self.announceReadiness() }
            let group = ServiceGroup(configuration: Self.configuration(result))
            guard self.enter(service, group) else { return .success(()) }
            try await group.run()
            return result.outcome
        } catch {
            return .failure(error)
        }
    }

    private func makeService() async throws -> any Service {
        switch self.launch.specification.content {
        case .service(let factory): try await factory()
        case .supervisor(let specification):
            Supervisor(checked: specification, self.environment.inside(self.launch.path))
        }
    }

    /// Keeps what is needed to stop the service.
    ///
    /// - Returns: False when it is to stop already: then it is not run at all.
    private func enter(_ service: any Service, _ group: ServiceGroup) -> Bool {
        self.state.withLock { state in
            guard !state.isToldToStop, !state.isCancelled else { return false }
            state.service = service
            state.group = group
            return true
        }
    }

    /// Supervisors tell by themselves when their children have started; others without a signal count as ready now.
    private func announceReadiness() {
        guard self.launch.specification.supervisor == nil else { return }
        switch self.launch.specification.readiness {
        case .immediate, .factory: self.incarnation.ready()
        case .signal: break
        }
    }

    /// No signals, since those are the program's; and no cancelling of the group when the service returns.
    private static func configuration(_ service: SupervisedService) -> ServiceGroupConfiguration {
        ServiceGroupConfiguration(
            services: [
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: service,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    serviceName: "\(type(of: service.service))"
                )
            ],
            logger: Self.silent
        )
    }

    /// The group's log would tell twice, and in other words, what the supervisor's events tell.
    private static let silent = Logger(label: "supervision.group", factory: { _ in SwiftLogNoOpLogHandler() })
}

/// The service as its group sees it: it never throws, so that the group's own rules about failures do not come in; how the
/// service ended is kept here.
private final class SupervisedService: Service {
    let service: any Service
    private let onStart: @Sendable () -> Void
    private let result = Mutex<Result<Void, any Error>>(.failure(CancellationError()))

    init(service: any Service, onStart: @escaping @Sendable () -> Void) {
        self.service = service
        self.onStart = onStart
    }

    /// How it ended; a cancellation if it was never run.
    var outcome: Result<Void, any Error> { self.result.withLock { $0 } }

    func run() async throws {
        self.onStart()
        do {
            try await self.service.run()
            self.result.withLock { $0 = .success(()) }
        } catch {
            self.result.withLock { $0 = .failure(error) }
        }
    }
}
