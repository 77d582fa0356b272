import Supervision
import Synchronization
import Wingman

/// What the parts of the plugin in one process share: its service, its health check, the middleware around its jobs.
final class SchedulerState: Sendable {
    private struct Shared {
        var isLeader = false
        var lastTick: Duration?
        var troubles: [String: String] = [:]
        var keys: (any ScheduleStore)?
        var isWedged = false
        var plan: SchedulerPlan?
    }

    private let shared = Mutex(Shared())

    /// Whether this process is the one that enqueues at once; the others come after it, in case it does not.
    var isLeader: Bool {
        get { self.shared.withLock { $0.isLeader } }
        set { self.shared.withLock { $0.isLeader = newValue } }
    }

    /// The loop went round.
    func ticked(at now: Duration) {
        self.shared.withLock { $0.lastTick = now }
    }

    /// How long ago the loop went round; nil: never yet.
    func tickAge(at now: Duration) -> Duration? {
        self.shared.withLock { shared in shared.lastTick.map { now - $0 } }
    }

    /// The same in words, for `status`.
    func tickText(at now: Duration) -> String {
        self.tickAge(at: now).map { "\($0.secondsText) ago" } ?? "never"
    }

    /// What is wrong with schedules, by id.
    var troubles: [String: String] {
        get { self.shared.withLock { $0.troubles } }
        set { self.shared.withLock { $0.troubles = newValue } }
    }

    /// The plugin's keys, once the service has run.
    var keys: (any ScheduleStore)? {
        get { self.shared.withLock { $0.keys } }
        set { self.shared.withLock { $0.keys = newValue } }
    }

    /// What the program wants, once it has been configured: for commands.
    var plan: SchedulerPlan? {
        get { self.shared.withLock { $0.plan } }
        set { self.shared.withLock { $0.plan = newValue } }
    }

    /// For tests: the loop hangs when it comes round, once.
    func wedge() {
        self.shared.withLock { $0.isWedged = true }
    }

    func takeWedge() -> Bool {
        self.shared.withLock { shared in
            defer { shared.isWedged = false }
            return shared.isWedged
        }
    }

    /// How the loop is.
    func health(at now: Duration) -> Health {
        guard let age = self.tickAge(at: now) else { return .degraded("has not begun yet") }
        guard age < Self.longestTick else { return .unhealthy("no tick for \(age.components.seconds) s") }
        let troubles = self.troubles.sorted { $0.key < $1.key }
        guard let first = troubles.first else { return .healthy }
        let more = troubles.count > 1 ? ", and \(troubles.count - 1) more" : ""
        return .degraded("\(first.key): \(first.value)\(more)")
    }

    /// The loop goes round each second, and within 5 s while the store is away; a call of the store may take some seconds.
    private static let longestTick = Duration.seconds(20)
}

extension Duration {
    /// Seconds with a decimal.
    var secondsText: String {
        let tenths = self.wholeMilliseconds / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
