public import ServiceLifecycle
public import Supervision

/// An always-on loop: `swift-service-lifecycle`'s `Service`, hosted unchanged.
public typealias Service = ServiceLifecycle.Service

/// In which of the processes a service runs.
public enum StartMoment: String, Sendable {
    /// In each.
    case always
    /// In one of them at a time, chosen by a lease in the store under the service's name. When that process stops, goes
    /// quiet or dies, another one starts the service, within 20 seconds.
    ///
    /// A process that was suspended may not know yet that another one leads: late writes are told by
    /// ``ServiceEnvironment/term``.
    case leader
}

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
    /// In which of the processes it runs.
    public var when: StartMoment
    /// How long it may take to stop gracefully, before it is cancelled.
    public var stopBudget: Duration
    /// When it counts as started, so that those behind it may start. By default when its factory has returned, for which it
    /// has 30 s.
    public var readiness: Readiness
    /// A watchdog over it, for services that call `Incarnation.current?.beat()`; nil is none.
    public var heartbeat: Supervision.Heartbeat?
    /// Where its factory and `run()` run: nil is the cooperative pool, where computing jobs may delay it by seconds. One
    /// that must be on time brings a thread of its own.
    public var executor: (any TaskExecutor)?
    /// Makes a fresh incarnation at every start, so that a restart never meets the state that ended the last one.
    public var make: @Sendable (ServiceEnvironment) async throws -> any Service

    /// A service that needs what the host offers.
    public init(
        _ name: String,
        restart: RestartPolicy = .permanent,
        when: StartMoment = .always,
        stopBudget: Duration = .seconds(10),
        readiness: Readiness = .factory(within: .seconds(30)),
        heartbeat: Supervision.Heartbeat? = nil,
        executor: (any TaskExecutor)? = nil,
        make: @escaping @Sendable (ServiceEnvironment) async throws -> any Service
    ) {
        self.name = name
        self.restart = restart
        self.when = when
        self.stopBudget = stopBudget
        self.readiness = readiness
        self.heartbeat = heartbeat
        self.executor = executor
        self.make = make
    }
}

/// What a list of services is written with: `Supervise("mailer") { Mailer() }`.
public typealias Supervise = ServiceDeclaration

extension ServiceDeclaration {
    /// A service that needs nothing of what the host offers.
    public init(
        _ name: String,
        restart: RestartPolicy = .permanent,
        when: StartMoment = .always,
        stopBudget: Duration = .seconds(10),
        make: @escaping @Sendable () async throws -> any Service
    ) {
        self.init(name, restart: restart, when: when, stopBudget: stopBudget) { _ in try await make() }
    }
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

    /// Services that are listed elsewhere.
    public static func buildExpression(_ services: ServiceList) -> ServiceList { services }

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
