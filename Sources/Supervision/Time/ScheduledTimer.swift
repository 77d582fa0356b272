import Synchronization

/// A body that a ``Timekeeper`` will run once, unless it is cancelled first.
public final class ScheduledTimer: Sendable {
    /// When the body is due, on the timekeeper's scale.
    public let deadline: Duration

    /// Gone once the body was run or taken back, so that a long timeout does not keep alive what it captured.
    private let body: Mutex<(@Sendable () -> Void)?>
    private let onCancel: @Sendable () -> Void

    /// Creates a timer. Only timekeepers need this.
    ///
    /// - Parameters:
    ///   - deadline: When the body is due, on the timekeeper's scale.
    ///   - onCancel: Called once if the timer is cancelled before it fired.
    ///   - body: What to run.
    public init(
        deadline: Duration,
        onCancel: @escaping @Sendable () -> Void = {},
        body: @escaping @Sendable () -> Void
    ) {
        self.deadline = deadline
        self.onCancel = onCancel
        self.body = Mutex(body)
    }

    /// Takes the body back.
    ///
    /// - Returns: Whether this kept the body from running; false when it has run, runs now, or was cancelled before.
    @discardableResult
    public func cancel() -> Bool {
        guard self.takeBody() != nil else { return false }
        self.onCancel()
        return true
    }

    /// Runs the body if nobody did or took it back. Only timekeepers call this.
    public func fire() {
        self.takeBody()?()
    }

    /// Whether the body is still to be run.
    var isPending: Bool { self.body.withLock { $0 != nil } }

    private func takeBody() -> (@Sendable () -> Void)? {
        self.body.withLock { body in
            defer { body = nil }
            return body
        }
    }
}
