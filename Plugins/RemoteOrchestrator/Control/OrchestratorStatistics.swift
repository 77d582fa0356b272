/// What one process did with messages since it started, and what it does now: the answer to `stats`.
///
/// All that was taken into lanes has come to an end or is here: `accepted` is the sum of `handled` and of those in flight.
struct OrchestratorStatistics: Codable, Equatable, Sendable {
    /// One client.
    struct Client: Codable, Equatable, Sendable {
        /// `ordered`, `concurrent 8`, `by key 4`; nil: its service did not run here yet.
        var lanes: String?
        /// `running`, `restarting`, `parked`, `absent`.
        var service: String
        /// Whether this process takes its messages: of ordered clients one process does.
        var isOwner: Bool
        /// Whether an operator has paused it.
        var isPaused: Bool
        /// Messages that are held here.
        var inFlight: Int
        /// Messages that were taken, also those that came again.
        var accepted: Int
        /// By outcome: `done`, `retried` (put aside for another attempt), `dead`, `given_back`; `repeated` (answered from what
        /// was kept of its idempotency key), `postponed` (another of its key is handled), `lost` with the lease.
        var handled: [String: Int]

        enum CodingKeys: String, CodingKey {
            case lanes
            case service
            case isOwner = "is_owner"
            case isPaused = "is_paused"
            case inFlight = "in_flight"
            case accepted
            case handled
        }
    }

    /// The list that messages come from.
    var list: String
    var isQuiet: Bool
    /// Whether this process routes.
    var isRouter: Bool
    /// Messages that the router of this process moved to lanes.
    var routed: Int
    /// Messages that came again after a process had died.
    var redelivered: Int
    /// Messages whose lease was lost while they were handled.
    var lostLeases: Int
    /// Messages put away by this process, by reason.
    var deadLetters: [String: Int]
    var clients: [String: Client]

    enum CodingKeys: String, CodingKey {
        case list
        case isQuiet = "is_quiet"
        case isRouter = "is_router"
        case routed
        case redelivered
        case lostLeases = "lost_leases"
        case deadLetters = "dead_letters"
        case clients
    }
}

/// What control sees of the parts that handle messages, and does to them. Its calls return at once, also while every lane
/// is jammed.
protocol ControlledLanes: Sendable {
    func statistics(isQuiet: Bool) -> OrchestratorStatistics
    /// Handles nothing of `client` until it is resumed; what runs goes on.
    func setPaused(_ isPaused: Bool, client: String)
    /// Gives up a message that is being handled here: it becomes a dead letter.
    ///
    /// - Returns: Whether it was being handled here.
    func cancel(id: String) -> Bool
}
