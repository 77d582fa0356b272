public import Supervision

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
    let registry: ServiceRegistry

    /// The services of this program, running or not.
    public var names: Set<String> { self.declared }

    /// Whether `name` is a service of this program, running or not.
    public func isDeclared(_ name: String) -> Bool { self.declared.contains(name) }

    /// What `name` stands for now.
    public func state(of name: String) -> RegistryState { self.registry.lookup(name) }

    /// Waits until `name` runs.
    ///
    /// - Throws: `RegistryError` if it does not within `limit`; `CancellationError`.
    public func wait(for name: String, within limit: Duration) async throws {
        try await self.registry.await(name, within: limit)
    }

    /// Uses the incarnation of `name` that runs now, as a `type`.
    ///
    /// - Throws: `RegistryError` if none runs or it is of another type; whatever `body` throws.
    public func withService<Interface, Result>(
        named name: String,
        as type: Interface.Type,
        _ body: (Interface) async throws -> Result
    ) async throws -> Result {
        try await self.registry.withService(named: name, as: type, body)
    }
}
