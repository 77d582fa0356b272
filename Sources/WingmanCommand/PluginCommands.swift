import ArgumentParser
import Wingman
import WingmanCommandKit

/// The subcommands that an app's plugins bring.
struct PluginCommands {
    /// A plugin's name and its commands.
    let groups: [(plugin: String, commands: [any AsyncParsableCommand.Type])]

    init(_ plugins: [any Plugin]) {
        self.groups = plugins.compactMap { plugin in
            (plugin as? any CommandProvider).map { (plugin.name, $0.commands) }
        }
    }

    /// All of them, in the order of the plugins.
    var all: [any ParsableCommand.Type] { self.groups.flatMap(\.commands) }

    /// Names that are claimed twice.
    var faults: [String] {
        var owners = Dictionary(uniqueKeysWithValues: RootCommand.own.map { (Self.name(of: $0), "the program itself") })
        var faults: [String] = []
        for (plugin, commands) in self.groups {
            for command in commands {
                let name = Self.name(of: command)
                if let owner = owners[name] {
                    faults.append("plugin \(plugin): its command \"\(name)\" is already one of \(owner)")
                }
                owners[name] = "plugin \(plugin)"
            }
        }
        return faults
    }

    /// The word on the command line.
    static func name(of command: any ParsableCommand.Type) -> String { command._commandName }
}
