/// A supervisor or a service as it stands at one moment, with all below it.
///
/// ``text`` draws it; as `Codable` it is what `tree --json` and a dashboard get.
public struct TreeNode: Sendable, Hashable, Codable {
    /// What a node is.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// It has children of its own.
        case supervisor
        /// It is a service.
        case service
    }

    /// What a child is doing.
    public enum State: String, Sendable, Hashable, Codable {
        /// Its supervisor has not come to it yet, or does not run.
        case pending
        /// Launched, not ready yet.
        case starting
        /// Ready.
        case running
        /// Asked to stop, or cancelled.
        case stopping
        /// Failed, and waits to be started again.
        case restarting
        /// Waits for an abandoned incarnation of itself to end.
        case blocked
        /// Failed too often; left alone for now.
        case parked
        /// Waits for this process to lead.
        case standby
        /// Ended, and will not be started again.
        case finished
        /// Ended by its last failure.
        case failed
    }

    /// Its name among its siblings.
    public var name: String
    /// Where it stands: `wingman/plugins/mailer`.
    public var path: String
    /// What it is.
    public var kind: Kind
    /// A supervisor's strategy: `one-for-one`.
    public var strategy: String?
    /// What a supervisor does on giving up: `escalates`, `parks what keeps failing`, `ends the process with 1`.
    public var giveUp: String?
    /// What it is doing.
    public var state: State
    /// Whether it is to take no new work.
    public var isQuiet: Bool
    /// Which incarnation it is in; 0 before the first.
    public var generation: UInt64
    /// How many seconds the present incarnation has been ready.
    public var uptimeSeconds: Double?
    /// How many restarts its present window holds.
    public var restartsInWindow: Int
    /// How many restarts there have been.
    public var restarts: Int
    /// Its last failure.
    public var lastError: String?
    /// In how many seconds it will be started again.
    public var nextAttemptSeconds: Double?
    /// The term of office it runs in.
    public var term: UInt64?
    /// How many abandoned incarnations of it still run.
    public var abandoned: Int
    /// How many messages wait in its mailbox, if it has one.
    public var mailboxDepth: Int?
    /// Whether its supervisor can do without it: what keeps failing is parked.
    public var isOptional: Bool
    /// The children in the order they are started.
    public var children: [TreeNode]
}

extension TreeNode {
    /// Whether the program is well, derived from the tree.
    public enum Health: String, Sendable, Hashable, Codable {
        /// Everything runs.
        case healthy
        /// It does its work, but something optional is down, or something that was abandoned still runs.
        case degraded
        /// Something it cannot do without is not running, or not yet.
        case notReady
    }

    /// The health of this node and all below it.
    public var health: Health {
        var health = self.ownHealth
        for child in self.children {
            switch child.health {
            case .healthy: break
            case .degraded: health = max(health, .degraded)
            case .notReady: health = max(health, child.isOptional ? .degraded : .notReady)
            }
        }
        return health
    }

    private var ownHealth: Health {
        switch self.state {
        case .running, .standby, .finished: self.abandoned > 0 ? .degraded : .healthy
        case .parked: .degraded
        case .pending, .starting, .stopping, .restarting, .blocked, .failed: .notReady
        }
    }

    private func max(_ left: Health, _ right: Health) -> Health {
        if left == .notReady || right == .notReady { return .notReady }
        return left == .degraded || right == .degraded ? .degraded : .healthy
    }

    /// The node at a path below this one: `plugins/mailer`; nil if there is none.
    public subscript(path: String) -> TreeNode? {
        var node = self
        for part in path.split(separator: "/") {
            guard let child = node.children.first(where: { $0.name == part }) else { return nil }
            node = child
        }
        return node
    }
}
