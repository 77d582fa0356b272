/// How the jobs of a type are queued and retried. Each field is a field of Sidekiq's job JSON.
public struct JobOptions: Sendable, Equatable {
    /// The bare name of the queue. `queue`.
    public var queue: String
    /// How often a failed job is run again. `retry`, `retry_for`.
    public var retry: RetryPolicy
    /// The queue for retries, if another one. `retry_queue`.
    public var retryQueue: String?
    /// How long one execution may take before it is cancelled and counts as failed; nil is for ever.
    ///
    /// Written as `timeout` in seconds, a field of Wingman's own that Sidekiq shows as an extra.
    public var timeout: Duration?
    /// How much of a failure's call stack is kept with the job. `backtrace`.
    public var backtrace: Backtrace
    /// Whether an exhausted job goes to the dead set. `dead`.
    public var dead: Bool
    /// Labels for pages and logs. `tags`.
    public var tags: [String]

    /// How much of a call stack is kept.
    public enum Backtrace: Sendable, Equatable {
        /// Nothing.
        case off
        /// All lines.
        case all
        /// The first lines.
        case lines(Int)
    }

    /// Sidekiq's defaults: queue `default`, 25 retries, no timeout, no backtrace, dead set, no tags.
    public init(
        queue: String = "default",
        retry: RetryPolicy = .standard,
        retryQueue: String? = nil,
        timeout: Duration? = nil,
        backtrace: Backtrace = .off,
        dead: Bool = true,
        tags: [String] = []
    ) {
        self.queue = queue
        self.retry = retry
        self.retryQueue = retryQueue
        self.timeout = timeout
        self.backtrace = backtrace
        self.dead = dead
        self.tags = tags
    }
}

/// How often a failed job is run again.
public struct RetryPolicy: Sendable, Equatable {
    enum Kind: Equatable {
        case standard
        case attempts(Int)
        case window(seconds: Int)
        case off
    }

    let kind: Kind

    /// As many times as the worker allows, 25 by default: about three weeks.
    public static let standard = RetryPolicy(kind: .standard)
    /// Not at all: a failed job is dropped, as Sidekiq does with `retry: false`. `.attempts(0)` goes to the dead set.
    public static let off = RetryPolicy(kind: .off)

    /// At most `count` retries: `count + 1` executions.
    public static func attempts(_ count: Int) -> RetryPolicy {
        RetryPolicy(kind: .attempts(max(0, count)))
    }

    /// Until `duration` has passed since the first failure. Sidekiq's `retry_for`, at most 1,000,000,000 s.
    public static func window(_ duration: Duration) -> RetryPolicy {
        RetryPolicy(kind: .window(seconds: Int(clamping: min(max(0, duration.components.seconds), 1_000_000_000))))
    }
}
