import ArgumentParser
import Wingman
import WingmanCommandKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `orchestrator dead`.
struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Show, replay or delete messages that could not be handled.",
        subcommands: [DeadList.self, DeadShow.self, DeadReplay.self, DeadPurge.self],
        defaultSubcommand: DeadList.self
    )
}

/// Which dead letters are meant, beside their names.
struct DeadSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Only those of this reason; more than once.", valueName: "reason"))
    var reason: [String] = []

    @Option(help: ArgumentHelp("Only those of this client; more than once.", valueName: "client"))
    var client: [String] = []

    @Option(
        name: .customLong("older-than"),
        help: ArgumentHelp("Only those that died so long ago: 12h, 7d.", valueName: "time"),
        transform: AnswerLimit.read
    )
    var age: Duration?

    func filter(_ names: [String] = []) -> DeadLetterFilter {
        DeadLetterFilter(
            names: names,
            reasons: Set(self.reason),
            clients: Set(self.client),
            before: self.age.map { Date().addingTimeInterval(-($0 / .seconds(1))) }
        )
    }
}

/// Which dead letters are changed: some by their names or by what they are, or all.
struct ChangedLetters: ParsableArguments {
    @Argument(help: ArgumentHelp("Messages' ids, or numbers of `dead list` as #12.", valueName: "name"))
    var names: [String] = []

    @Flag(help: "All of them.")
    var all = false

    @OptionGroup var selection: DeadSelection
    @OptionGroup var store: DeskStore
    @OptionGroup var format: DeskFormat

    func validate() throws {
        let isEmpty = self.selection.filter(self.names).isEmpty
        if isEmpty != self.all {
            throw ValidationError("Name dead letters, choose by --reason, --client or --older-than, or take --all.")
        }
    }

    /// Changes them and says what became of them.
    func change(
        _ verb: String,
        _ body: (DeadLetterDesk, DeadLetterFilter) async throws -> DeadLetterDesk.Outcome
    ) async throws {
        let outcome = try await self.store.with { store, desk in
            let desk = desk.deadLetters(store)
            return try await body(desk, self.selection.filter(self.names))
        }
        if self.format.isJSON {
            try Output.json([verb: outcome.done, "gone": outcome.gone, "unreadable": outcome.unreadable])
        } else {
            let gone = outcome.gone > 0 ? "; \(outcome.gone) were gone already" : ""
            Output.line("\(verb) \(outcome.done)\(gone)")
        }
        guard outcome.unreadable == 0 else {
            throw CommandFailure.end(
                CommandFailure.data,
                "\(outcome.unreadable) hold no message and stay: look at them by `dead show`, delete them by `dead purge`"
            )
        }
    }
}

/// `orchestrator dead replay`.
struct DeadReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Bring dead messages back to the list, behind all others: with their ids, attempts counted anew."
    )
    @OptionGroup var letters: ChangedLetters

    func run() async throws {
        try await self.letters.change("replayed") { desk, filter in try await desk.replay(filter) }
    }
}

/// `orchestrator dead purge`.
struct DeadPurge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Delete dead messages for good."
    )
    @OptionGroup var letters: ChangedLetters

    func run() async throws {
        try await self.letters.change("purged") { desk, filter in try await desk.purge(filter) }
    }
}
