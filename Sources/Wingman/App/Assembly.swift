public import Logging
import Supervision

/// An app read once and checked: what the server, the client and the commands are made from.
public struct Assembly: Sendable {
    /// All plugins of the list, in order, those that are off included.
    public let listings: [PluginListing]
    /// The services of the app itself, in order.
    public let appServices: [ServiceDeclaration]
    /// The services of the plugins, in order, each with its plugin's name.
    public let pluginServices: [(plugin: String, service: ServiceDeclaration)]
    /// Names of all job types and aliases, sorted.
    public var jobNames: [String] { self.registry.names }

    let registry: JobRegistry
    let clientMiddleware: [any ClientMiddleware]
    let serverMiddleware: [any ServerMiddleware]
    let handlers: [LifecycleHandler]
    let checks: [HealthCheck]
    let figures: [PluginFigure]
    let contributors: [SettlementContributor]
    /// Lists that the plugins' services take messages from.
    let lists: Set<String>
    let prepare: @Sendable (inout SharedValues) async throws -> Void

    /// Reads `app` for `mode` and configures its plugins.
    ///
    /// - Parameters:
    ///   - app: The app. Its lists are read once.
    ///   - mode: The side this process is on.
    ///   - logger: What plugins log with.
    ///   - options: Where options of plugins come from beside the code, the weakest first.
    ///   - commands: The command line's part.
    /// - Throws: ``ConfigurationError`` with every fault: wrong lists, options that cannot work, names claimed twice,
    ///   plugins that refuse to be configured.
    public init(
        _ app: some WingmanApp,
        mode: HostMode,
        logger: Logger,
        options: [any OptionSource] = [],
        commands: CommandNames = CommandNames()
    ) throws {
        let jobs = app.jobs
        let services = app.services.declarations
        let roster = PluginRoster(
            app.plugins,
            app: PluginOrigin.module(of: type(of: app)),
            mode: mode,
            logger: logger,
            sources: options,
            commands: commands.ofPlugin
        )
        var faults = Self.faults(in: jobs) + roster.hosts.flatMap { Self.faults(in: $0.jobs) }
        faults += roster.faults
        let claims = Self.claims(jobs: jobs, services: services, roster: roster, commands: commands).faults
        // The tree would tell of two equal names a second time.
        faults += claims.isEmpty ? Self.faults(in: services + roster.hosts.flatMap(\.services)) : claims
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        self.registry = try JobRegistry(
            JobList(definitions: jobs.definitions + roster.hosts.flatMap(\.jobs.definitions))
        )
        self.listings = roster.listings
        self.clientMiddleware = roster.hosts.flatMap(\.clientMiddleware)
        self.serverMiddleware = roster.hosts.flatMap(\.serverMiddleware)
        self.handlers = roster.hosts.flatMap(\.handlers)
        self.checks = roster.hosts.flatMap(\.checks)
        self.figures = roster.hosts.flatMap(\.figures)
        self.contributors = roster.hosts.flatMap(\.contributors)
        self.lists = Set(roster.hosts.flatMap(\.claims).filter { $0.kind == .list }.map(\.name))
        self.appServices = services
        self.pluginServices = roster.hosts.flatMap { host in host.services.map { (host.plugin, $0) } }
        self.prepare = { values in try await app.prepare(&values) }
    }

    /// What is wrong within one list of job types.
    private static func faults(in jobs: JobList) -> [String] {
        do {
            _ = try JobRegistry(jobs)
            return []
        } catch let error as ConfigurationError {
            return error.faults
        } catch {
            return ["\(error)"]
        }
    }

    /// What the tree would refuse: empty names, negative budgets. Nothing is started.
    private static func faults(in services: [ServiceDeclaration]) -> [String] {
        let tree = SupervisorSpecification("services") {
            for service in services {
                ChildSpecification(
                    service.name,
                    readiness: service.readiness,
                    stop: StopPolicy(graceful: service.stopBudget),
                    heartbeat: service.heartbeat
                ) { throw CancellationError() }
            }
        }
        do {
            _ = try Supervisor(tree, logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() })
            return []
        } catch let error as SupervisionError {
            return error.faults.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    /// Names of the tree's own parts; a service finds nothing under them.
    private static let ownServices = ["store", "heartbeat", "poller", "rescuer", "until-empty", "health"]

    private static func claims(
        jobs: JobList,
        services: [ServiceDeclaration],
        roster: PluginRoster,
        commands: CommandNames
    ) -> ClaimBook {
        var book = ClaimBook()
        for name in Self.ownServices { book.claim(Claim(.service, name), by: "the program itself") }
        for name in commands.own { book.claim(Claim(.command, name), by: "the program itself") }
        // Twice in one list of jobs is told by the registry, with the types.
        for claim in Set(jobs.claims) { book.claim(claim, by: "the app") }
        for service in services { book.claim(Claim(.service, service.name), by: "the app") }
        for listing in roster.listings {
            let jobs = Set(listing.claims.filter { $0.kind == .job })
            for claim in listing.claims.filter({ $0.kind != .job }) + jobs.sorted(by: { $0.name < $1.name }) {
                book.claim(claim, by: "plugin \(listing.name)")
            }
        }
        return book
    }
}

/// What the command line contributes to an ``Assembly``: which names of commands are taken.
public struct CommandNames: Sendable {
    /// Those of every program.
    public var own: [String]
    /// Those that a plugin brings.
    public var ofPlugin: @Sendable (any Plugin) -> [String]

    /// No commands.
    public init(own: [String] = [], ofPlugin: @escaping @Sendable (any Plugin) -> [String] = { _ in [] }) {
        self.own = own
        self.ofPlugin = ofPlugin
    }
}

extension Assembly {
    /// The plugins that are on, in order.
    public var plugins: [any Plugin] { self.listings.filter(\.isOn).map(\.plugin) }

    /// The plugin of a type, if one is listed and on: how a subcommand finds the plugin that brought it.
    public func plugin<P: Plugin>(_ type: P.Type = P.self) -> P? {
        self.plugins.lazy.compactMap { $0 as? P }.first
    }

    /// The options of a job type by its name or an alias; nil if it is not known here.
    public func options(ofJob name: String) -> JobOptions? { self.registry[name]?.options }

    /// Checks that arguments fit a job type, if it is known here.
    ///
    /// - Parameters:
    ///   - argumentsJSON: A JSON array.
    ///   - name: The type's name or an alias. Of a class that is not known here only the JSON is checked.
    /// - Throws: ``ArgumentError``, or another error that says what is wrong with the JSON. Neither holds a value.
    public func check(argumentsJSON: some StringProtocol, ofJob name: String) throws {
        let bytes = Array(argumentsJSON.utf8)
        try JSONText.validateArray(bytes)
        try self.registry[name]?.check(bytes[...])
    }

    /// Whether there is anything under the tree's `plugins`.
    public var hasPluginTree: Bool { !self.pluginServices.isEmpty || self.hasHealthChecks }

    /// Whether a plugin has health checks: the tree then has a service that asks them.
    public var hasHealthChecks: Bool { !self.checks.isEmpty }

    /// Names of all services.
    var serviceNames: Set<String> { Set(self.appServices.map(\.name) + self.pluginServices.map(\.service.name)) }

    /// A client that passes the plugins' client middleware.
    public func client(store: any Store) -> Client { Client(store: store, middleware: self.clientMiddleware) }
}
