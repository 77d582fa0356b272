import ArgumentParser
import Wingman
import WingmanCommandKit

/// `check`: is the program put together soundly, and what would `run` start? Connects to nothing.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check jobs, services, plugins and their options, and show what run starts, without connecting.",
        discussion: "Prints every fault and ends with 78 if there is one."
    )

    @OptionGroup var configuration: ConfigurationFile
    @OptionGroup var format: FormatOptions

    func run() async throws {
        do {
            let assembly = try Program.environment().assembly
            try self.print(CheckReport(assembly))
        } catch let error as ConfigurationError where self.format.isJSON {
            try Output.json(["faults": error.faults])
            throw ExitCode(ExitStatus.configuration)
        }
    }

    private func print(_ report: CheckReport) throws {
        if self.format.isJSON {
            try Output.json(report)
        } else {
            for line in report.tree.lines() { Output.line(line) }
            Output.line("")
            Output.line("jobs: \(Self.list(report.jobs))")
            Output.line("plugins: \(Self.list(report.plugins))")
            for (name, reason) in report.off.sorted(by: { $0.key < $1.key }) { Output.line("off: \(name): \(reason)") }
            Output.line("no faults")
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}

/// What a sound program consists of.
struct CheckReport: Encodable {
    let jobs: [String]
    let services: [String]
    let plugins: [String]
    /// Plugins that are left off, and why.
    let off: [String: String]
    let tree: PlannedTree.Node
    let faults: [String]

    init(_ assembly: Assembly) {
        self.jobs = assembly.jobNames
        self.services = assembly.appServices.map(\.name) + assembly.pluginServices.map(\.service.name)
        self.plugins = assembly.plugins.map(\.name)
        let off = assembly.listings.compactMap { listing in listing.offReason.map { (listing.name, $0) } }
        self.off = Dictionary(off, uniquingKeysWith: { first, _ in first })
        self.tree = PlannedTree(assembly).root
        self.faults = []
    }
}
