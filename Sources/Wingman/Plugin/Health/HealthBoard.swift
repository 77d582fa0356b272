import Logging
import Metrics
import Synchronization

/// The last answers of all checks: written by the ``HealthWatch``, read by beats and by whoever asks the server.
///
/// Each change is one line of the log; `wingman_health{plugin,check}` is 1, 0.5 or 0.
final class HealthBoard: Sendable {
    private let answers: Mutex<[HealthReport?]>
    private let checks: [HealthCheck]
    private let gauges: [Gauge]
    private let logger: Logger

    init(_ checks: [HealthCheck], logger: Logger) {
        self.checks = checks
        self.answers = Mutex(Array(repeating: nil, count: checks.count))
        self.gauges = checks.map { check in
            Gauge(label: "wingman_health", dimensions: [("plugin", check.plugin), ("check", check.name)])
        }
        self.logger = logger
    }

    /// The answers there are, in the order of the plugins and their checks.
    var reports: [HealthReport] { self.answers.withLock { $0.compactMap { $0 } } }

    /// Notes an answer of the check at `index`.
    func answer(_ health: Health, of index: Int) {
        let check = self.checks[index]
        let report = HealthReport(plugin: check.plugin, check: check.name, health: health)
        let former = self.answers.withLock { answers in
            defer { answers[index] = report }
            return answers[index]
        }
        self.gauges[index].record(health.share)
        guard former != report, former != nil || health != .healthy else { return }
        self.logger.log(
            level: health == .healthy ? .info : .warning,
            "health changed",
            metadata: [
                "plugin.name": "\(check.plugin)", "health.check": "\(check.name)", "health.state": "\(health.word)",
                "health.reason": "\(health.reason ?? "")",
            ]
        )
    }
}

extension Health {
    fileprivate var share: Double {
        switch self {
        case .healthy: 1
        case .degraded: 0.5
        case .unhealthy: 0
        }
    }
}
