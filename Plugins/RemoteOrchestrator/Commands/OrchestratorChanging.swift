import ArgumentParser
import Wingman
import WingmanCommandKit

/// A client that is paused or resumed.
struct PausedClient: ParsableArguments {
    @Argument(help: "The client: the name of a service.") var client: String
    @OptionGroup var limit: AnswerLimit
    @OptionGroup var store: DeskStore
    @OptionGroup var format: DeskFormat

    func set(_ isPaused: Bool) async throws {
        let answers = try await self.store.with { store, desk in
            try await desk.control(store)
                .setPaused(isPaused, client: self.client, within: self.limit.limit)
        }
        // Who did not answer reads it in the store.
        try AnswerOutput(answers, asJSON: self.format.isJSON, within: self.limit.limit).print { answers in
            let name = DeskOutput.printable(self.client)
            let told = answers.count == 1 ? "1 process was told" : "\(answers.count) processes were told"
            print("\(name) is \(isPaused ? "paused" : "not paused any more"); \(told)")
        }
    }
}

/// `orchestrator pause`.
struct OrchestratorPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Handle no messages of a client, in all processes; they wait in its list. What runs goes on."
    )
    @OptionGroup var client: PausedClient

    func run() async throws { try await self.client.set(true) }
}

/// `orchestrator resume`.
struct OrchestratorResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Handle the messages of a paused client again."
    )
    @OptionGroup var client: PausedClient

    func run() async throws { try await self.client.set(false) }
}

/// `orchestrator cancel`.
struct OrchestratorCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Give up a message that is being handled: its handler is cancelled, it becomes a dead letter."
    )
    @Argument(help: "The message's id.") var id: String
    @OptionGroup var processes: AskedProcesses

    func run() async throws {
        let limit = self.processes.limit.limit
        let answers = try await self.processes.store.with { store, desk in
            let desk = desk.control(store)
            let asked = try await desk.processes(self.processes.names)
            return try await desk.ask(.cancel, id: self.id, of: asked, within: limit)
        }
        let name = DeskOutput.printable(self.id)
        let isFound = answers.given.contains { $0.decoded(CancelBody.self)?.found == true }
        try AnswerOutput(answers, asJSON: self.processes.format.isJSON, within: limit).print { answers in
            for answer in answers where answer.decoded(CancelBody.self)?.found == true {
                print("\(name) is cancelled in \(DeskOutput.printable(answer.process))")
            }
        }
        guard isFound else {
            throw CommandFailure.end(
                CommandFailure.data,
                "no process that was asked handles message \(name) now; it may wait, or be done. Nothing was done"
            )
        }
    }
}

/// `orchestrator request`.
struct OrchestratorRequest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Send a message to a service and print its reply.",
        discussion: """
            Ends with 1 if the handler failed, with 75 if no reply came in time; the message may be handled nevertheless.
            """
    )
    @Argument(help: "The client: the name of a service.") var client: String
    @Argument(help: "The body, JSON.") var body: String
    @Option(help: "The message's id.") var id: String?
    @Option(help: "The ordering key.") var key: String?
    @Option(help: "The idempotency key.") var idempotencyKey: String?
    @Option(help: ArgumentHelp("How long to wait: 500ms, 10s.", valueName: "time"), transform: AnswerLimit.read)
    var timeout: Duration = .seconds(10)
    @OptionGroup var store: DeskStore
    @OptionGroup var format: DeskFormat

    func run() async throws {
        let surroundings = try DeskSurroundings.find()
        let options = MessageOptions(
            list: surroundings.options.list,
            replyPrefix: surroundings.replyPrefix,
            messageLimit: surroundings.options.limits.bytes,
            id: self.id,
            key: self.key,
            idempotencyKey: self.idempotencyKey
        )
        let reply = try await self.store.with { store, _ in
            try await surroundings.environment.assembly.client(store: store)
                .request(to: self.client, json: Array(self.body.utf8), timeout: self.timeout, options: options)
        }
        if let reply {
            DeskOutput.json(bytes: reply)
        } else if self.format.isJSON {
            print("null")
        } else {
            print("done")
        }
    }
}
