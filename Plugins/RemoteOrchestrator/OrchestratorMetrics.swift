import Metrics
import Synchronization
import Wingman

/// The metrics of one orchestrator, each made once.
final class OrchestratorMetrics: Sendable {
    private struct State {
        var lanes: [String: LaneMetrics] = [:]
        var deadLetters: [Refusal.Reason: Counter] = [:]
        var depths: [String: Gauge] = [:]
    }

    let routed: Counter
    let lag: Gauge
    let keptDeadLetters: Gauge
    /// Replies that could not be written.
    let failedReplies: Counter
    private let make: PluginMetrics
    private let state = Mutex(State())

    init(_ make: PluginMetrics) {
        self.make = make
        self.routed = make.counter("routed_total")
        self.lag = make.gauge("lag_seconds")
        self.failedReplies = make.counter("reply_failed_total")
        self.keptDeadLetters = make.gauge("dead_letters")
    }

    /// Those of one client.
    func lane(of client: String) -> LaneMetrics {
        self.state.withLock { state in
            if let lane = state.lanes[client] { return lane }
            let lane = LaneMetrics(self.make, client: client)
            state.lanes[client] = lane
            return lane
        }
    }

    /// A message became a dead letter.
    func deadLetter(_ reason: Refusal.Reason) {
        let counter = self.state.withLock { state in
            if let counter = state.deadLetters[reason] { return counter }
            let counter = self.make.counter("dead_letters_total", dimensions: [("reason", reason.rawValue)])
            state.deadLetters[reason] = counter
            return counter
        }
        counter.increment()
    }

    /// How many messages wait in a list.
    func depth(_ count: Int, of list: String) {
        let gauge = self.state.withLock { state in
            if let gauge = state.depths[list] { return gauge }
            let gauge = self.make.gauge("depth", dimensions: [("list", list)])
            state.depths[list] = gauge
            return gauge
        }
        gauge.record(count)
    }
}

/// The metrics of one client.
final class LaneMetrics: Sendable {
    let inFlight: Gauge
    let redelivered: Counter
    let lost: Counter
    private let time: Timer
    private let handled: Mutex<[String: Counter]>
    private let make: PluginMetrics
    private let client: String

    init(_ make: PluginMetrics, client: String) {
        let dimensions = [("client", client)]
        self.make = make
        self.client = client
        self.inFlight = make.gauge("in_flight", dimensions: dimensions)
        self.redelivered = make.counter("redelivered_total", dimensions: dimensions)
        self.lost = make.counter("lost_lease_total", dimensions: dimensions)
        self.time = make.timer("handle_seconds", dimensions: dimensions)
        self.handled = Mutex([:])
    }

    /// A message left its lane; given back if it has no fate.
    func ended(_ fate: Verdict.Fate?, after time: Duration?) {
        self.count(fate?.word ?? "given_back")
        if let time { self.time.recordNanoseconds(Int64(time / .nanoseconds(1))) }
    }

    /// An attempt failed, and its message stays in its lane.
    func rested(_ fate: Verdict.Fate) { self.count("rested_\(fate.word)") }

    private func count(_ outcome: String) {
        let counter = self.handled.withLock { handled in
            if let counter = handled[outcome] { return counter }
            let counter = self.make.counter(
                "handled_total",
                dimensions: [("client", self.client), ("outcome", outcome)]
            )
            handled[outcome] = counter
            return counter
        }
        counter.increment()
    }
}
