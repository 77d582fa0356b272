import ArgumentParser
import Logging
import Testing
import Wingman
import WingmanCommandKit

@testable import WingmanCommand

@Suite("The commands that plugins bring")
struct PluginCommandsTests {
    struct Greet: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "greet")
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "status")
    }

    struct Greeter: Plugin, CommandProvider {
        var name = "greeter"
        var commands: [any AsyncParsableCommand.Type] = [Greet.self]

        func configure(_ host: inout PluginHost) throws {}
    }

    struct App: WingmanApp {
        var jobs: JobList { JobList() }
        var plugins: PluginList { Greeter() }
    }

    @Test("stand beside the program's own, and find the app")
    func beside() async throws {
        let program = Program.read(App.self, mode: .client, logger: Logger(label: "test"))
        try await Program.$current.withValue(program) {
            #expect(RootCommand.configuration.subcommands.contains { $0 == Greet.self })
            let command = try await RootCommand.asyncParseAsRoot(["greet"])
            #expect(command is Greet)
            let plugins = try Program.environment().assembly.plugins
            #expect(plugins.map(\.name) == ["greeter"])
        }
    }

    struct Crowded: WingmanApp {
        var jobs: JobList { JobList() }
        var plugins: PluginList {
            Greeter()
            Greeter(name: "second")
            Greeter(name: "third", commands: [Status.self])
        }
    }

    @Test("may not take a name that is taken, and every fault is told")
    func taken() {
        let program = Program.read(Crowded.self, mode: .client, logger: Logger(label: "test"))
        let error = #expect(throws: ConfigurationError.self) { try program.assembly.get() }
        #expect(
            error?.faults == [
                "command name \"greet\" is claimed by plugin greeter and by plugin second: rename one of them",
                "command name \"status\" is claimed by the program itself and by plugin third: rename one of them",
            ]
        )
    }

    @Test("are gone where the app is not sound, whose faults are then told")
    func unsound() throws {
        let program = Program(assembly: .failure(ConfigurationError(["a", "b"])), logger: Logger(label: "test"))
        Program.$current.withValue(program) {
            #expect(RootCommand.configuration.subcommands.count == RootCommand.own.count)
            #expect(throws: ConfigurationError(["a", "b"])) { try Program.environment() }
        }
    }
}
