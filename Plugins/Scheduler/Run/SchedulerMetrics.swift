import Metrics
import Supervision
import Synchronization
import Wingman

/// What the scheduler counts and measures; all names begin with `wingman_scheduler_`.
final class SchedulerMetrics: Sendable {
    /// Jobs enqueued.
    let enqueued: Counter
    /// Occurrences left out: overlap, `cron skip`, a middleware.
    let skipped: Counter
    /// Occurrences that nobody enqueued in time, and that the policy leaves out.
    let missed: Counter
    /// Claims that another process had made before.
    let duplicateClaims: Counter
    /// Jobs that could not be made.
    let failures: Counter
    /// Seconds since the loop last went round; told by the health check, so that it grows while the loop hangs.
    let tickAge: Gauge
    /// How many schedules this process looks after.
    let schedules: Gauge
    private let plugin: PluginMetrics
    private let lags = Mutex<[String: Gauge]>([:])
    private let worst = Mutex<(lag: Duration, at: Duration)?>(nil)

    init(_ plugin: PluginMetrics) {
        self.plugin = plugin
        self.enqueued = plugin.counter("enqueued_total")
        self.skipped = plugin.counter("skipped_total")
        self.missed = plugin.counter("missed_total")
        self.duplicateClaims = plugin.counter("duplicate_claims_total")
        self.failures = plugin.counter("failures_total")
        self.tickAge = plugin.gauge("last_tick_age_seconds")
        self.schedules = plugin.gauge("schedules")
    }

    func advanced(_ id: String, _ advance: Advance, refused: Int, now: Int) {
        self.enqueued.increment(by: advance.occurrences.count - refused)
        if refused > 0 { self.skipped.increment(by: refused) }
        if advance.missed > 0 { self.missed.increment(by: advance.missed) }
        guard let last = advance.occurrences.last else { return }
        let lag = max(0, now - last.at * 1_000)
        self.lag(of: id).record(Double(lag) / 1_000)
        self.note(.milliseconds(lag), at: TimerThread.shared.now)
    }

    // MARK: The worst of late

    /// How long a lag is shown that no greater one follows.
    private static let memory = Duration.seconds(60)

    private func note(_ lag: Duration, at now: Duration) {
        self.worst.withLock { worst in
            if let known = worst, known.lag > lag, now - known.at < Self.memory { return }
            worst = (lag, now)
        }
    }

    /// The greatest lag of the last minute, for `status`; nil if this process has enqueued nothing.
    func lagText(at now: Duration) -> String? {
        self.worst.withLock { worst in
            guard let worst, now - worst.at < Self.memory else { return nil }
            return "\(worst.lag.secondsText) at most in the last minute"
        }
    }

    /// How late the last job of a schedule was enqueued, in seconds.
    private func lag(of id: String) -> Gauge {
        self.lags.withLock { lags in
            if let known = lags[id] { return known }
            let gauge = self.plugin.gauge("lag_seconds", dimensions: [("schedule", id)])
            lags[id] = gauge
            return gauge
        }
    }
}
