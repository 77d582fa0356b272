/// Which ends of a child make its supervisor start it again; OTP's three.
public enum RestartPolicy: String, Sendable, Hashable, Codable {
    /// Always started again: also a normal return is a failure.
    case permanent
    /// Started again only when it threw.
    case transient
    /// Never started again, and forgotten when it ends.
    case temporary
}

/// When a child counts as started, so that the next one may start.
public enum Readiness: Sendable, Hashable {
    /// As soon as its factory has returned and `run()` is called, however long that takes.
    case immediate
    /// As soon as its factory has returned and `run()` is called; if that takes longer than this, the start has failed.
    case factory(within: Duration)
    /// When it calls ``Incarnation/ready()``; if it has not done so within this time, the start has failed.
    case signal(within: Duration)
}

/// How often a child may be started again before its supervisor gives up on it.
///
/// The window slides: `limit` restarts in any `window` are allowed and the next one is not. A restart exactly `window` ago
/// still counts, as in OTP. A group restart counts once, and so does each retry of a start that failed.
public struct Intensity: Sendable, Hashable {
    /// How many restarts a window may hold; 0 gives up at the first failure.
    public var limit: Int
    /// How far back restarts are counted.
    public var window: Duration

    /// Creates a limit of `limit` restarts within `window`.
    public init(_ limit: Int, within window: Duration) {
        self.limit = limit
        self.window = window
    }

    /// 5 restarts a minute: the default backoff needs about 3 s for five, so a crash loop reaches it, and crashes that are
    /// minutes apart do not add up.
    public static let standard = Self(5, within: .seconds(60))

    /// No limit: the child is tried for ever, at the pace of its backoff.
    public static let unlimited = Self(.max, within: .seconds(60))
}

/// What a supervisor does about a child that keeps failing.
public enum GiveUpPolicy: Sendable, Hashable {
    /// Stops all its children in reverse and throws from `run()`, with the history of the child's errors. For what the
    /// process cannot do without.
    case escalate
    /// Leaves the child stopped and its siblings alone; tries one probe start after this time (nil: only when asked by
    /// ``Supervisor/resume(_:)``). For extras.
    case park(retryAfter: Duration?)
    /// Stops the whole tree in order; the root's `run()` throws an error that carries this exit code.
    case terminate(exitCode: Int32)
}

/// How a child that failed at its very first start is treated.
public enum FirstStartPolicy: Sendable, Hashable {
    /// The children started before it are stopped in reverse and the supervisor's own start fails.
    case failFast
    /// As a failure later on: restarted after its backoff, within its intensity.
    case treatAsRestart
}

/// What to do about an error, decided by the child's specification.
public enum ErrorDirective: Sendable, Hashable {
    /// The usual: by restart policy, after the backoff.
    case restart
    /// By restart policy, but at once. It counts like any restart.
    case restartNow
    /// Leave the child stopped, whatever its restart policy.
    case stop
    /// Give up on the child's supervisor at once, with this error as its cause.
    case escalate
    /// Stop the whole tree in order; the root's `run()` throws.
    case terminateTree
}
