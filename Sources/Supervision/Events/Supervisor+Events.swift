import Logging

/// Events to the subscribers and the log.
extension Supervisor {
    func publish(_ path: String, _ generation: UInt64, _ kind: SupervisionEvent.Kind) {
        let event = SupervisionEvent(time: self.environment.time.now, path: path, generation: generation, kind: kind)
        self.environment.events.publish(event)
        self.measure(event)
        self.log(event)
    }

    /// What concerns supervisors themselves is in the events; the metrics are about children.
    private func measure(_ event: SupervisionEvent) {
        guard event.path != self.path else { return }
        let shared = self.specification.strategy.isDynamic ? "\(self.path)/*" : nil
        self.environment.metrics.record(event, shared: shared)
    }

    private func log(_ event: SupervisionEvent) {
        let (level, message) = event.kind.logLine
        guard self.environment.logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = ["service.name": "\(event.path)", "service.generation": "\(event.generation)"]
        for (key, value) in event.kind.logDetails { metadata[key] = "\(value)" }
        self.environment.logger.log(level: level, "\(message)", metadata: metadata)
    }
}

extension SupervisionEvent.Kind {
    /// The constant line that stands for this kind in a log.
    var logLine: (Logger.Level, String) {
        switch self {
        case .starting: (.debug, "Service starting")
        case .ready: (.debug, "Service ready")
        case .failed: (.error, "Service failed")
        case .restarting: (.notice, "Service will be restarted")
        case .finished: (.info, "Service finished")
        case .stopping: (.debug, "Service stopping")
        case .stopped: (.debug, "Service stopped")
        case .shutdownError: (.warning, "Service failed while it was stopped")
        case .abandoned: (.error, "Service would not stop and was abandoned")
        case .abandonedEnded: (.notice, "Abandoned service has ended after all")
        case .blockedByAbandoned: (.error, "Service not restarted, because an abandoned incarnation still runs")
        case .parked: (.error, "Service parked after repeated failures")
        case .probing: (.notice, "Parked service is tried again")
        case .unparked: (.notice, "Parked service is back")
        case .heartbeatMissed: (.error, "Service gives no sign of life")
        case .leadership: (.info, "Leadership changed")
        case .staleExit: (.warning, "Exit of an unknown incarnation ignored")
        case .dropped: (.warning, "Message dropped")
        case .gaveUp: (.critical, "Supervisor gave up")
        case .supervisorStarted: (.debug, "Supervisor started")
        case .quiet: (.debug, "Supervisor is quiet")
        case .supervisorStopped: (.debug, "Supervisor stopped")
        }
    }

    /// What differs from one event of this kind to the next.
    var logDetails: [(String, String)] {
        switch self {
        case .failed(let reason): [("error", "\(reason)")]
        case .restarting(let delay): [("service.delay", "\(delay)")]
        case .stopping(let cancelled): [("service.cancelled", "\(cancelled)")]
        case .shutdownError(let error): [("error", "\(error)")]
        case .abandoned(let waited): [("service.waited", "\(waited)")]
        case .parked(let retryAfter): [("service.retry", retryAfter.map { "\($0)" } ?? "when resumed")]
        case .heartbeatMissed(let silence): [("service.silence", "\(silence)")]
        case .leadership(let term): [("service.term", term.map { "\($0)" } ?? "none")]
        case .dropped(let reason): [("reason", reason.rawValue)]
        case .gaveUp(let error): [("error", "\(error)")]
        case .supervisorStopped(let report):
            report.isEmpty ? [] : [("service.unstopped", report.entries.map(\.path).joined(separator: ", "))]
        case .starting, .ready, .finished, .stopped, .abandonedEnded, .blockedByAbandoned, .probing, .unparked,
            .staleExit,
            .supervisorStarted, .quiet:
            []
        }
    }
}
