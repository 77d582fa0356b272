public import Logging

/// A program on Wingman: its job types, services and plugins. The executable is both sides: `run` is server mode, every
/// other command and ``Assembly/client(store:)`` is client mode.
///
/// Import `WingmanCommand` and mark the type `@main` to get the command line.
public protocol WingmanApp: Sendable {
    /// Makes the app; called once.
    init()

    /// The job types this program can run.
    @JobListBuilder var jobs: JobList { get }

    /// Always-on services of the app itself, in the order they start.
    @ServiceListBuilder var services: ServiceList { get }

    /// Plugins, in the order they are configured and started.
    @PluginListBuilder var plugins: PluginList { get }

    /// Puts values there for jobs and services (a database pool, a mailer), before anything starts.
    func prepare(_ values: inout SharedValues) async throws
}

extension WingmanApp {
    /// None.
    public var services: ServiceList { ServiceList() }
    /// None.
    public var plugins: PluginList { PluginList() }
    /// Puts nothing there.
    public func prepare(_ values: inout SharedValues) async throws {}
}

/// An app read once and checked: what the server, the client and the commands are made from.
public struct Assembly: Sendable {
    /// The plugins, in order.
    public let plugins: [any Plugin]
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
    /// Lists that the plugins' services take messages from.
    let lists: Set<String>
    let prepare: @Sendable (inout SharedValues) async throws -> Void

    /// Reads `app` for `mode` and configures its plugins.
    ///
    /// - Throws: ``ConfigurationError`` with every fault: names claimed twice, plugins that refuse their options.
    public init(_ app: some WingmanApp, mode: HostMode, logger: Logger) throws {
        var faults: [String] = []
        var registry: JobRegistry?
        do {
            registry = try JobRegistry(app.jobs)
        } catch let error as ConfigurationError {
            faults += error.faults
        }
        let hosts = Self.configure(app.plugins.plugins, mode: mode, logger: logger, faults: &faults)
        self.plugins = app.plugins.plugins
        self.clientMiddleware = hosts.flatMap(\.clientMiddleware)
        self.serverMiddleware = hosts.flatMap(\.serverMiddleware)
        self.handlers = hosts.flatMap(\.handlers)
        self.lists = Set(hosts.flatMap(\.lists))
        self.appServices = app.services.declarations
        self.pluginServices = hosts.flatMap { host in host.services.map { (host.plugin, $0) } }
        self.prepare = { values in try await app.prepare(&values) }
        let names = self.appServices.map(\.name) + self.pluginServices.map(\.service.name)
        faults += Self.repeated(names).map { "two services are named \"\($0)\": rename one of them" }
        guard let registry, faults.isEmpty else { throw ConfigurationError(faults) }
        self.registry = registry
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

    /// Names of all services.
    var serviceNames: Set<String> { Set(self.appServices.map(\.name) + self.pluginServices.map(\.service.name)) }

    /// A client that passes the plugins' client middleware.
    public func client(store: any Store) -> Client { Client(store: store, middleware: self.clientMiddleware) }

    private static func configure(
        _ plugins: [any Plugin],
        mode: HostMode,
        logger: Logger,
        faults: inout [String]
    ) -> [PluginHost] {
        faults += Self.repeated(plugins.map(\.name)).map { "two plugins are named \"\($0)\": list it once" }
        return plugins.map { plugin in
            var host = PluginHost(plugin: plugin.name, mode: mode, logger: logger)
            do {
                try plugin.configure(&host)
            } catch let error as ConfigurationError {
                faults += error.faults.map { "plugin \(plugin.name): \($0)" }
            } catch {
                faults.append("plugin \(plugin.name): \(error)")
            }
            return host
        }
    }

    private static func repeated(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { !seen.insert($0).inserted }
    }
}
