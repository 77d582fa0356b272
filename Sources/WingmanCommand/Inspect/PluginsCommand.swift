import ArgumentParser
import Wingman
import WingmanCommandKit

/// `plugins`: the plugins compiled in, in their order, and what each adds.
struct PluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Show the plugins of this program and what they add."
    )

    @OptionGroup var format: FormatOptions

    func run() async throws {
        let assembly = try Program.environment().assembly
        let commands = Dictionary(
            uniqueKeysWithValues: PluginCommands(assembly.plugins).groups.map { group in
                (group.plugin, group.commands.map(PluginCommands.name))
            }
        )
        let reports = assembly.plugins.enumerated().map { index, plugin in
            PluginReport(index + 1, plugin.name, in: assembly, commands: commands[plugin.name] ?? [])
        }
        if self.format.isJSON {
            try Output.json(reports)
        } else if reports.isEmpty {
            Output.line("no plugins")
        } else {
            for report in reports { Output.line(report.text) }
        }
    }
}

/// One plugin, as `plugins` shows it.
struct PluginReport: Encodable {
    let order: Int
    let name: String
    let services: [String]
    let commands: [String]

    init(_ order: Int, _ name: String, in assembly: Assembly, commands: [String]) {
        self.order = order
        self.name = name
        self.services = assembly.pluginServices.filter { $0.plugin == name }.map(\.service.name)
        self.commands = commands
    }

    /// One line: `1 scheduler: services scheduler; commands schedules`.
    var text: String {
        let parts = [("services", self.services), ("commands", self.commands)]
        let additions = parts.filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: ", "))" }
        return "\(self.order) \(self.name): "
            + (additions.isEmpty ? "no services, no commands" : additions.joined(separator: "; "))
    }
}
