import Logging
import Supervision
import Synchronization

/// What a worker process is made of, before it is hung into the tree.
final class ServerParts: Sendable {
    let assembly: Assembly
    let store: any Store
    let configuration: ServerConfiguration
    let logger: Logger
    /// Beats, timeouts, stop deadlines.
    let time: any Timekeeper
    /// Where claims, settlements and promotions run: a thread of its own beside the timer's, so that a large step never
    /// delays a beat.
    let core: TimerThread
    let life = ProcessLife()
    let bell = Bell()
    let capsules: [Capsule]
    let reporter: ProcessReporter
    let environment: ServiceEnvironment
    /// The running services by name.
    let registry: ServiceRegistry
    let health: HealthBoard
    private let hasStarted = Atomic(false)
    /// For signals that arrive with a beat; set once the server exists.
    let server = ServerBox()

    init(
        _ assembly: Assembly,
        store: any Store,
        configuration: ServerConfiguration,
        values: SharedValues,
        logger: Logger,
        time: any Timekeeper
    ) {
        self.assembly = assembly
        self.store = store
        self.configuration = configuration
        self.logger = logger
        self.time = time
        self.registry = ServiceRegistry(time: time)
        self.core = TimerThread(name: "wingman.core")
        let suspects = SuspectGuard(store: store, life: self.life, time: time, executor: self.core, logger: logger)
        self.environment = ServiceEnvironment(
            logger: logger,
            client: assembly.client(store: store),
            services: ServiceDirectory(declared: assembly.serviceNames, registry: self.registry),
            values: values,
            time: time,
            store: store,
            life: self.life,
            suspects: suspects,
            server: self.server
        )
        self.health = HealthBoard(assembly.checks, logger: logger)
        let statistics = ExecutionStatistics()
        self.capsules = Self.capsules(configuration, assembly, self.environment, self.life, suspects, statistics)
        self.reporter = ProcessReporter(
            configuration: configuration,
            capsules: self.capsules.map { ($0.configuration, $0.manager) },
            statistics: statistics,
            time: time,
            details: ProcessDetails(assembly, health: self.health, server: self.server).add
        )
        self.endWaitsOfFenced()
    }

    /// Waits that still block in the name of a fenced incarnation would bring jobs to it.
    private func endWaitsOfFenced() {
        let store = self.store
        let core = self.core
        self.life.onFence { fenced in
            // Unstructured: a fence is heard of in the middle of a beat or a step, which must not wait. A failure leaves what
            // landed to the rescuer, who empties that process.
            Task(executorPreference: core) { try? await store.stopWaiting(process: fenced.process) }
        }
    }

    /// Ends the waits of `incarnation` and puts back what landed, however often it takes: nobody else looks there while
    /// the lease lives.
    func stopWaiting(_ incarnation: Incarnation) async {
        var outage = Outage(what: "end waits for jobs", logger: self.logger)
        while self.life.candidate == incarnation, !self.life.hasEnded {
            do {
                try await self.store.stopWaiting(process: incarnation.process)
                return outage.end(at: self.time.now)
            } catch {
                try? await self.time.sleep(for: outage.failed(error, at: self.time.now))
            }
        }
    }

    private static func capsules(
        _ configuration: ServerConfiguration,
        _ assembly: Assembly,
        _ environment: ServiceEnvironment,
        _ life: ProcessLife,
        _ suspects: SuspectGuard,
        _ statistics: ExecutionStatistics
    ) -> [Capsule] {
        let execution = Execution(
            registry: assembly.registry,
            middleware: assembly.serverMiddleware,
            environment: environment,
            retries: RetryRules(standardRetries: configuration.standardRetries),
            statistics: statistics,
            contributors: assembly.contributors
        )
        return configuration.capsules.map { capsule in
            Capsule(
                capsule,
                store: environment.store,
                life: life,
                time: environment.time,
                server: configuration,
                execution: execution,
                suspects: suspects,
                cancellations: Self.cancellations
            )
        }
    }

    /// Runs the handlers of `moment`, each in a task of its own: a slow one delays nobody.
    func fire(_ moment: LifecycleMoment) {
        for handler in self.assembly.handlers where handler.moment == moment {
            let environment = self.environment.owned(by: handler.owner)
            // Unstructured: a handler belongs to a plugin, and nothing of ours waits for it.
            Task.detached(name: "\(handler.owner) \(moment.rawValue)", executorPreference: Self.handlers) {
                await handler.body(environment)
            }
        }
    }

    /// Where jobs are cancelled, and their cancellation handlers run.
    private static let cancellations = TimerThread(name: "wingman.cancel")

    /// Where lifecycle handlers and health checks run: computing jobs hold the cooperative pool, and a plugin has to hear of a quiet all the
    /// same.
    private static let handlers = TimerThread(name: "wingman.handlers")

    // MARK: Plugins

    var healthWatch: HealthWatch {
        HealthWatch(
            checks: self.assembly.checks,
            board: self.health,
            environment: self.environment,
            bodies: Self.handlers
        )
    }

    /// When a declared service runs.
    func condition(of service: ServiceDeclaration) -> StartCondition {
        switch service.when {
        case .always: .always
        case .leader:
            .leader(
                RoleOffice(
                    role: service.name,
                    store: self.store,
                    life: self.life,
                    time: self.time,
                    logger: self.logger
                )
            )
        }
    }

    // MARK: Core services

    var heartbeat: LeaseHeartbeat {
        LeaseHeartbeat(
            life: self.life,
            store: self.store,
            time: self.time,
            logger: self.logger,
            timing: self.configuration.lease,
            reporter: self.reporter,
            onBeat: { [self] _, signals in self.beaten(signals) },
            bell: self.bell
        )
    }

    private func beaten(_ signals: [String]) {
        if self.hasStarted.exchange(true, ordering: .relaxed) == false { self.fire(.startup) }
        // Processors and fetchers that held still while the lease was in doubt go on.
        for capsule in self.capsules { capsule.manager.update { _ in } }
        self.fire(.beat)
        for signal in signals { self.server.server?.handle(named: signal) }
    }

    var emptyWatch: EmptyWatch {
        EmptyWatch(
            queues: Set(self.configuration.capsules.flatMap { $0.queues.map(\.name) }),
            lists: self.assembly.lists,
            store: self.store,
            life: self.life,
            time: self.time,
            logger: self.logger,
            stop: { [server] in server.server?.beginStop() }
        )
    }

    var poller: Poller {
        Poller(
            store: self.store,
            client: self.environment.client,
            life: self.life,
            time: self.time,
            logger: self.logger,
            isQuiet: { [life] in life.isQuiet },
            calls: LimitedCalls(name: "wingman.middleware")
        )
    }

    var rescuer: Rescuer {
        Rescuer(
            store: self.store,
            life: self.life,
            time: self.time,
            logger: self.logger,
            timing: self.configuration.lease
        )
    }
}

/// The server, known to parts that exist before it.
final class ServerBox: Sendable {
    private struct Reference { weak var server: Server? }
    private let reference = Mutex(Reference())

    var server: Server? { self.reference.withLock { $0.server } }

    func set(_ server: Server) { self.reference.withLock { $0.server = server } }
}
