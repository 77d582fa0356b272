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

    let plugin: String
    var services: [ServiceDeclaration] = []
    var clientMiddleware: [any ClientMiddleware] = []
    var serverMiddleware: [any ServerMiddleware] = []
    var handlers: [LifecycleHandler] = []
    var lists: [String] = []

    init(plugin: String, mode: HostMode, logger: Logger) {
        var logger = logger
        logger[metadataKey: "plugin.name"] = "\(plugin)"
        self.plugin = plugin
        self.mode = mode
        self.logger = logger
    }

    /// Adds a service under the supervision tree's `plugins`; it starts in server mode only.
    public mutating func add(_ service: ServiceDeclaration) {
        self.services.append(service)
    }

    /// Adds middleware that every pushed job passes.
    public mutating func use(_ middleware: some ClientMiddleware) {
        self.clientMiddleware.append(middleware)
    }

    /// Adds middleware around every job that runs here.
    public mutating func use(_ middleware: some ServerMiddleware) {
        self.serverMiddleware.append(middleware)
    }

    /// Says that a service of this plugin takes messages from `list` by an ``Inbox``: `run --until-empty` goes on while there
    /// are any.
    public mutating func takesMessages(from list: String) {
        self.lists.append(list)
    }

    /// Runs `body` at a moment of the process's life, in server mode.
    public mutating func on(_ moment: LifecycleMoment, _ body: @escaping @Sendable (ServiceEnvironment) async -> Void) {
        self.handlers.append(LifecycleHandler(owner: self.plugin, moment: moment, body: body))
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
