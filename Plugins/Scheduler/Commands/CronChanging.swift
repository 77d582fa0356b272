import ArgumentParser
import Wingman
import WingmanCommandKit

/// Enqueues a job of a schedule now.
struct CronRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Enqueues a job of a schedule now; its next occurrence stays."
    )
    @Argument(help: "The schedule.") var id: String
    @OptionGroup var options: CronOptions

    func run() async throws {
        try await self.options.tell { desk in
            let jid = try await desk.run(self.id)
            let done = CronDone(id: self.id, done: jid == nil ? "refused" : "enqueued", jid: jid)
            return (done, jid ?? "a client middleware refused the job")
        }
    }
}

/// Pauses a schedule.
struct CronPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Enqueues nothing more of a schedule until it is resumed."
    )
    @Argument(help: "The schedule.") var id: String
    @OptionGroup var options: CronOptions

    func run() async throws {
        try await self.options.tell { desk in
            try await desk.pause(self.id)
            return (CronDone(id: self.id, done: "paused"), "\(self.id) is paused")
        }
    }
}

/// Resumes a schedule.
struct CronResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lets a paused schedule go on, with its next occurrence."
    )
    @Argument(help: "The schedule.") var id: String
    @Flag(help: "Let the catch-up policy decide about the occurrences of the pause.") var catchUp = false
    @OptionGroup var options: CronOptions

    func run() async throws {
        try await self.options.tell { desk in
            let record = try await desk.resume(self.id, catchesUp: self.catchUp)
            let done = CronDone(id: self.id, done: "resumed", next: record.nextText)
            return (done, "\(self.id) goes on; next: \(done.next ?? "never")")
        }
    }
}

/// Leaves out occurrences to come.
struct CronSkip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip",
        abstract: "Leaves out the next occurrence of a schedule, or several."
    )
    @Argument(help: "The schedule.") var id: String
    @Option(name: [.customShort("n"), .long], help: "How many; 0 takes it back.") var count = 1
    @OptionGroup var options: CronOptions

    func validate() throws {
        guard 0...1_000 ~= self.count else { throw ValidationError("skip 0 to 1000 occurrences") }
    }

    func run() async throws {
        try await self.options.tell { desk in
            try await desk.skip(self.id, count: self.count)
            return (CronDone(id: self.id, done: "skips \(self.count)"), "\(self.id) leaves out \(self.count)")
        }
    }
}

/// Enqueues jobs of past occurrences.
struct CronBackfill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Enqueues jobs of the past occurrences within a range, the oldest first."
    )
    @Argument(help: "The schedule.") var id: String
    @Option(help: ArgumentHelp("From when: 2026-03-01T00:00:00Z.", valueName: "instant")) var from: String
    @Option(help: ArgumentHelp("Before when.", valueName: "instant")) var to: String
    @Option(help: "How many at most.") var limit = 100
    @OptionGroup var options: CronOptions

    func validate() throws {
        guard 1...10_000 ~= self.limit else { throw ValidationError("backfill 1 to 10000 occurrences at once") }
        _ = try InstantRange.read(self.from, self.to)
    }

    func run() async throws {
        let range = try InstantRange.read(self.from, self.to)
        try await self.options.tell { desk in
            let found = try await desk.backfill(self.id, in: range, limit: self.limit)
            let texts = found.map { Instant(secondsSince1970: $0).description }
            let done = CronDone(id: self.id, done: "backfilled", occurrences: texts)
            return (done, (texts + ["\(texts.count) enqueued"]).joined(separator: "\n"))
        }
    }
}

/// Puts a schedule into the store.
struct CronAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Puts a schedule into the store; running processes take it up within a second."
    )
    @Argument(help: "The schedule's id.") var id: String
    @Option(help: "When: cron, a rule, an interval or dates; see `cron explain`.") var spec: String
    @Option(name: .customLong("class"), help: "The class of the jobs.") var jobClass: String
    @Option(help: ArgumentHelp("The arguments, a JSON array.", valueName: "json")) var args = "[]"
    @Option(help: "The time zone, if the spec names none.") var zone: String?
    @Option(help: "The queue; that of the class by default.") var queue: String?
    @Flag(help: "Add the last and the current occurrence to the arguments, as Sidetiq does.") var occurrences = false
    @Option(help: "skip, latest, all, or all:10:1d.") var catchUp: CatchUp?
    @Option(help: "How late an occurrence is still in time: 30s, 5m.") var grace: String?
    @Option(help: "What happens while the job before has not ended.") var overlap: Overlap?
    @Option(help: "Spread occurrences over so much time: 30s, 5m.") var jitter: String?
    @Flag(help: "Replace a schedule of this id that was added before.") var replace = false
    @OptionGroup var options: CronOptions

    func run() async throws {
        let text = ScheduleText(
            id: self.id,
            spec: self.spec,
            zone: self.zone,
            class: self.jobClass,
            args: JSONFragment(text: self.args),
            queue: self.queue,
            occurrences: self.occurrences ? true : nil,
            catchUp: self.catchUp,
            grace: self.grace,
            overlap: self.overlap,
            jitter: self.jitter
        )
        try await self.options.tell { desk in
            let assembly = try CronSurroundings.find().environment.assembly
            // With the occurrences behind them they are checked when they are made.
            if !self.occurrences { try assembly.check(argumentsJSON: self.args, ofJob: self.jobClass) }
            let record = try await desk.add(text, replacing: self.replace)
            let done = CronDone(id: self.id, done: "added", next: record.nextText)
            let isKnown = assembly.jobNames.contains(self.jobClass)
            let hint = isKnown ? "" : "\nthis program has no job \(self.jobClass): another one has to run it"
            return (done, "\(self.id) is there: \(record.spec); next: \(done.next ?? "never")\(hint)")
        }
    }
}

/// Removes a schedule.
struct CronRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Removes a schedule that was added, or one that no program has any more, with its history."
    )
    @Argument(help: "The schedule.") var id: String
    @OptionGroup var options: CronOptions

    func run() async throws {
        try await self.options.tell { desk in
            try await desk.remove(self.id)
            return (CronDone(id: self.id, done: "removed"), "\(self.id) is removed")
        }
    }
}

/// Two instants of a command line.
enum InstantRange {
    static func read(_ from: String, _ to: String) throws -> Range<Instant> {
        guard let lower = Self.instant(from), let upper = Self.instant(to) else {
            throw ValidationError("an instant is written 2026-03-01T00:00:00Z; a date alone is its midnight in UTC")
        }
        guard lower < upper else { throw ValidationError("the range is empty: \(lower) is not before \(upper)") }
        return lower..<upper
    }

    private static func instant(_ text: String) -> Instant? {
        Instant(text) ?? Instant("\(text)T00:00:00Z")
    }
}
