/// A module that adds something to a host: services, job types, middleware, lifecycle handlers, health checks.
///
/// Plugins are listed in ``WingmanApp/plugins``, compiled in and configured in the order written, in server mode and in
/// client mode; what they add as services starts in server mode only. A name and ``configure(_:)`` are enough:
///
/// ```swift
/// struct Audit: Plugin {
///     let name = "audit"
///
///     func configure(_ host: inout PluginHost) throws {
///         host.add(ServiceDeclaration("audit") { environment in AuditTrail(environment) })
///     }
/// }
/// ```
public protocol Plugin: Sendable {
    /// A unique name: `scheduler`. Letters, digits, `-` and `_`, a letter first.
    ///
    /// It is also the plugin's namespace in the store, in the configuration file and in environment variables, so it
    /// stays as it is for as long as there is data under it.
    var name: String { get }

    /// What the plugin is and needs; read once, before anything is configured.
    var descriptor: PluginDescriptor { get }

    /// Adds what the plugin brings to the host. Nothing is connected yet: do work in services, not here.
    ///
    /// - Throws: Whatever is wrong with the plugin's options; the host reports the faults of all plugins together, and
    ///   leaves a plugin that was listed as ``optional()`` off.
    func configure(_ host: inout PluginHost) throws
}

extension Plugin {
    /// Nothing but the name.
    public var descriptor: PluginDescriptor { PluginDescriptor() }

    /// The same plugin in a list, which is left off, with the reason, if its ``configure(_:)`` throws; without this the
    /// program refuses to start.
    ///
    /// ```swift
    /// var plugins: PluginList {
    ///     Scheduler { … }
    ///     Audit().optional()
    /// }
    /// ```
    public func optional() -> PluginList {
        PluginList(lines: [PluginList.Line(plugin: self, isOptional: true)])
    }
}

/// The plugins of a program, in the order written, which is the order they start in.
public struct PluginList: Sendable {
    /// One line of the list.
    struct Line: Sendable {
        let plugin: any Plugin
        var isOptional = false
    }

    let lines: [Line]

    /// No plugins.
    public init() {
        self.lines = []
    }

    init(lines: [Line]) {
        self.lines = lines
    }
}

/// Lets plugins be listed one a line.
@resultBuilder
public enum PluginListBuilder {
    /// One plugin.
    public static func buildExpression(_ plugin: some Plugin) -> PluginList {
        PluginList(lines: [PluginList.Line(plugin: plugin)])
    }

    /// A list made elsewhere.
    public static func buildExpression(_ list: PluginList) -> PluginList { list }

    /// All lines.
    public static func buildBlock(_ lists: PluginList...) -> PluginList {
        PluginList(lines: lists.flatMap(\.lines))
    }

    /// An `if` without `else`.
    public static func buildOptional(_ list: PluginList?) -> PluginList { list ?? PluginList() }

    /// The first branch of an `if`.
    public static func buildEither(first list: PluginList) -> PluginList { list }

    /// The other branch of an `if`.
    public static func buildEither(second list: PluginList) -> PluginList { list }

    /// A `for` loop.
    public static func buildArray(_ lists: [PluginList]) -> PluginList {
        PluginList(lines: lists.flatMap(\.lines))
    }
}
