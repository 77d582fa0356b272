import Wingman

/// The lists of one orchestrator in the store, all below the list that producers push to.
struct OrchestratorNames: Sendable, Hashable {
    /// Where producers push: `requests`.
    let list: String
    /// Where messages go that cannot be handled: `requests:dead`.
    let deadLetters: String

    init(list: String, deadLetters: String? = nil) {
        self.list = list
        self.deadLetters = deadLetters ?? "\(list):dead"
    }

    /// What is kept beside the lists.
    var keys: OrchestratorKeys { OrchestratorKeys(list: self.list) }

    /// What a process is told by: `requests:control:<process>`.
    func control(_ process: String) -> String { "\(self.list):control:\(process)" }

    /// Where the parcels of a client wait.
    func lane(of client: String, _ priority: LanePriority = .plain) -> String {
        "\(self.list):lane:\(client)\(priority.suffix)"
    }

    /// All lists of a client, in the order they are claimed.
    func lanes(of client: String) -> [String] {
        LanePriority.allCases.map { self.lane(of: client, $0) }
    }
}

/// Which of a client's three lists a message waits in: it is claimed from the first that has one.
enum LanePriority: CaseIterable, Sendable {
    case high
    case plain
    case low

    /// - Parameter priority: 0 to 9, as the message says; nil counts as 5.
    init(_ priority: Int?) {
        switch priority ?? 5 {
        case 7...: self = .high
        case 4...6: self = .plain
        default: self = .low
        }
    }

    /// What the list's key ends in. A client's name must not: see ``Envelope``.
    var suffix: String {
        switch self {
        case .high: ":high"
        case .plain: ""
        case .low: ":low"
        }
    }
}

/// The names of the values, counters and sets of one orchestrator, in the plugin's own namespace.
///
/// Each list has its own, so that two programs with different lists can share a store: pausing a client of the one is
/// nothing to the other.
struct OrchestratorKeys: Sendable, Hashable {
    /// The plugin's name.
    static let namespace = "orchestrator"
    /// The list whose names are short.
    static let defaultList = "requests"

    /// What all names begin with.
    private let prefix: String

    /// - Parameter list: Where producers push.
    init(list: String = Self.defaultList) {
        self.prefix = list == Self.defaultList ? "" : "list/\(list)/"
    }

    private func key(_ name: String) -> StoreKey { StoreKey(Self.namespace, self.prefix + name) }

    /// Who moves messages to the lanes.
    static let routerRole = "router"
    /// The process that has a role; see ``RoleKeeper``.
    func owner(_ role: String) -> StoreKey { self.key("owner/\(role)") }
    /// The role of whoever claims the parcels of a client whose order counts.
    ///
    /// The prefix keeps a client named `router` from taking the router's.
    static func role(of client: String) -> String { "lane/\(client)" }

    /// A set: clients whose lanes stand still.
    var paused: StoreKey { self.key("paused") }
    /// A set: lists that have, or had, messages to be tried again later.
    var later: StoreKey { self.key("later") }
    /// A set: clients that nobody knows yet, whose messages wait in their lanes.
    var held: StoreKey { self.key("held") }
    /// A counter: failed attempts of a message that is not put aside between them.
    func attempts(_ id: String, of client: String) -> StoreKey { self.key("attempts/\(client)/\(id)") }
    /// What became of the messages of a client with one idempotency key; see ``IdempotencyMark``.
    func idempotency(_ key: String, of client: String) -> StoreKey { self.key("idem/\(client)/\(key)") }
}
