/// Who tells whether this process leads: a lease in a store, most likely.
///
/// A child declared ``StartCondition/leader(_:)`` runs only while this process holds the lease.
public protocol Leadership: Sendable {
    /// The state now and each change, for as long as it is iterated.
    ///
    /// The terms of successive leaders must grow, so that a store can refuse the late write of a former one.
    func changes() -> AsyncStream<LeadershipState>
}

/// Whether this process leads.
public enum LeadershipState: Sendable, Hashable {
    /// It holds the lease; `term` is the fencing number of this time in office.
    case leader(term: UInt64)
    /// Another process holds it, or nobody.
    case follower
}

/// When a child runs.
public enum StartCondition: Sendable {
    /// Whenever its supervisor runs.
    case always
    /// While this process holds the lease.
    case leader(any Leadership)
}
