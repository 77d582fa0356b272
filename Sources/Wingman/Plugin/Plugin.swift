/// A module that adds something to a host: services, middleware, lifecycle handlers.
///
/// Plugins are listed in ``WingmanApp/plugins``, compiled in and configured in the order written, in server mode and in
/// client mode; what they add as services starts in server mode only.
public protocol Plugin: Sendable {
    /// A unique name: `scheduler`.
    var name: String { get }

    /// Adds what the plugin brings to the host. Nothing is connected yet: do work in services, not here.
    ///
    /// - Throws: Whatever is wrong with the plugin's options; the host reports the faults of all plugins together.
    func configure(_ host: inout PluginHost) throws
}

/// The plugins of a program, in the order written.
public struct PluginList: Sendable {
    let plugins: [any Plugin]

    /// No plugins.
    public init() {
        self.plugins = []
    }

    init(plugins: [any Plugin]) {
        self.plugins = plugins
    }
}

/// Lets plugins be listed one a line.
@resultBuilder
public enum PluginListBuilder {
    /// One plugin.
    public static func buildExpression(_ plugin: some Plugin) -> PluginList { PluginList(plugins: [plugin]) }

    /// A list made elsewhere.
    public static func buildExpression(_ list: PluginList) -> PluginList { list }

    /// All lines.
    public static func buildBlock(_ lists: PluginList...) -> PluginList {
        PluginList(plugins: lists.flatMap(\.plugins))
    }

    /// An `if` without `else`.
    public static func buildOptional(_ list: PluginList?) -> PluginList { list ?? PluginList() }

    /// The first branch of an `if`.
    public static func buildEither(first list: PluginList) -> PluginList { list }

    /// The other branch of an `if`.
    public static func buildEither(second list: PluginList) -> PluginList { list }
}
