/// What a supervisor is made of: a value, and the same for the root and for supervisors inside it.
///
/// ```swift
/// SupervisorSpecification("plugins", giveUp: .park(retryAfter: .seconds(300))) {
///     ChildSpecification("scheduler") { Scheduler() }
///     ChildSpecification("orchestrator") { RemoteOrchestrator(list: "requests") }
/// }
/// ```
public struct SupervisorSpecification: Sendable {
    /// Its name among its siblings.
    public var name: String
    /// Who is restarted when one child fails.
    public var strategy: Strategy
    /// How often its children together may be restarted before it gives up. Where it parks what fails, each child has
    /// this limit for itself, so that one that keeps failing does not use up the others'.
    public var intensity: Intensity
    /// What it does when that is exceeded.
    public var giveUp: GiveUpPolicy
    /// How a failure at the very first start is treated; nil: as a restart where it parks, else as a failed start.
    public var firstStart: FirstStartPolicy?
    /// Whether it ends by itself with its significant children.
    public var automaticShutdown: AutomaticShutdown
    /// The longest that stopping all its children may take, whatever they declare; what then still runs is cancelled and
    /// abandoned at once. Nil: the sum of their budgets. A dynamic supervisor needs one, as its children are not known.
    public var stopLimit: Duration?
    /// Its children as declared, which is the order they are started in unless some of them say otherwise; see
    /// ``startOrder``.
    public var children: [ChildSpecification]

    /// How long a dynamic supervisor has to stop when nothing else is said: one child's standard ladder.
    static let dynamicStopLimit = StopPolicy().budget

    /// Describes a supervisor.
    public init(
        _ name: String,
        strategy: Strategy = .oneForOne,
        intensity: Intensity = .standard,
        giveUp: GiveUpPolicy = .escalate,
        firstStart: FirstStartPolicy? = nil,
        automaticShutdown: AutomaticShutdown = .never,
        stopLimit: Duration? = nil,
        @ChildrenBuilder children: () -> [ChildSpecification] = { [] }
    ) {
        self.name = name
        self.strategy = strategy
        self.intensity = intensity
        self.giveUp = giveUp
        self.firstStart = firstStart
        self.automaticShutdown = automaticShutdown
        self.stopLimit = stopLimit
        self.children = children()
    }

    /// The longest that ``Supervisor/stop()`` takes.
    public var stopBudget: Duration { self.stopPolicy.graceful }

    /// The ladder for a parent to take this supervisor down: as long as all of its children's ladders, then as long as their
    /// cancellations alone. It is through by itself before that; the rest is for when something is wrong with it.
    var stopPolicy: StopPolicy {
        let graceful = self.allowance(\.budget)
        let cancel = self.allowance(\.cancel)
        if self.strategy.isDynamic, let limit = self.effectiveStopLimit {
            return StopPolicy(graceful: limit, cancel: StopPolicy().cancel)
        }
        return StopPolicy(
            graceful: min(graceful, self.stopLimit ?? graceful),
            cancel: min(cancel, self.stopLimit ?? cancel)
        )
    }

    /// The limit on stopping: as declared, or a dynamic supervisor's own.
    var effectiveStopLimit: Duration? {
        self.stopLimit ?? (self.strategy.isDynamic ? Self.dynamicStopLimit : nil)
    }

    /// How the first start is treated, after the default.
    var effectiveFirstStart: FirstStartPolicy {
        if let firstStart = self.firstStart { return firstStart }
        if self.strategy.isDynamic { return .treatAsRestart }
        return switch self.giveUp {
        case .park: .treatAsRestart
        case .escalate, .terminate: .failFast
        }
    }

    private func allowance(_ part: KeyPath<StopPolicy, Duration>) -> Duration {
        self.children.reduce(.zero) { $0 + $1.stop[keyPath: part] }
    }
}

/// Collects child specifications: a list with `if`, `for` and plain values.
@resultBuilder
public enum ChildrenBuilder {
    /// A child.
    public static func buildExpression(_ child: ChildSpecification) -> [ChildSpecification] { [child] }
    /// A supervisor as a permanent child.
    public static func buildExpression(_ supervisor: SupervisorSpecification) -> [ChildSpecification] {
        [ChildSpecification(supervisor)]
    }
    /// Children made elsewhere.
    public static func buildExpression(_ children: [ChildSpecification]) -> [ChildSpecification] { children }
    /// The lines of a block.
    public static func buildBlock(_ parts: [ChildSpecification]...) -> [ChildSpecification] { parts.flatMap(\.self) }
    /// An `if` without `else`.
    public static func buildOptional(_ part: [ChildSpecification]?) -> [ChildSpecification] { part ?? [] }
    /// The first branch.
    public static func buildEither(first: [ChildSpecification]) -> [ChildSpecification] { first }
    /// The second branch.
    public static func buildEither(second: [ChildSpecification]) -> [ChildSpecification] { second }
    /// A `for`.
    public static func buildArray(_ parts: [[ChildSpecification]]) -> [ChildSpecification] { parts.flatMap(\.self) }
}
