/// A name that one plugin, the app or the program itself has for itself alone.
public struct Claim: Hashable, Sendable {
    /// What kind of name.
    public struct Kind: Hashable, Sendable, RawRepresentable {
        /// The word for it, in the singular: `schedule`.
        public let rawValue: String

        /// A kind of plugins' own, such as `list`: claimed names of one kind are unique in the program.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A service. The host claims it with ``PluginHost/add(_:)-(ServiceDeclaration)``.
        public static let service = Self(rawValue: "service")
        /// A job type, or an alias of one. The host claims it when the type is added.
        public static let job = Self(rawValue: "job")
        /// A schedule.
        public static let schedule = Self(rawValue: "schedule")
        /// A subcommand. The command line claims those of a plugin's `CommandProvider`.
        public static let command = Self(rawValue: "command")
        /// A list of messages that is read.
        public static let list = Self(rawValue: "list")
    }

    /// What kind of name.
    public let kind: Kind
    /// The name.
    public let name: String

    /// A name of a kind.
    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }
}

/// Who claims what, and who comes too late.
struct ClaimBook {
    private var owners: [Claim: String] = [:]
    /// What is wrong, a sentence each.
    private(set) var faults: [String] = []

    /// Notes that `owner` (`the app`, `plugin scheduler`) claims a name.
    mutating func claim(_ claim: Claim, by owner: String) {
        guard let other = self.owners.updateValue(owner, forKey: claim) else { return }
        let kind = claim.kind.rawValue
        self.faults.append(
            other == owner
                ? "\(owner) has two of the \(kind) name \"\(claim.name)\": rename one of them"
                : "\(kind) name \"\(claim.name)\" is claimed by \(other) and by \(owner): rename one of them"
        )
    }
}
