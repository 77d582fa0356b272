import ArgumentParser
import Wingman
import WingmanCommandKit

/// `jobs`: looks at the jobs that wait somewhere, and runs or deletes them.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Show, run or delete jobs that wait in a queue or set.",
        subcommands: [JobsListCommand.self, JobsShowCommand.self, JobsRetryCommand.self, JobsDeleteCommand.self],
        defaultSubcommand: JobsListCommand.self
    )
}

/// `jobs list PLACE`.
struct JobsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List jobs, without their arguments.")

    @Argument(help: PlaceArgument.help) var place: PlaceArgument
    @Option(help: "Pass over so many.") var offset = 0
    @Option(help: "Show at most so many.") var limit = 50
    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        if self.offset < 0 || self.limit < 0 { throw ValidationError("--offset and --limit are zero or more.") }
    }

    func run() async throws {
        let entries = try await Program.environment().withStore(at: self.store.url) { store in
            try await store.entries(in: self.place.place, from: self.offset, limit: self.limit)
        }
        let lines = entries.map(JobLine.init)
        if self.format.isJSON {
            for line in lines { try Output.json(line) }
        } else if lines.isEmpty {
            Output.line("\(self.place.place): no jobs")
        } else {
            for line in JobLine.table(lines) { Output.line(line) }
        }
    }
}

/// `jobs show PLACE JID`.
struct JobsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print jobs as they are stored, arguments and all."
    )

    @Argument(help: PlaceArgument.help) var place: PlaceArgument
    @OptionGroup var selection: JobSelection
    @OptionGroup var store: StoreOptions

    func run() async throws {
        try await Program.environment().withStore(at: self.store.url) { store in
            for entry in try await self.selection.entries(of: self.place.place, in: store) {
                Output.line(String(decoding: entry.payload, as: UTF8.self))
            }
        }
    }
}

/// `jobs retry PLACE JID…`: runs jobs now.
struct JobsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run jobs now: from a set into their queues.",
        discussion: "A job from the retry set keeps its count of retries, a quarantined one begins with a clean record."
    )

    @Argument(help: PlaceArgument.help) var place: PlaceArgument
    @OptionGroup var selection: JobSelection
    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Program.environment().withStore(at: self.store.url) { store in
            let entries = try await self.selection.entries(of: self.place.place, in: store)
            let edits = try entries.map { entry in
                let job = try Requeueing.job(of: entry.payload)
                return EntryEdit.move(entry, to: .queue(job.queue), as: Entry(payload: job.payload))
            }
            let count = try await store.edit(edits, in: self.place.place)
            try JobSelection.report("pushed", count, asJSON: self.format.isJSON)
        }
    }
}

/// `jobs delete PLACE JID…`.
struct JobsDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete jobs for good.")

    @Argument(help: PlaceArgument.help) var place: PlaceArgument
    @OptionGroup var selection: JobSelection
    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Program.environment().withStore(at: self.store.url) { store in
            let entries = try await self.selection.entries(of: self.place.place, in: store)
            let count = try await store.edit(entries.map(EntryEdit.delete), in: self.place.place)
            try JobSelection.report("deleted", count, asJSON: self.format.isJSON)
        }
    }
}
