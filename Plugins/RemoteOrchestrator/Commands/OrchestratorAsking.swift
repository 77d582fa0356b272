import ArgumentParser
import Supervision
import Wingman
import WingmanCommandKit

/// The processes that are asked.
struct AskedProcesses: ParsableArguments {
    @Option(
        name: .customLong("process"),
        help: ArgumentHelp("Only this process, or those whose names begin so; more than once.", valueName: "name")
    )
    var names: [String] = []

    @OptionGroup var limit: AnswerLimit
    @OptionGroup var store: DeskStore
    @OptionGroup var format: DeskFormat

    /// Asks, prints what was answered, and ends with a failure if somebody did not answer.
    func ask(
        _ command: ControlRequest.Command,
        _ show: ([ControlDesk.Answer]) throws -> Void
    ) async throws {
        let answers = try await self.store.with { store, desk in
            let desk = desk.control(store)
            let processes = try await desk.processes(self.names)
            guard !processes.isEmpty else {
                throw DeskError("no process with an orchestrator runs on this store")
            }
            return try await desk.ask(command, of: processes, within: self.limit.limit)
        }
        try AnswerOutput(answers, asJSON: self.format.isJSON, within: self.limit.limit).print(show)
    }
}

/// What is printed of answers.
struct AnswerOutput {
    let answers: ControlDesk.Answers
    let isJSON: Bool
    let limit: Duration

    init(_ answers: ControlDesk.Answers, asJSON isJSON: Bool, within limit: Duration) {
        self.answers = answers
        self.isJSON = isJSON
        self.limit = limit
    }

    /// - Throws: The end of the program if somebody did not answer, or refused.
    func print(_ show: ([ControlDesk.Answer]) throws -> Void) throws {
        if self.isJSON {
            for answer in self.answers.given { Output.json(bytes: answer.json) }
        } else {
            try show(self.answers.given.filter { $0.body != nil })
        }
        let refused = self.answers.given.compactMap { answer in answer.failure.map { "\(answer.process): \($0)" } }
        for failure in refused { Output.error("\(Output.programName): \(Output.printable(failure))") }
        guard self.answers.missing.isEmpty else {
            throw CommandFailure.end(
                CommandFailure.unavailable,
                "no answer within \(self.limit) of \(self.answers.missing.joined(separator: ", ")): "
                    + "is it stopped, or cut off from the store? `processes` shows its last beat"
            )
        }
        guard refused.isEmpty else { throw ExitCode(CommandFailure.failure) }
    }
}

/// `orchestrator ping`.
struct OrchestratorPing: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Ask the processes whether they are there; ends with 69 if one does not answer."
    )
    @OptionGroup var processes: AskedProcesses

    func run() async throws {
        try await self.processes.ask(.ping) { answers in
            Output.table(
                ["PROCESS", "PID", "STATE"],
                answers.map { answer in
                    let body = answer.decoded(PingBody.self)
                    return [
                        answer.process, body.map { "\($0.pid)" } ?? "?", body?.isQuiet == true ? "quiet" : "running",
                    ]
                }
            )
        }
    }
}

/// `orchestrator stats`.
struct OrchestratorStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show what each process did with messages since it started, and what it does now."
    )
    @OptionGroup var processes: AskedProcesses

    func run() async throws {
        try await self.processes.ask(.stats) { answers in
            for (index, answer) in answers.enumerated() {
                if index > 0 { Output.line("") }
                guard let statistics = answer.decoded(OrchestratorStatistics.self) else {
                    Output.line("\(Output.printable(answer.process)): statistics of another version; --json shows them")
                    continue
                }
                for line in StatisticsText.lines(statistics, of: answer.process) { Output.line(line) }
            }
        }
    }
}

/// `orchestrator tree`.
struct OrchestratorTree: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Show the supervision tree of each process as it is now."
    )
    @OptionGroup var processes: AskedProcesses

    func run() async throws {
        try await self.processes.ask(.tree) { answers in
            for answer in answers {
                Output.line(Output.printable(answer.process))
                let text = answer.decoded(TreeNode.self)?.text ?? "a tree of another version; --json shows it"
                for line in text.split(separator: "\n") { Output.line(Output.printable(String(line))) }
            }
        }
    }
}

/// `orchestrator quiet`.
struct OrchestratorQuiet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quiet",
        abstract: "Tell processes to take nothing new, jobs included; they hear it at once. There is no way back."
    )
    @OptionGroup var processes: AskedProcesses
    @Flag(help: "All processes.") var all = false

    func validate() throws {
        if self.processes.names.isEmpty != self.all {
            throw ValidationError("Name processes by --process, or all by --all.")
        }
    }

    func run() async throws {
        try await self.processes.ask(.quiet) { answers in
            for answer in answers { Output.line("quiet \(Output.printable(answer.process))") }
        }
    }
}
