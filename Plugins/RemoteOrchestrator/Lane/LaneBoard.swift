import Supervision
import Synchronization
import Wingman

/// What this process does with messages, for everybody who asks: control, health checks, tests. Its calls return at once.
///
/// Its figures count from the start of the process, over restarts of the orchestrator.
final class LaneBoard: ControlledLanes {
    private struct Client {
        var lanes: InboundLanes?
        var work: LaneWork?
        var accepted = 0
        var handled: [String: Int] = [:]
    }

    private struct State {
        var list = ""
        var services: ServiceDirectory?
        var clients: [String: Client] = [:]
        var paused: Set<String> = []
        /// Grows with each pause and each resumption by control.
        var pauseChanges = 0
        var routerOwner: String?
        var hasLooked = false
        var router = RouterState()
        var redelivered = 0
        var lostLeases = 0
        var deadLetters: [String: Int] = [:]
    }

    /// What the router of this process is at.
    struct RouterState: Sendable {
        var isHere = false
        /// Since when it is busy with one step, on the timekeeper's scale; nil while it waits.
        var busySince: Duration?
        var routed = 0
    }

    private let state = Mutex(State())

    /// An incarnation of the orchestrator begins: these are its clients.
    func begin(list: String, services: ServiceDirectory) {
        self.state.withLock { state in
            state.list = list
            state.services = services
            for name in services.names where state.clients[name] == nil { state.clients[name] = Client() }
        }
    }

    // MARK: Router

    /// Who routes, in whichever process; nil if nobody does.
    var routerOwner: String? {
        get { self.state.withLock { $0.routerOwner } }
        set {
            self.state.withLock { state in
                state.routerOwner = newValue
                state.hasLooked = true
            }
        }
    }

    /// Whether anybody has looked who routes.
    var hasLooked: Bool { self.state.withLock { $0.hasLooked } }

    var router: RouterState {
        get { self.state.withLock { $0.router } }
        set { self.state.withLock { $0.router = newValue } }
    }

    func routed(_ count: Int) { self.state.withLock { $0.router.routed += count } }

    // MARK: Lanes

    /// A lane begins to claim.
    func opened(_ client: String, _ lanes: InboundLanes, _ work: LaneWork) {
        self.state.withLock { state in
            state.clients[client, default: Client()].lanes = lanes
            state.clients[client]?.work = work
        }
    }

    /// A lane claims nothing any more.
    func closed(_ client: String) { self.state.withLock { $0.clients[client]?.work = nil } }

    /// Messages were claimed, of which so many had been tried before.
    func accepted(_ redelivered: Int, of count: Int, _ client: String) {
        self.state.withLock { state in
            state.redelivered += redelivered
            state.clients[client, default: Client()].accepted += count
        }
    }

    /// A message has left its lane; given back if it has no fate.
    func ended(_ fate: Verdict.Fate?, of client: String) {
        self.state.withLock { state in
            state.clients[client, default: Client()].handled[fate?.word ?? "given_back", default: 0] += 1
            if case .dead(let reason) = fate { state.deadLetters[reason.rawValue, default: 0] += 1 }
        }
    }

    /// A message never reached a lane.
    func refused(_ reason: Refusal.Reason) {
        self.state.withLock { $0.deadLetters[reason.rawValue, default: 0] += 1 }
    }

    /// Messages went to others while they were held here, some of them before their end was decided.
    func lost(_ count: Int, unfinished: Int, of client: String) {
        self.state.withLock { state in
            state.lostLeases += count
            guard unfinished > 0 else { return }
            state.clients[client, default: Client()].handled["lost", default: 0] += unfinished
        }
    }

    // MARK: Control

    func isPaused(_ client: String) -> Bool { self.state.withLock { $0.paused.contains(client) } }

    /// How often control has paused or resumed a client here: to be noted before the store is asked what is paused.
    var pauseChanges: Int { self.state.withLock { $0.pauseChanges } }

    /// What the store says is paused.
    ///
    /// - Parameter changes: ``pauseChanges`` from before the store was asked.
    /// - Returns: False if control has changed something since: what the store said may be older, and nothing was done.
    func setPaused(_ clients: Set<String>, readAfter changes: Int) -> Bool {
        let works = self.state.withLock { state -> [LaneWork]? in
            guard state.pauseChanges == changes else { return nil }
            let changed = state.paused.symmetricDifference(clients)
            state.paused = clients
            return changed.compactMap { state.clients[$0]?.work }
        }
        for work in works ?? [] { work.notePause() }
        return works != nil
    }

    func setPaused(_ isPaused: Bool, client: String) {
        let work = self.state.withLock { state in
            state.pauseChanges += 1
            if isPaused { state.paused.insert(client) } else { state.paused.remove(client) }
            return state.clients[client]?.work
        }
        work?.notePause()
    }

    /// A beat was acknowledged.
    func noteLease() {
        for work in self.state.withLock({ $0.clients.values.compactMap(\.work) }) { work.noteLease() }
    }

    func cancel(id: String) -> Bool {
        let works = self.state.withLock { $0.clients.values.compactMap(\.work) }
        return works.contains { $0.cancel(id: id) }
    }

    func statistics(isQuiet: Bool) -> OrchestratorStatistics {
        let state = self.state.withLock { $0 }
        return OrchestratorStatistics(
            list: state.list,
            isQuiet: isQuiet,
            isRouter: state.router.isHere,
            routed: state.router.routed,
            redelivered: state.redelivered,
            lostLeases: state.lostLeases,
            deadLetters: state.deadLetters,
            clients: state.clients.reduce(into: [:]) { clients, entry in
                clients[entry.key] = OrchestratorStatistics.Client(
                    lanes: entry.value.lanes?.text,
                    service: state.services?.state(of: entry.key).word ?? "absent",
                    isOwner: entry.value.work != nil,
                    isPaused: state.paused.contains(entry.key),
                    inFlight: entry.value.work?.count ?? 0,
                    accepted: entry.value.accepted,
                    handled: entry.value.handled
                )
            }
        )
    }
}

extension InboundLanes {
    /// For people: `ordered`, `concurrent 8`, `by key 4`.
    var text: String {
        switch self {
        case .ordered: "ordered"
        case .concurrent: "concurrent \(self.width)"
        case .byKey: "by key \(self.width)"
        }
    }
}

extension RegistryState {
    fileprivate var word: String {
        switch self {
        case .running: "running"
        case .restarting: "restarting"
        case .parked: "parked"
        case .absent: "absent"
        }
    }
}
