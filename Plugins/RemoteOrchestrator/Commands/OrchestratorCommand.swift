public import ArgumentParser
import Wingman
public import WingmanCommandKit

extension RemoteOrchestrator: CommandProvider {
    /// `orchestrator`.
    public var commands: [any AsyncParsableCommand.Type] { [OrchestratorCommand.self] }
}

/// All that has to do with messages.
struct OrchestratorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orchestrator",
        abstract: "Ask and control the orchestrator's processes, send requests, look after dead letters.",
        subcommands: [
            OrchestratorPing.self, OrchestratorStats.self, OrchestratorTree.self, OrchestratorQuiet.self,
            OrchestratorPause.self, OrchestratorResume.self, OrchestratorCancel.self, OrchestratorRequest.self,
            DeadCommand.self,
        ]
    )
}

/// The store.
struct DeskStore: ParsableArguments {
    @Option(
        name: .customLong("store"),
        help: ArgumentHelp("The store (else WINGMAN_STORE, REDIS_URL, then a file).", valueName: "url")
    )
    var url: String?

    /// Does something with the store, at the desk of the program's orchestrator.
    func with<Result>(_ body: (any Store, DeskSurroundings) async throws -> Result) async throws -> Result {
        let surroundings = try DeskSurroundings.find()
        return try await CommandFailure.told {
            try await surroundings.environment.withStore(at: self.url) { try await body($0, surroundings) }
        }
    }
}

/// How to print.
struct DeskFormat: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON, one value a line.")
    var isJSON = false
}

/// How long processes may take to answer.
struct AnswerLimit: ParsableArguments {
    @Option(
        name: .customLong("timeout"),
        help: ArgumentHelp("How long to wait for answers: 500ms, 5s.", valueName: "time"),
        transform: AnswerLimit.read
    )
    var limit: Duration = .seconds(5)

    @Sendable static func read(_ text: String) throws -> Duration {
        guard let duration = Duration(optionContent: .text(text)), duration > .zero else {
            throw ValidationError("a time is a number and a unit above zero: 500ms, 5s, 2m")
        }
        return duration
    }
}

/// What the commands find around themselves.
struct DeskSurroundings {
    let environment: CommandEnvironment
    let options: OrchestratorOptions

    static func find() throws -> DeskSurroundings {
        guard let environment = CommandEnvironment.current,
            let plugin = environment.assembly.plugin(RemoteOrchestrator.self)
        else { throw ConfigurationError(["the command runs outside of a program with a RemoteOrchestrator"]) }
        return DeskSurroundings(environment: environment, options: plugin.options)
    }

    /// What lists of replies and answers begin with.
    var replyPrefix: String { self.options.limits.replyPrefixes.first ?? "replies:" }

    func control(_ store: any Store) -> ControlDesk {
        ControlDesk(store: store, names: self.options.names, replyPrefix: self.replyPrefix)
    }

    func deadLetters(_ store: any Store) -> DeadLetterDesk {
        DeadLetterDesk(store: store, names: self.options.names)
    }
}
