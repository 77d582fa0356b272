/// A service that takes messages, for instance from the remote orchestrator.
public protocol MessageHandler: Service {
    /// Handles the body of one message, as JSON bytes. Returning is the acknowledgement.
    ///
    /// - Throws: If the message cannot be handled; the sender's side decides what becomes of it.
    @concurrent func receive(_ body: [UInt8]) async throws
}

/// The services of this process by name. A name is resolved at each use, so a dead incarnation is never spoken to.
public struct ServiceDirectory: Sendable {
    let declared: Set<String>
    let lookup: @Sendable (String) -> (any Service)?

    /// Whether `name` is a service of this program, running or not.
    public func isDeclared(_ name: String) -> Bool { self.declared.contains(name) }

    /// The running incarnation of `name`, nil while there is none (restarting, parked, unknown, client mode).
    public func current(_ name: String) -> (any Service)? { self.lookup(name) }

    /// The running incarnation of `name` as a `type`, nil while there is none or if it is another type.
    public func current<T>(_ name: String, as type: T.Type) -> T? { self.lookup(name) as? T }
}
