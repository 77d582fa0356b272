import ArgumentParser
import Wingman
import WingmanCommandKit

/// `plugins`: the plugins compiled in, in their order, and what each adds; `plugins NAME`: one with its options.
struct PluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Show the plugins of this program, what they add, and their options.",
        discussion: """
            Options come from the code, above it from the file of -C, above that from the environment: \
            WINGMAN_<PLUGIN>_<OPTION>. Values of secrets are not shown.
            """
    )

    @Argument(help: ArgumentHelp("One plugin, with its options.", valueName: "name"))
    var name: String?

    @Flag(help: "Print a graph of what requires what, for Graphviz.")
    var graph = false

    @Flag(help: "Ask the store how the plugins' services fare in each process.")
    var running = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        if self.graph, self.format.isJSON { throw ValidationError("--graph and --json exclude each other.") }
    }

    func run() async throws {
        let environment = try Program.environment()
        let reports = try self.selected(environment.assembly.listings.map { PluginReport($0) })
        var states: [PluginState]?
        if self.running {
            let processes = try await environment.withStore(at: self.store.url) { try await $0.processes() }
            states = processes.flatMap { PluginState.read($0, of: reports) }
        }
        try self.print(reports, states)
    }

    /// The plugin that is named, or all.
    private func selected(_ reports: [PluginReport]) throws -> [PluginReport] {
        guard let name else { return reports }
        guard let report = reports.first(where: { $0.name == name }) else {
            let advice = Suggestion.didYouMean(name, among: reports.map(\.name))
            throw ExitStatus(code: ExitStatus.usage, message: "no plugin \"\(name)\" is listed\(advice)")
        }
        return [report]
    }

    private func print(_ reports: [PluginReport], _ states: [PluginState]?) throws {
        if self.format.isJSON {
            if let states { return try Output.json(Report(plugins: reports, running: states)) }
            return try Output.json(reports)
        }
        let lines = self.graph ? PluginGraph(reports: reports).lines : Self.text(reports, isOne: self.name != nil)
        for line in lines { Output.line(line) }
        guard let states else { return }
        for line in [""] + PluginState.table(states) { Output.line(line) }
    }

    private static func text(_ reports: [PluginReport], isOne: Bool) -> [String] {
        isOne ? reports.flatMap(\.lines) : PluginReport.table(reports)
    }

    private struct Report: Encodable {
        let plugins: [PluginReport]
        let running: [PluginState]
    }
}
