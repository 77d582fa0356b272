import ArgumentParser
import Wingman
import WingmanCommandKit

/// The subcommands that an app's plugins bring.
enum PluginCommands {
    /// All of them, in the order of the plugins.
    static func all(of plugins: [any Plugin]) -> [any ParsableCommand.Type] {
        plugins.flatMap { Self.commands(of: $0) }
    }

    /// The names that are taken, for the check that none is taken twice.
    static var names: CommandNames {
        CommandNames(own: RootCommand.own.map(Self.name) + ["help"]) { plugin in
            Self.commands(of: plugin).map(Self.name)
        }
    }

    private static func commands(of plugin: any Plugin) -> [any ParsableCommand.Type] {
        (plugin as? any CommandProvider)?.commands ?? []
    }

    /// The word on the command line.
    static func name(of command: any ParsableCommand.Type) -> String { command._commandName }
}
