/// Where a plugin is from.
public enum PluginOrigin: String, Sendable {
    /// It is part of Wingman.
    case builtIn = "built in"
    /// It is part of the program itself.
    case app
    /// Somebody else wrote it.
    case thirdParty = "third party"

    /// The modules of the plugins that are part of Wingman, one a folder of `Plugins`. Names only: the host knows none of
    /// them, and treats all plugins alike.
    public static let builtInModules: Set<String> = [
        "WingmanQueueLatency", "WingmanRemoteOrchestrator", "WingmanScheduler",
    ]

    /// The origin of what is defined in `module`, in a program whose app is defined in `app`.
    static func of(module: String, app: String) -> PluginOrigin {
        if Self.builtInModules.contains(module) { return .builtIn }
        return module == app ? .app : .thirdParty
    }

    /// The module that a type is defined in.
    static func module(of type: any Any.Type) -> String {
        String(String(reflecting: type).prefix { $0 != "." })
    }
}

/// One line of the list of plugins, as the host has read it.
public struct PluginListing: Sendable {
    /// The plugin.
    public let plugin: any Plugin
    /// What it says of itself.
    public let descriptor: PluginDescriptor
    /// Its place in the list, from 1: the order of configuring and starting; stopping is in reverse.
    public let order: Int
    /// Whether the program starts without it.
    public let isOptional: Bool
    /// Where it is from.
    public let origin: PluginOrigin
    /// The module it is defined in.
    public let module: String
    /// Why it is off; nil if it is on.
    public let offReason: String?
    /// Its options with their values, in the order declared.
    public let options: [ResolvedOption]
    /// The services it adds, in the order they start.
    public let services: [ServiceDeclaration]
    /// All names it takes: services, jobs, commands, schedules.
    public let claims: [Claim]
    /// What else it adds, in a word or two each: `client middleware`, `health check latency`.
    public let additions: [String]

    /// Its name.
    public var name: String { self.plugin.name }
    /// Whether it takes part.
    public var isOn: Bool { self.offReason == nil }

    /// The names it takes of one kind, in the order taken.
    public func names(_ kind: Claim.Kind) -> [String] { self.claims.filter { $0.kind == kind }.map(\.name) }
}

extension PluginHost {
    /// What is added beside names.
    var additions: [String] {
        let moments = Set(self.handlers.map(\.moment))
        return (self.clientMiddleware.isEmpty ? [] : ["client middleware"])
            + (self.serverMiddleware.isEmpty ? [] : ["server middleware"])
            + LifecycleMoment.allCases.filter(moments.contains).map { "on \($0.rawValue)" }
            + self.checks.map { "health check \($0.name)" }
    }
}
