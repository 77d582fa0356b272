import Metrics
import Synchronization

/// The tree's metrics. Objects are made once for each child; the children of a dynamic supervisor share one set, since their
/// names are without end.
///
/// - `supervision_child_up` (gauge, `child`): 1 while it is ready, else 0; not for children of dynamic supervisors.
/// - `supervision_failures_total` (counter, `child`, `reason`).
/// - `supervision_restarts_total` (counter, `child`).
/// - `supervision_backoff_seconds` (gauge, `child`): the last wait before a restart.
/// - `supervision_uptime_seconds` (recorder, `child`): how long an incarnation was ready, at its end.
/// - `supervision_parked_total`, `supervision_unstopped_total` (counters, `child`).
/// - `supervision_dead_letters_total` (counter, `child`, `reason`).
final class SupervisionMetrics: Sendable {
    private let factory: any MetricsFactory
    private let children = Mutex<[String: ChildMetrics]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
    }

    /// Counts what happened to a child.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - shared: What the child is called together with its siblings, if their names are without end.
    func record(_ event: SupervisionEvent, shared: String?) {
        let name = shared ?? event.path
        let child = self.children.withLock { children in
            if let child = children[name] { return child }
            let child = ChildMetrics(name, hasState: shared == nil, factory: self.factory)
            children[name] = child
            return child
        }
        child.record(event)
    }
}

private final class ChildMetrics: Sendable {
    private let dimensions: [(String, String)]
    private let factory: any MetricsFactory
    private let up: Gauge?
    private let restarts: Counter
    private let backoff: Gauge
    private let uptime: Recorder
    private let parked: Counter
    private let unstopped: Counter
    private let byReason = Mutex<[String: Counter]>([:])
    private let readySince = Mutex<[UInt64: Duration]>([:])

    init(_ child: String, hasState: Bool, factory: any MetricsFactory) {
        let dimensions = [("child", child)]
        self.dimensions = dimensions
        self.factory = factory
        self.up = hasState ? Gauge(label: "supervision_child_up", dimensions: dimensions, factory: factory) : nil
        self.restarts = Counter(label: "supervision_restarts_total", dimensions: dimensions, factory: factory)
        self.backoff = Gauge(label: "supervision_backoff_seconds", dimensions: dimensions, factory: factory)
        self.uptime = Recorder(label: "supervision_uptime_seconds", dimensions: dimensions, factory: factory)
        self.parked = Counter(label: "supervision_parked_total", dimensions: dimensions, factory: factory)
        self.unstopped = Counter(label: "supervision_unstopped_total", dimensions: dimensions, factory: factory)
    }

    func record(_ event: SupervisionEvent) {
        switch event.kind {
        case .ready: self.isReady(event)
        case .failed(let reason):
            self.count("supervision_failures_total", reason.label)
            self.isOver(event)
        case .restarting(let delay):
            self.restarts.increment()
            self.backoff.record(delay / .seconds(1))
        case .finished, .stopped: self.isOver(event)
        case .abandoned:
            self.unstopped.increment()
            self.isOver(event)
        case .parked: self.parked.increment()
        case .dropped(let reason): self.count("supervision_dead_letters_total", reason.rawValue)
        case .starting, .stopping, .shutdownError, .abandonedEnded, .blockedByAbandoned, .probing, .unparked,
            .heartbeatMissed, .leadership, .staleExit, .gaveUp, .supervisorStarted, .quiet, .supervisorStopped:
            break
        }
    }

    private func isReady(_ event: SupervisionEvent) {
        self.up?.record(1)
        guard self.up != nil else { return }  // siblings that share these objects have equal generations
        self.readySince.withLock { $0 = [event.generation: event.time] }
    }

    private func isOver(_ event: SupervisionEvent) {
        guard let since = self.readySince.withLock({ $0.removeValue(forKey: event.generation) }) else { return }
        self.up?.record(0)
        self.uptime.record((event.time - since) / .seconds(1))
    }

    private func count(_ label: String, _ reason: String) {
        let counter = self.byReason.withLock { counters in
            let key = "\(label) \(reason)"
            if let counter = counters[key] { return counter }
            let dimensions = self.dimensions + [("reason", reason)]
            let counter = Counter(label: label, dimensions: dimensions, factory: self.factory)
            counters[key] = counter
            return counter
        }
        counter.increment()
    }
}
