/// Where options of plugins come from beside the code: a file, the environment.
///
/// Handed to ``Assembly/init(_:mode:logger:options:commands:)``; the command line brings one for `-C FILE` and one for
/// the environment.
public protocol OptionSource: Sendable {
    /// The value given for an option; nil if this source gives none.
    ///
    /// - Throws: If there is one and it is not of this kind. What is thrown is not shown: it may hold the value.
    func value(of option: String, plugin: String, as kind: OptionContent.Kind) throws -> OptionContent?

    /// How a person writes the option here: `WINGMAN_SCHEDULER_CATCH_UP`, `plugins.scheduler.catchUp`.
    func spelling(of option: String, plugin: String) -> String

    /// What is wrong with the source as a whole, among it what it says that no plugin knows, a sentence each.
    ///
    /// - Parameter plugins: The names of the plugins listed, each with those of its options.
    func faults(knowing plugins: [(name: String, options: [String])]) -> [String]
}

/// The value an option has, and where it is from.
public struct ResolvedOption: Sendable {
    /// What it is called.
    public let name: String
    /// The type of its value.
    public let type: String
    /// The default as text; nil if it has to be given.
    public let standard: String?
    /// The value as text; `(secret)` for secrets.
    public let value: String
    /// Where the value is from: `default`, `code`, or its spelling in a file or in the environment.
    public let origin: String
    /// What it does, in one line.
    public let help: String

    let reading: OptionReading

    init(_ declaration: OptionDeclaration, _ reading: OptionReading, origin: String) {
        let hides = declaration.isSecret && origin != Self.standardOrigin
        self.name = declaration.name
        self.type = declaration.type
        self.standard = declaration.standard
        self.value = hides ? "(secret)" : reading.text
        self.origin = origin
        self.help = declaration.help
        self.reading = reading
    }

    static let standardOrigin = "default"
}
