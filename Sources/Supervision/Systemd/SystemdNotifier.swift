import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Tells systemd how a tree is, as a unit of `Type=notify` does.
///
/// ```swift
/// let notifier = SystemdNotifier(root)
/// defer { notifier?.cancel() }
/// try await root.run()
/// ```
///
/// - `READY=1` once everything that the program cannot do without has been started; a parked extra does not count.
/// - `STATUS=…` whenever the state changes: `running, degraded: plugins/mailer parked`.
/// - `STOPPING=1` when the root begins to stop.
/// - `WATCHDOG=1` twice in each `WATCHDOG_USEC`, if that is meant for this process (`WATCHDOG_PID`). The sign of life comes
///   from the root's own loop, off the cooperative pool, so computing services do not delay it; it is held back while
///   something essential is down. `WatchdogSec=` has to be longer than a restart may take.
///
/// Systemd's `TimeoutStopSec=` has to be longer than ``SupervisorSpecification/stopBudget``.
public final class SystemdNotifier: Sendable {
    private struct State {
        var notes = ManagerNotes()
        var isRetrying = false
        var isCancelled = false
    }

    private static let retryDelay = Duration.seconds(1)

    private let root: Supervisor
    private let socket: NotifySocket
    private let state = Mutex(State())
    private let events: EventSubscription
    private let watchdog: Mutex<RepeatingTimer?> = Mutex(nil)

    /// Starts telling, until ``cancel()`` or the end of this object.
    ///
    /// - Parameters:
    ///   - root: The tree; it need not run yet.
    ///   - variable: Reads a variable of the environment.
    /// - Returns: nil when `NOTIFY_SOCKET` is not set: nobody wants to know.
    public init?(_ root: Supervisor, variable: (String) -> String? = SystemdNotifier.variable) {
        guard let name = variable("NOTIFY_SOCKET"), !name.isEmpty else { return nil }
        guard let socket = NotifySocket(name) else {
            root.environment.logger.warning(
                "NOTIFY_SOCKET is no address of a unix socket: the service manager is told nothing",
                metadata: ["socket.address": "\(name)"]
            )
            return nil
        }
        self.root = root
        self.socket = socket
        // One is enough: whatever happened, the tree is looked at afterwards.
        self.events = root.events(capacity: 1)
        self.follow()
        if let interval = Self.watchdogInterval(variable, process: getpid()) { self.watch(every: interval / 2) }
    }

    deinit {
        self.cancel()
    }

    /// Tells nothing more.
    public func cancel() {
        self.state.withLock { $0.isCancelled = true }
        self.events.cancel()
        self.watchdog.withLock { $0.take() }?.cancel()
    }

    /// Reads a variable of the process's environment.
    public static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Within what time the watchdog wants a sign of life of this process; nil if there is none.
    static func watchdogInterval(_ variable: (String) -> String?, process: Int32) -> Duration? {
        guard let text = variable("WATCHDOG_USEC"), let microseconds = Int64(text), microseconds > 0 else { return nil }
        if let owner = variable("WATCHDOG_PID"), Int32(owner) != process { return nil }
        return .microseconds(microseconds)
    }

    private func follow() {
        let events = self.events
        // Detached: off the pool, on the thread of the tree itself. Ends with the subscription.
        _ = Task.detached(executorPreference: self.root.environment.time.executor) { [weak self] in
            for await _ in events {
                guard let self else { return }
                self.tell(isBeat: false)
            }
        }
    }

    private func watch(every interval: Duration) {
        let timer = RepeatingTimer(every: max(interval, .milliseconds(1)), by: self.root.environment.time) {
            [weak self] in
            guard let self else { return false }
            // By way of the root's loop: a timer that fires proves nothing about it.
            self.root.tell(.pulse { [weak self] in self?.tell(isBeat: true) })
            return true
        }
        self.watchdog.withLock { $0 = timer }
    }

    private func tell(isBeat: Bool) {
        let tree = self.root.tree()
        let isRetryWanted = self.state.withLock { state in
            var notes = state.notes
            let lines = notes.lines(for: tree, isBeat: isBeat)
            guard !state.isCancelled, !lines.isEmpty else { return false }
            if self.socket.send(lines.joined(separator: "\n")) {
                state.notes = notes
                return false
            }
            defer { state.isRetrying = true }
            return !state.isRetrying
        }
        if isRetryWanted { self.retry() }
    }

    /// The socket was full or not there. What was not taken is new again at the next look, at the latest then.
    private func retry() {
        self.root.environment.time.schedule(after: Self.retryDelay) { [weak self] in
            guard let self else { return }
            self.state.withLock { $0.isRetrying = false }
            self.tell(isBeat: false)
        }
    }
}
