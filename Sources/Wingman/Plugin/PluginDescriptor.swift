/// What a plugin is and what it needs of the list it stands in. All of it is checked before anything starts.
public struct PluginDescriptor: Sendable {
    /// Its version, for `plugins`; nil is not told.
    public var version: String?
    /// What it does, in one line.
    public var help: String
    /// Names of plugins it does not work without; each must stand before it in the list.
    public var requires: [String]
    /// Names of plugins that must stand before it, if they are in the list at all.
    public var after: [String]
    /// Names of plugins it does not work beside.
    public var conflicts: [String]
    /// What can be set, each with the value it was given in code, if any: `[Self.limit.inCode(self.limit)]`.
    public var options: [OptionDeclaration]

    /// A plugin that needs nothing, unless said otherwise.
    public init(
        version: String? = nil,
        help: String = "",
        requires: [String] = [],
        after: [String] = [],
        conflicts: [String] = [],
        options: [OptionDeclaration] = []
    ) {
        self.version = version
        self.help = help
        self.requires = requires
        self.after = after
        self.conflicts = conflicts
        self.options = options
    }
}
