import Metrics
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
        self.lag(of: id).record(Double(max(0, now - last.at * 1_000)) / 1_000)
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
