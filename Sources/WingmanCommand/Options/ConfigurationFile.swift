import ArgumentParser

/// `-C FILE`: where the options of plugins are, in every command that takes it; else `WINGMAN_CONFIG` names the file.
///
/// The app is read, and its plugins are given their options, before the arguments are parsed: so the path is looked for
/// in the raw arguments, and the option is declared for the help and so that the parser lets it pass.
struct ConfigurationFile: ParsableArguments {
    @Option(
        name: [.customShort("C"), .customLong("config")],
        help: ArgumentHelp("A JSON file with options of plugins (else WINGMAN_CONFIG).", valueName: "file")
    )
    var path: String?

    /// The path in raw arguments, or in the environment. A plugin's command may mean something else by `-C`.
    ///
    /// - Parameters:
    ///   - arguments: The words after the program's name.
    ///   - variable: Reads an environment variable.
    static func find(
        in arguments: [String],
        variable: (String) -> String? = EnvironmentVariable.read
    ) -> String? {
        let isOwn = RootCommand.own.contains { PluginCommands.name(of: $0) == arguments.first }
        let words = isOwn ? arguments.prefix { $0 != "--" } : []
        for (index, word) in words.enumerated() {
            if word == "-C" || word == "--config" { return words.dropFirst(index + 1).first }
            if word.hasPrefix("--config=") { return String(word.dropFirst("--config=".count)) }
        }
        return variable("WINGMAN_CONFIG")
    }
}
