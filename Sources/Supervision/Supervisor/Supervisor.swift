public import Logging
public import Metrics
public import ServiceLifecycle
import Synchronization

/// Starts children in order, starts them again when they fail, and stops them in reverse.
///
/// ```swift
/// let root = try Supervisor("wingman") {
///     ChildSpecification("store") { Connections() }
///     SupervisorSpecification("plugins", giveUp: .park(retryAfter: .seconds(300))) {
///         ChildSpecification("mailer") { Mailer() }
///     }
/// }
/// try await root.run()
/// ```
///
/// It is a service itself: run it in a task, a `ServiceGroup` or another supervisor. ``run()`` returns when it was
/// stopped and throws ``SupervisionError`` when it gave up. It runs once.
///
/// All decisions are taken by a value without tasks (`SupervisorMachine`); this class tells it what happens, one thing
/// after the other, and does what it says. That loop runs on the timekeeper's executor, never on the cooperative pool.
///
/// What cannot be supervised is a trap (`fatalError`, an index out of range, an overflow): it ends the process.
public final class Supervisor: Service {
    /// What it was made of.
    public let specification: SupervisorSpecification
    /// Where it stands in the tree; a root's is its name.
    public var path: String { self.environment.path }
    /// The names of this tree.
    public var registry: ServiceRegistry { self.environment.registry }

    let environment: SupervisionEnvironment
    let machine: Mutex<SupervisorMachine>
    let shell = Mutex(ShellState())
    let inbox: Inbox
    let number: UInt64
    private let hasRun = Atomic<Bool>(false)

    private static let count = Atomic<UInt64>(0)

    /// What the loop has to remember besides the machine.
    struct ShellState: Sendable {
        var runners: [ChildID: IncarnationRunner] = [:]
        var timers: [TimerKey: ScheduledTimer] = [:]
        var officeTasks: [ChildID: Task<Void, Never>] = [:]
        var answers: [RequestID: CheckedContinuation<Void, any Error>] = [:]
        var lastRequest: UInt64 = 0
        var isQuiet = false
        var quietWaiters: [CheckedContinuation<Void, Never>] = []
        var isFinished = false
        var error: SupervisionError?
    }

    /// Makes a root supervisor.
    ///
    /// - Parameters:
    ///   - specification: What it is made of.
    ///   - time: The time it goes by, and the executor it runs on.
    ///   - registry: Where its children's names are kept; one of its own if nil.
    ///   - logger: Where it logs. Services find it as `Logger.current`, with their path as `service.name`.
    ///   - metrics: Where its metrics go.
    ///   - seed: Makes the jitter repeatable; at random if nil.
    ///   - exitProcess: What ends the process for a child whose ``StopPolicy/then`` says so.
    /// - Throws: ``SupervisionError`` with every fault of the specification and of those inside it.
    public convenience init(
        _ specification: SupervisorSpecification,
        time: any Timekeeper = TimerThread.shared,
        registry: ServiceRegistry? = nil,
        logger: Logger = .current,
        metrics: any MetricsFactory = MetricsSystem.factory,
        seed: UInt64? = nil,
        exitProcess: @escaping @Sendable (Int32) -> Void = ProcessExit.now
    ) throws {
        let check = SpecificationCheck(specification)
        for warning in check.warnings {
            logger.warning(
                "A restart limit cannot be reached",
                metadata: ["service.name": "\(warning.path)", "reason": "\(warning.message)"]
            )
        }
        guard check.faults.isEmpty else {
            throw SupervisionError(
                .invalidSpecification,
                path: specification.name,
                message: "the specification has \(check.faults.count) fault(s)",
                faults: check.faults
            )
        }
        let environment = SupervisionEnvironment(
            time: time,
            registry: registry ?? ServiceRegistry(time: time),
            events: EventHub(),
            metrics: SupervisionMetrics(factory: metrics),
            logger: logger,
            seed: seed ?? UInt64.random(in: .min ... .max),
            exitProcess: exitProcess,
            path: specification.name
        )
        self.init(checked: specification, environment)
    }

    /// Makes a root supervisor of its parts; see ``SupervisorSpecification`` for what they mean.
    ///
    /// - Throws: ``SupervisionError`` with every fault.
    public convenience init(
        _ name: String,
        strategy: Strategy = .oneForOne,
        intensity: Intensity = .standard,
        giveUp: GiveUpPolicy = .escalate,
        time: any Timekeeper = TimerThread.shared,
        logger: Logger = .current,
        @ChildrenBuilder children: () -> [ChildSpecification]
    ) throws {
        let specification = SupervisorSpecification(
            name,
            strategy: strategy,
            intensity: intensity,
            giveUp: giveUp,
            children: children
        )
        try self.init(specification, time: time, logger: logger)
    }

    /// Makes a supervisor of a specification that has been checked with the whole tree.
    init(checked specification: SupervisorSpecification, _ environment: SupervisionEnvironment) {
        let inbox = Inbox()
        let number = Self.count.add(1, ordering: .relaxed).newValue
        var environment = environment
        if environment.terminateRoot == nil { environment.terminateRoot = { _ = inbox.put(.fail($0)) } }
        self.specification = specification
        self.environment = environment
        self.inbox = inbox
        self.number = number
        // Siblings of equal seed must not jitter alike, nor successive incarnations.
        self.machine = Mutex(
            SupervisorMachine(specification, path: environment.path, seed: environment.seed &+ number &* 0x9E37_79B9)
        )
    }

    /// Starts the children in order, and returns when all have been stopped again.
    ///
    /// Graceful shutdown stops them in reverse order; cancellation too, but each is cancelled instead of asked.
    ///
    /// - Throws: ``SupervisionError`` with the history of the child it gave up on.
    @concurrent
    public func run() async throws {
        guard !self.hasRun.exchange(true, ordering: .sequentiallyConsistent) else {
            throw SupervisionError(.alreadyRun, path: self.path, message: "a supervisor runs once")
        }
        let incarnation = Incarnation.current
        await withTaskExecutorPreference(self.environment.time.executor) {
            await withTaskCancellationHandler {
                await withGracefulShutdownHandler {
                    await self.loop(incarnation)
                } onGracefulShutdown: {
                    self.stop()
                }
            } onCancel: {
                self.stopNow()
            }
        }
        if let error = self.shell.withLock({ $0.error }) { throw error }
    }

    private func loop(_ incarnation: Incarnation?) async {
        self.tell(.start)
        while let input = await self.inbox.next() {
            let now = self.environment.time.now
            let actions = self.machine.withLock { $0.handle(input, at: now) }
            for action in actions { self.perform(action, incarnation) }
        }
    }

    /// Hands the machine something that happened. After the end only the deaths of abandoned children are of interest.
    func tell(_ input: MachineInput) {
        if !self.inbox.put(input) { self.takeLate(input) }
    }

    /// Takes in what arrived after the end.
    func takeLate(_ input: MachineInput) {
        guard case .exited = input else { return }
        let now = self.environment.time.now
        for action in self.machine.withLock({ $0.handle(input, at: now) }) {
            if case .note = action { self.perform(action, nil) }
        }
    }
}
