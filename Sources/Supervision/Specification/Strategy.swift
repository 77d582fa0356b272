/// Who is restarted when one child fails.
public enum Strategy: Sendable, Hashable {
    /// The child alone.
    case oneForOne
    /// The child and those declared after it: they depend on it.
    case restForOne
    /// All: they depend on one another.
    case oneForAll
    /// The child alone, of a set that changes while the supervisor runs. Its members are started at once, in no order, and
    /// stopped in parallel; whoever ends for good is forgotten.
    case dynamic(maximum: Int)

    /// Whether the failure of one child takes others down with it.
    var restartsGroups: Bool { self == .restForOne || self == .oneForAll }

    var isDynamic: Bool {
        if case .dynamic = self { true } else { false }
    }

    /// As people write it: one-for-one.
    public var name: String {
        switch self {
        case .oneForOne: "one-for-one"
        case .restForOne: "rest-for-one"
        case .oneForAll: "one-for-all"
        case .dynamic: "dynamic"
        }
    }
}

/// Whether a supervisor ends by itself when its significant children have.
public enum AutomaticShutdown: String, Sendable, Hashable, Codable {
    /// It runs until it is stopped.
    case never
    /// When one significant child has ended by itself.
    case anySignificant
    /// When the last of them has.
    case allSignificant
}
