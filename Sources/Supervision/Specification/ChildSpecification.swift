public import ServiceLifecycle

/// How to start, watch, restart and stop one child of a supervisor.
///
/// ```swift
/// ChildSpecification("mailer", restart: .permanent) { Mailer(relay: "smtp.example.org") }
/// ```
///
/// The factory runs before each start: a restart never meets the state that killed the last incarnation. A value is
/// checked as a whole when a supervisor is made of it, and all its faults are reported in one error.
public struct ChildSpecification: Sendable {
    /// Makes the service of one incarnation.
    public typealias Factory = @Sendable () async throws -> any Service

    /// What is started: a service, or a supervisor with children of its own.
    enum Content: Sendable {
        case service(Factory)
        case supervisor(SupervisorSpecification)
    }

    /// The name among its siblings; what logs, `tree` and the registry call it.
    public var name: String
    /// Which ends make it start again.
    public var restart: RestartPolicy
    /// When it counts as started.
    public var readiness: Readiness
    /// How it is stopped.
    public var stop: StopPolicy
    /// How long to wait before a restart.
    public var backoff: Backoff
    /// Its own limit of restarts, counted for it alone; nil takes part in its supervisor's.
    public var intensity: Intensity?
    /// What to do when it keeps failing; nil is what its supervisor does.
    public var giveUp: GiveUpPolicy?
    /// Whether its end by itself may end its supervisor, see ``AutomaticShutdown``.
    public var isSignificant: Bool
    /// Whether no second incarnation may start while an abandoned one still runs.
    public var isExclusive: Bool
    /// The watchdog over it, if any.
    public var heartbeat: Heartbeat?
    /// When it runs.
    public var when: StartCondition
    /// Siblings that are started before it, and stopped after it, wherever they are declared. Without any it starts in its
    /// place.
    public var after: [String]
    /// Where its `run()` and its factory run: nil is the cooperative pool. For the few that must be on time,
    /// ``Timekeeper/executor``.
    public var executor: (any TaskExecutor)?
    /// The name it has in the registry, unique in the whole tree; nil keeps it out. At first its ``name``.
    public var registeredName: String?
    /// Called when the tree is to take no new work; nil asks the service if it is ``Quieting``.
    public var quiet: (@Sendable () async -> Void)?
    /// Decides by the error what happens. It runs in the child's own task, so a slow one delays that child only.
    public var classify: @Sendable (any Error) -> ErrorDirective

    /// Where it takes messages from, if it has one; see ``receiving(_:)``.
    public var mailbox: (any MailboxControl)?

    let content: Content

    /// Describes a service.
    ///
    /// - Parameters:
    ///   - name: The name among its siblings.
    ///   - after: The siblings that have to be started before.
    ///   - start: Makes the service of one incarnation. It may throw: that is a failed start like any other.
    public init(
        _ name: String,
        after: [String] = [],
        restart: RestartPolicy = .permanent,
        readiness: Readiness = .immediate,
        stop: StopPolicy = StopPolicy(),
        backoff: Backoff = .exponential(),
        intensity: Intensity? = nil,
        giveUp: GiveUpPolicy? = nil,
        isSignificant: Bool = false,
        isExclusive: Bool = false,
        heartbeat: Heartbeat? = nil,
        when: StartCondition = .always,
        executor: (any TaskExecutor)? = nil,
        quiet: (@Sendable () async -> Void)? = nil,
        classify: @escaping @Sendable (any Error) -> ErrorDirective = { _ in .restart },
        start: @escaping Factory
    ) {
        self.name = name
        self.after = after
        self.restart = restart
        self.readiness = readiness
        self.stop = stop
        self.backoff = backoff
        self.intensity = intensity
        self.giveUp = giveUp
        self.isSignificant = isSignificant
        self.isExclusive = isExclusive
        self.heartbeat = heartbeat
        self.when = when
        self.executor = executor
        self.registeredName = name
        self.quiet = quiet
        self.classify = classify
        self.content = .service(start)
    }

    /// Describes a supervisor as a child of another. It has started when its children have, and its stop budget is what
    /// theirs add up to.
    public init(
        _ supervisor: SupervisorSpecification,
        after: [String] = [],
        restart: RestartPolicy = .permanent,
        backoff: Backoff = .exponential(),
        intensity: Intensity? = nil,
        giveUp: GiveUpPolicy? = nil,
        isSignificant: Bool = false,
        when: StartCondition = .always
    ) {
        self.name = supervisor.name
        self.after = after
        self.restart = restart
        self.readiness = .immediate
        self.stop = supervisor.stopPolicy
        self.backoff = backoff
        self.intensity = intensity
        self.giveUp = giveUp
        self.isSignificant = isSignificant
        self.isExclusive = false
        self.heartbeat = nil
        self.when = when
        self.executor = nil
        self.registeredName = nil
        self.quiet = nil
        self.classify = { _ in .restart }
        self.content = .supervisor(supervisor)
    }

    /// The specification of the supervisor that this starts, if it starts one.
    public var supervisor: SupervisorSpecification? {
        switch self.content {
        case .service: nil
        case .supervisor(let specification): specification
        }
    }

    /// The same child under another name in the registry, or under none.
    public func registered(as name: String?) -> Self {
        var copy = self
        copy.registeredName = name
        return copy
    }

    /// How long the start may take; nil is without limit (a supervisor's children have their own).
    var readinessLimit: Duration? {
        switch self.readiness {
        case .immediate: nil
        case .factory(let limit), .signal(let limit): limit
        }
    }
}
