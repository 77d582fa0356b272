public import Logging

/// Which side of the queue this process is.
public enum HostMode: Sendable {
    /// It runs jobs and services.
    case server
    /// It only pushes jobs or asks questions.
    case client
}

/// What a plugin may add to. Handed to ``Plugin/configure(_:)`` once, before anything starts.
public struct PluginHost {
    /// The side this process is on.
    public let mode: HostMode
    /// A logger with `plugin.name`.
    public let logger: Logger
    /// Makes the plugin's metrics.
    public let metrics: PluginMetrics

    let plugin: String
    let options: [ResolvedOption]
    var services: [ServiceDeclaration] = []
    var jobs = JobList()
    var clientMiddleware: [any ClientMiddleware] = []
    var serverMiddleware: [any ServerMiddleware] = []
    var handlers: [LifecycleHandler] = []
    var checks: [HealthCheck] = []
    var figures: [PluginFigure] = []
    var contributors: [SettlementContributor] = []
    /// Names beside those of services, jobs and commands.
    var claims: [Claim] = []

    init(plugin: String, mode: HostMode, logger: Logger, options: [ResolvedOption] = []) {
        var logger = logger
        logger[metadataKey: "plugin.name"] = "\(plugin)"
        self.plugin = plugin
        self.mode = mode
        self.logger = logger
        self.metrics = PluginMetrics(plugin: plugin)
        self.options = options
    }

    /// The value of one of the plugin's options.
    ///
    /// - Throws: ``ConfigurationError`` if the plugin's descriptor does not list it.
    public func value<Value>(of option: PluginOption<Value>) throws -> Value {
        let value = self.options.first { $0.name == option.name }?.reading.value as? Value
        guard let value else {
            throw ConfigurationError([
                "the option \(option.name) is read and not declared: add it to the options of the plugin's descriptor"
            ])
        }
        return value
    }

    /// Adds a service under the supervision tree's `plugins`; it starts in server mode only.
    public mutating func add(_ service: ServiceDeclaration) {
        self.services.append(service)
    }

    /// Adds a job type: the program can run its jobs.
    public mutating func add<J: Job>(_ job: J.Type) {
        self.jobs.definitions.append(JobDefinition(job))
    }

    /// Adds middleware that every pushed job passes.
    public mutating func use(_ middleware: some ClientMiddleware) {
        self.clientMiddleware.append(middleware)
    }

    /// Adds middleware around every job that runs here.
    public mutating func use(_ middleware: some ServerMiddleware) {
        self.serverMiddleware.append(middleware)
    }

    /// Runs `body` at a moment of the process's life, in server mode.
    public mutating func on(_ moment: LifecycleMoment, _ body: @escaping @Sendable (ServiceEnvironment) async -> Void) {
        self.handlers.append(LifecycleHandler(owner: self.plugin, moment: moment, body: body))
    }

    /// Asks again and again whether something the plugin needs is well, in server mode.
    ///
    /// One question of a check is out at a time: a body that hangs makes the check unhealthy, and holds up nothing.
    ///
    /// - Parameters:
    ///   - name: What is looked at, unique in the plugin.
    ///   - interval: From one answer to the next question.
    ///   - limit: How long an answer may take.
    ///   - body: Answers. What it throws makes the check unhealthy.
    public mutating func check(
        _ name: String,
        every interval: Duration = .seconds(10),
        within limit: Duration = .seconds(2),
        _ body: @escaping @Sendable (ServiceEnvironment) async throws -> Health
    ) {
        self.checks.append(
            HealthCheck(plugin: self.plugin, name: name, interval: interval, limit: limit, body: body)
        )
    }

    /// Shows a figure of the plugin's in `status`, for each process.
    ///
    /// - Parameters:
    ///   - name: What it is, unique in the plugin: `last tick`.
    ///   - body: The figure as a few words, asked at each beat on the timer's thread: it must not wait. Nil shows none.
    public mutating func show(_ name: String, _ body: @escaping @Sendable () -> String?) {
        self.figures.append(PluginFigure(name: "\(self.plugin)/\(name)", body: body))
    }

    /// Takes a name for this plugin alone: another plugin (or the app) that takes it, too, is a fault.
    ///
    /// Names of services, job types and commands are taken by adding them.
    public mutating func claim(_ kind: Claim.Kind, _ name: String) {
        self.claims.append(Claim(kind, name))
    }
}

/// What a plugin shows of itself in `status`.
struct PluginFigure: Sendable {
    /// `PLUGIN/NAME`.
    let name: String
    let body: @Sendable () -> String?
}

extension PluginHost {
    /// All that the plugin takes for itself, in the order of kinds.
    var allClaims: [Claim] {
        self.services.map { Claim(.service, $0.name) } + self.jobs.claims + self.claims
    }
}

extension JobList {
    /// The names and aliases of the types; a type that repeats its own name as an alias claims it once.
    var claims: [Claim] {
        self.definitions.flatMap { definition in
            [Claim(.job, definition.name)]
                + Set(definition.aliases).subtracting([definition.name]).sorted().map { Claim(.job, $0) }
        }
    }
}

/// A moment in the life of a server process.
public enum LifecycleMoment: String, Sendable, CaseIterable {
    /// The store is open and the lease held. Jobs may start beside the handler.
    case startup
    /// No new jobs are taken from here on.
    case quiet
    /// The process stops; running jobs still have their time.
    case shutdown
    /// A beat was acknowledged.
    case beat
}

struct LifecycleHandler: Sendable {
    let owner: String
    let moment: LifecycleMoment
    let body: @Sendable (ServiceEnvironment) async -> Void
}
