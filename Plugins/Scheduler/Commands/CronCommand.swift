public import ArgumentParser
import Wingman
public import WingmanCommandKit

extension Scheduler: CommandProvider {
    /// `cron`.
    public var commands: [any AsyncParsableCommand.Type] { [CronCommand.self] }
}

/// All that has to do with schedules.
struct CronCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cron",
        abstract: "Shows, checks and changes schedules.",
        subcommands: [
            CronList.self, CronNext.self, CronExplain.self, CronCheck.self, CronSimulate.self, CronHistory.self,
            CronRun.self,
            CronPause.self, CronResume.self, CronSkip.self, CronBackfill.self, CronAdd.self, CronRemove.self,
        ],
        defaultSubcommand: CronList.self
    )
}

/// How to print.
struct CronFormat: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON.")
    var isJSON = false

    /// Prints `value` as JSON, or runs `text`.
    func show(_ value: some Encodable, _ text: () -> Void) throws {
        if self.isJSON { try Output.json(value) } else { text() }
    }
}

/// The store, and how to print.
struct CronOptions: ParsableArguments {
    @Option(
        name: .customLong("store"),
        help: ArgumentHelp("The store (else WINGMAN_STORE, REDIS_URL, then a file).", valueName: "url")
    )
    var url: String?

    @OptionGroup var format: CronFormat

    /// Changes something at the desk and says what.
    func tell(_ body: (ScheduleDesk) async throws -> (done: CronDone, text: String)) async throws {
        let (done, text) = try await self.withDesk(body)
        try self.format.show(done) { Output.line(text) }
    }

    /// Does something at the desk. What is refused is told as a usage error, with exit code 64.
    func withDesk<Result>(_ body: (ScheduleDesk) async throws -> Result) async throws -> Result {
        try await CronErrors.told { try await CronSurroundings.find().withDesk(at: self.url, body) }
    }
}

/// Errors as the parser tells them: the message, exit code 64.
enum CronErrors {
    static func told<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as ScheduleDesk.Refusal {
            throw ValidationError(error.description)
        } catch let error as RecurrenceError {
            throw ValidationError(error.description)
        }
    }
}

/// What a changing command prints as JSON.
struct CronDone: Encodable {
    var id: String
    var done: String
    var next: String?
    var jid: String?
    var occurrences: [String]?
}

extension ScheduleRecord {
    /// When it occurs next; nil: never.
    var nextText: String? { self.next.map { Instant(secondsSince1970: $0).description } }
}
