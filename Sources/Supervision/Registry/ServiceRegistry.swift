import ServiceLifecycle
import Synchronization

/// Names and the services that stand behind them at the moment.
///
/// A name is resolved at each use, so a message goes to the incarnation that lives now or is refused with the reason; it is
/// never swallowed by one that has died. That is why a service cannot be taken out of here to keep, only used inside
/// ``withService(named:as:_:)`` or by a ``ServiceReference``.
public final class ServiceRegistry: Sendable {
    struct Entry: Sendable {
        /// Which child of which supervisor the name belongs to.
        let owner: RegistryOwner
        var state: RegistryState
        var service: (any Service)?
        var waiters: [UInt64: RegistryWaiter] = [:]
    }

    let entries = Mutex<[String: Entry]>([:])
    let watchers = RegistryWatchers()
    let time: any Timekeeper

    /// Creates an empty registry.
    ///
    /// - Parameter time: What deadlines of waits are measured by.
    public init(time: any Timekeeper = TimerThread.shared) {
        self.time = time
    }

    /// What `name` stands for now.
    public func lookup(_ name: String) -> RegistryState {
        self.entries.withLock { $0[name]?.state ?? .absent }
    }

    /// All registered names, sorted, with what they stand for now.
    public var names: [(name: String, state: RegistryState)] {
        self.entries.withLock { entries in
            entries.sorted { $0.key < $1.key }.map { (name: $0.key, state: $0.value.state) }
        }
    }

    /// Uses the service that `name` stands for now.
    ///
    /// - Parameters:
    ///   - name: The registered name.
    ///   - type: What the service has to be: its type, or a protocol.
    ///   - body: Uses the service; the service is not to be kept beyond it.
    /// - Returns: What `body` returns.
    /// - Throws: ``RegistryError`` when no incarnation is ready or it is of another type, and what `body` throws.
    public func withService<Interface, Result>(
        named name: String,
        as type: Interface.Type,
        _ body: (Interface) async throws -> Result
    ) async throws -> Result {
        try await body(try self.service(named: name, as: type))
    }

    /// A handle that resolves `name` at each use.
    public func reference<Interface>(to name: String, as type: Interface.Type) -> ServiceReference<Interface> {
        ServiceReference(name: name, registry: self)
    }

    private func service<Interface>(named name: String, as type: Interface.Type) throws(RegistryError) -> Interface {
        let (state, service) = self.entries.withLock { ($0[name]?.state ?? .absent, $0[name]?.service) }
        guard case .running = state, let service else { throw RegistryError(name: name, reason: .unavailable(state)) }
        guard let service = service as? Interface else {
            throw RegistryError(
                name: name,
                reason: .wrongType(expected: "\(type)", found: "\(Swift.type(of: service))")
            )
        }
        return service
    }
}

/// A name together with what its service is expected to be. It can be kept: each use resolves the name anew.
public struct ServiceReference<Interface>: Sendable {
    /// The registered name.
    public let name: String
    private let registry: ServiceRegistry

    init(name: String, registry: ServiceRegistry) {
        self.name = name
        self.registry = registry
    }

    /// What the name stands for now.
    public var state: RegistryState { self.registry.lookup(self.name) }

    /// Uses the service that the name stands for now; see ``ServiceRegistry/withService(named:as:_:)``.
    public func withService<Result>(_ body: (Interface) async throws -> Result) async throws -> Result {
        try await self.registry.withService(named: self.name, as: Interface.self, body)
    }

    /// The same, in short: `try await mailer { try await $0.send(mail) }`.
    public func callAsFunction<Result>(_ body: (Interface) async throws -> Result) async throws -> Result {
        try await self.registry.withService(named: self.name, as: Interface.self, body)
    }
}

/// Why a name could not be used.
public struct RegistryError: Error, Sendable, CustomStringConvertible {
    /// The reason, in a form to switch on.
    public enum Reason: Sendable, Hashable {
        /// No incarnation is ready.
        case unavailable(RegistryState)
        /// The service is not what was asked for.
        case wrongType(expected: String, found: String)
        /// It was not ready before the deadline.
        case deadline
        /// The name was removed while it was waited for.
        case removed
    }

    /// The name.
    public let name: String
    /// The reason.
    public let reason: Reason

    /// One line for people.
    public var description: String {
        switch self.reason {
        case .unavailable(.restarting): "\(self.name) is being restarted"
        case .unavailable(.parked): "\(self.name) is parked after repeated failures"
        case .unavailable(.absent): "there is no service named \(self.name)"
        case .unavailable(.running): "\(self.name) has just ended"
        case .wrongType(let expected, let found): "\(self.name) is a \(found), not a \(expected)"
        case .deadline: "\(self.name) was not ready in time"
        case .removed: "\(self.name) was removed"
        }
    }
}
