import ArgumentParser
import Wingman
import WingmanCommandKit

/// Lists schedules.
struct CronList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists all schedules of the store, and when they occur next."
    )
    @OptionGroup var options: CronOptions

    func run() async throws {
        let here = LocalTime.here
        let reports = try await self.options.withDesk { try await $0.list(here: here) }
        try self.options.format.show(reports) {
            Output.table(
                ["ID", "CLASS", "SPEC", "STATE", "NEXT", "ZONE", "NEXT HERE (\(here))", "LAST", "LAG", "COUNT"],
                reports.map { report in
                    [
                        report.id, report.jobClass, report.spec,
                        report.state + (report.running > 0 ? " (job runs)" : ""),
                        report.nextInZone ?? "-", report.zone, report.nextHere ?? "-", report.last ?? "-",
                        report.lag.map { "\($0) s" } ?? "-", "\(report.count)",
                    ]
                }
            )
        }
    }
}

/// A recurrence of the command line: a schedule's, or a text.
struct RecurrenceOptions: ParsableArguments {
    @Argument(help: "The schedule; beside --spec the id that H goes by.") var id: String?
    @Option(help: "A text instead of a schedule: cron, a rule, an interval, dates.") var spec: String?
    @Option(help: "The time zone, if the text names none.") var zone: String?
    @Option(help: "What becomes of times that a change of the clock skips.") var gap: GapPolicy?
    @Option(help: "What becomes of times that occur twice.") var overlap: OverlapPolicy?

    /// The recurrence meant; of a schedule that this program does not have the store's.
    func recurrence(store: CronOptions) async throws -> Recurrence {
        if let spec = self.spec {
            let policy = ClockPolicy(gap: self.gap ?? .nextTime, overlap: self.overlap ?? .first)
            return try await CronErrors.told {
                guard let zone = self.zone else { return try Recurrence(spec, policy: policy, id: self.id) }
                return try Recurrence(spec, timeZone: zone, policy: policy, id: self.id)
            }
        }
        guard let id = self.id else { throw ValidationError("give a schedule, or a text by --spec") }
        guard self.zone == nil, self.gap == nil, self.overlap == nil else {
            throw ValidationError("a schedule has its own zone and policies: leave out --zone, --gap and --overlap")
        }
        if let planned = try CronSurroundings.find().plan.entries[id] { return planned.timing.recurrence }
        return try await store.withDesk { desk in try desk.timing(id, try await desk.record(id).record).recurrence }
    }
}

/// Shows the next occurrences.
struct CronNext: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Shows the next occurrences of a schedule or of a text, in UTC and in its zone."
    )
    @OptionGroup var recurrence: RecurrenceOptions
    @Option(help: ArgumentHelp("After this time in the zone: 2026-03-07T12:00. Now by default.", valueName: "local"))
    var after: String?
    @Option(name: .customShort("n"), help: "How many.") var count = 10
    @OptionGroup var options: CronOptions

    func validate() throws {
        guard 1...10_000 ~= self.count else { throw ValidationError("show 1 to 10000 occurrences") }
    }

    func run() async throws {
        let recurrence = try await self.recurrence.recurrence(store: self.options)
        var instant = try self.start(in: recurrence.zone)
        var lines: [OccurrenceLine] = []
        while lines.count < self.count, let next = recurrence.next(after: instant) {
            lines.append(OccurrenceLine(next, recurrence.zone))
            instant = next
        }
        try self.options.format.show(lines) {
            for line in lines { Output.line("\(line.utc)  \(line.local) \(line.zone)") }
            if lines.isEmpty { Output.line("it does not occur any more") }
        }
    }

    private func start(in zone: Zone) throws -> Instant {
        guard let after = self.after else { return LocalTime.now }
        if let instant = Instant(after) { return instant }
        guard let wall = WallTime(after) else {
            throw ValidationError(
                "--after is a time in the zone, 2026-03-07T12:00, or an instant, 2026-03-07T12:00:00Z"
            )
        }
        // Within a gap there is no such time: the change of the clock is meant.
        return zone.instants(of: wall).first
            ?? Instant(secondsSince1970: wall.seconds - zone.offset(at: Instant(secondsSince1970: wall.seconds)))
    }
}

/// One occurrence, in UTC and in its zone.
struct OccurrenceLine: Encodable {
    var id: String?
    var utc: String
    var local: String
    var zone: String

    init(_ instant: Instant, _ zone: Zone, id: String? = nil) {
        self.id = id
        self.utc = instant.description
        self.local = zone.wallTime(at: instant).description
        self.zone = zone.name
    }
}

/// Says in words what a text means.
struct CronExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says in plain words what a text means."
    )
    @Argument(help: "Cron, a rule, an interval or dates; in quotes.") var spec: String
    @Option(help: "The time zone, if the text names none.") var zone: String?
    @Option(help: "The schedule's id, which H goes by.") var id: String?
    @OptionGroup var format: CronFormat

    private struct Explanation: Encodable {
        var spec: String
        var explanation: String
        var notes: [String]
    }

    func run() async throws {
        let recurrence = try await CronErrors.told {
            guard let zone = self.zone else { return try Recurrence(self.spec, id: self.id) }
            return try Recurrence(self.spec, timeZone: zone, id: self.id)
        }
        let notes = recurrence.notes
        let explanation = Explanation(
            spec: recurrence.description,
            explanation: recurrence.explanation,
            notes: notes
        )
        try self.format.show(explanation) {
            Output.line(recurrence.explanation)
            for note in notes { Output.line("Note: \(note).") }
        }
    }
}

/// Checks all schedules of the program.
struct CronCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks all schedules of this program, and says what changes of the clock do to each in two years.",
        discussion: "Needs no store. Schedules that cannot be are told by every command, with exit code 78."
    )
    @Flag(help: "End with exit code 1 if there is anything to say.") var strict = false
    @OptionGroup var format: CronFormat

    private struct Finding: Encodable {
        var id: String
        var spec: String
        var notes: [String]
        var clockChanges: [String]
    }

    func run() async throws {
        let entries = try CronSurroundings.find().plan.entries.values.sorted { $0.id < $1.id }
        let now = LocalTime.now
        let range = now..<Instant(secondsSince1970: now.secondsSince1970 + 2 * 366 * secondsPerDay)
        let findings = entries.map { entry in
            let recurrence = entry.timing.recurrence
            return Finding(
                id: entry.id,
                spec: entry.spec,
                notes: recurrence.notes,
                clockChanges: recurrence.clockChangeEffects(in: range).map(\.description)
            )
        }
        try self.format.show(findings) {
            for finding in findings {
                Output.line("\(finding.id): \(finding.spec)")
                for note in finding.notes { Output.line("  note: \(note)") }
                for change in finding.clockChanges { Output.line("  \(change)") }
            }
            Output.line(findings.count == 1 ? "1 schedule is sound" : "\(findings.count) schedules are sound")
        }
        if self.strict, findings.contains(where: { !$0.notes.isEmpty || !$0.clockChanges.isEmpty }) {
            throw ExitCode(1)
        }
    }
}

/// Lists all runs within a range.
struct CronSimulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Lists what this program's schedules would enqueue within a range; changes nothing, needs no store."
    )
    @Argument(help: "Only these schedules.") var ids: [String] = []
    @Option(help: ArgumentHelp("From when: 2026-03-01T00:00:00Z.", valueName: "instant")) var from: String
    @Option(help: ArgumentHelp("Before when.", valueName: "instant")) var to: String
    @Option(help: "How many runs at most.") var limit = 10_000
    @OptionGroup var format: CronFormat

    func run() async throws {
        let range = try InstantRange.read(self.from, self.to)
        let entries = try CronSurroundings.find().plan.entries
        if let unknown = self.ids.first(where: { entries[$0] == nil }) {
            throw ValidationError("this program has no schedule \(RecurrenceError.quote(unknown.utf8))")
        }
        let chosen = self.ids.isEmpty ? entries.keys.sorted() : self.ids
        let schedules = chosen.compactMap { id in entries[id].map { (id: id, recurrence: $0.timing.recurrence) } }
        let runs = Recurrence.simulate(schedules, in: range, limit: max(1, self.limit))
        let lines = runs.map {
            OccurrenceLine($0.scheduledAt, entries[$0.id]?.timing.recurrence.zone ?? .utc, id: $0.id)
        }
        try self.format.show(lines) {
            Output.table(["UTC", "LOCAL", "ZONE", "ID"], lines.map { [$0.utc, $0.local, $0.zone, $0.id ?? ""] })
        }
    }
}

/// Shows what happened to a schedule.
struct CronHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Shows the last twenty things that happened to a schedule, and what became of its jobs."
    )
    @Argument(help: "The schedule.") var id: String
    @OptionGroup var options: CronOptions

    func run() async throws {
        let history = try await self.options.withDesk { try await $0.history(self.id) }
        try self.options.format.show(history) {
            Output.table(
                ["OCCURRENCE", "WHAT", "ON", "JOB", "OUTCOME"],
                history.map { line in
                    let number = line.number.map { " (\($0))" } ?? ""
                    return [line.at, line.kind + number, line.on, line.jid ?? "-", line.outcome ?? "-"]
                }
            )
        }
    }
}
