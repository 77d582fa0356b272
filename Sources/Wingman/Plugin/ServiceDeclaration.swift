public import Logging
public import ServiceLifecycle
public import Supervision

/// An always-on loop: `swift-service-lifecycle`'s `Service`, hosted unchanged.
public typealias Service = ServiceLifecycle.Service

/// A service and how it is supervised.
///
/// ```swift
/// var services: ServiceList {
///     Supervise("mailer", restart: .permanent) { Mailer(relay: "smtp.example.org") }
/// }
/// ```
public struct ServiceDeclaration: Sendable {
    /// The name it is found by, in `tree`, in logs and in ``ServiceDirectory``.
    public var name: String
    /// When it is started again after it ended.
    public var restart: RestartPolicy
    /// How long it may take to stop gracefully, before it is cancelled.
    public var stopBudget: Duration
    /// Makes a fresh incarnation at every start, so that a restart never meets the state that ended the last one.
    public var make: @Sendable (ServiceEnvironment) async throws -> any Service

    /// A service that needs what the host offers.
    public init(
        _ name: String,
        restart: RestartPolicy = .permanent,
        stopBudget: Duration = .seconds(10),
        make: @escaping @Sendable (ServiceEnvironment) async throws -> any Service
    ) {
        self.name = name
        self.restart = restart
        self.stopBudget = stopBudget
        self.make = make
    }
}

/// A service of the app, supervised under `name`.
public func Supervise(  // swift-format-ignore: AlwaysUseLowerCamelCase
    _ name: String,
    restart: RestartPolicy = .permanent,
    stopBudget: Duration = .seconds(10),
    _ make: @escaping @Sendable () async throws -> any Service
) -> ServiceDeclaration {
    ServiceDeclaration(name, restart: restart, stopBudget: stopBudget) { _ in try await make() }
}

/// The services of a program, in the order they start.
public struct ServiceList: Sendable {
    let declarations: [ServiceDeclaration]

    /// No services.
    public init() {
        self.declarations = []
    }

    init(declarations: [ServiceDeclaration]) {
        self.declarations = declarations
    }
}

/// Lets services be listed one a line.
@resultBuilder
public enum ServiceListBuilder {
    /// One service.
    public static func buildExpression(_ service: ServiceDeclaration) -> ServiceList {
        ServiceList(declarations: [service])
    }

    /// All lines.
    public static func buildBlock(_ lists: ServiceList...) -> ServiceList {
        ServiceList(declarations: lists.flatMap(\.declarations))
    }

    /// An `if` without `else`.
    public static func buildOptional(_ list: ServiceList?) -> ServiceList { list ?? ServiceList() }

    /// The first branch of an `if`.
    public static func buildEither(first list: ServiceList) -> ServiceList { list }

    /// The other branch of an `if`.
    public static func buildEither(second list: ServiceList) -> ServiceList { list }
}

/// A service that takes messages, for instance from the remote orchestrator.
public protocol MessageHandler: Service {
    /// Handles the body of one message, as JSON bytes. Returning is the acknowledgement.
    ///
    /// - Throws: If the message cannot be handled; the sender's side decides what becomes of it.
    @concurrent func receive(_ body: [UInt8]) async throws
}

/// The services of this process by name. A name is resolved at each use, so a dead incarnation is never spoken to.
public struct ServiceDirectory: Sendable {
    let lookup: @Sendable (String) -> (any Service)?

    /// The running incarnation of `name`, nil while there is none (restarting, parked, unknown, client mode).
    public func current(_ name: String) -> (any Service)? { self.lookup(name) }

    /// The running incarnation of `name` as a `type`, nil while there is none or if it is another type.
    public func current<T>(_ name: String, as type: T.Type) -> T? { self.lookup(name) as? T }
}

/// What the host offers to services, lifecycle handlers and jobs while it runs.
public struct ServiceEnvironment: Sendable {
    /// The host's logger.
    public let logger: Logger
    /// Pushes jobs.
    public let client: Client
    /// The services of this process.
    public let services: ServiceDirectory
    /// The values the app put there.
    public let values: SharedValues
    /// Time that does not wait for the cooperative pool.
    public let time: any Timekeeper

    let store: any Store
    let life: ProcessLife?

    /// Messages from a list of the store, each claimed and settled like a job: what a dead process held comes back.
    ///
    /// - Parameters:
    ///   - list: The list's key in the store; producers `LPUSH` to it.
    ///   - limit: How many messages may be held at once.
    public func inbox(list: String, limit: Int = 1) throws -> Inbox {
        guard let life else { throw ConfigurationError(["an inbox needs server mode"]) }
        return Inbox(list: list, limit: limit, store: self.store, life: life, time: self.time)
    }

    /// Pushes a recurring job once across all processes. See ``RecurringTick``.
    public func tick(_ tick: RecurringTick) async throws -> RecurringReply {
        try await self.store.tick(tick)
    }
}
