import ArgumentParser
import Wingman
import WingmanCommandKit

/// `check`: is the program put together soundly? Connects to nothing.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check jobs, services and plugins without connecting.",
        discussion: "Prints every fault and ends with 78 if there is one."
    )

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
            Output.line("jobs: \(Self.list(report.jobs))")
            Output.line("services: \(Self.list(report.services))")
            Output.line("plugins: \(Self.list(report.plugins))")
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
    let faults: [String]

    init(_ assembly: Assembly) {
        self.jobs = assembly.jobNames
        self.services = assembly.appServices.map(\.name) + assembly.pluginServices.map(\.service.name)
        self.plugins = assembly.plugins.map(\.name)
        self.faults = []
    }
}
