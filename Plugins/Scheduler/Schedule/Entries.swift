public import Wingman

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Enqueues a job at the occurrences of a cron expression, or of any other text that ``Recurrence`` reads.
///
/// ```swift
/// Cron("0 4 * * sun Europe/Berlin") { Digest() }
/// Cron("*/10 8-18 * * mon-fri", zone: "America/New_York", id: "office") { Poll() }
/// ```
///
/// - Parameters:
///   - text: When; see ``Recurrence/init(_:zone:policy:id:)``.
///   - zone: The time zone, if the text names none; UTC by default.
///   - id: The schedule's name in the store; by default the job's name. Two schedules of one job need ids of their own.
///   - options: Changes to the job type's options.
///   - job: Makes the job of one occurrence.
public func Cron<J: Job>(
    _ text: String,
    zone: String? = nil,
    id: String? = nil,
    options: JobOptions? = nil,
    _ job: @escaping @Sendable () throws -> J
) -> ScheduleEntry {
    ScheduleEntry(id: id, jobClass: J.name, maker: .of(job, options)) { id throws(RecurrenceError) in
        try Recurrence(text, in: zone, id: id)
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Enqueues a job whose arguments are its last and its current occurrence. See ``RecurringJob``.
public func Cron<J: RecurringJob>(
    _ text: String,
    zone: String? = nil,
    id: String? = nil,
    options: JobOptions? = nil,
    _ job: J.Type
) -> ScheduleEntry {
    ScheduleEntry(id: id, jobClass: J.name, maker: .of(job, options)) { id throws(RecurrenceError) in
        try Recurrence(text, in: zone, id: id)
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Enqueues a job again and again, counted from 1970-01-01T00:00:00Z: the same on every machine and after every start.
///
/// ```swift
/// Every(.minutes(5)) { Sweep() }
/// ```
///
/// - Parameters:
///   - interval: How often: 1 s at least, 366 days at most.
///   - id: The schedule's name in the store; by default the job's name.
///   - options: Changes to the job type's options.
///   - job: Makes the job of one occurrence.
public func Every<J: Job>(
    _ interval: Interval,
    id: String? = nil,
    options: JobOptions? = nil,
    _ job: @escaping @Sendable () throws -> J
) -> ScheduleEntry {
    ScheduleEntry(id: id, jobClass: J.name, maker: .of(job, options)) { _ throws(RecurrenceError) in
        try Recurrence.every(seconds: interval.seconds)
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Enqueues a job by a rule: what cron cannot say.
///
/// ```swift
/// Schedule(Every(2, .weeks).on(.monday).at("09:00"), zone: "Europe/Berlin") { Report() }
/// ```
///
/// - Parameters:
///   - rule: When.
///   - zone: Whose wall clock is meant; UTC by default.
///   - policy: What happens to times of day that a change of the clock skips or repeats.
///   - id: The schedule's name in the store; by default the job's name.
///   - options: Changes to the job type's options.
///   - job: Makes the job of one occurrence.
public func Schedule<J: Job>(
    _ rule: RecurrenceRule,
    zone: String = "UTC",
    policy: ClockPolicy = ClockPolicy(),
    id: String? = nil,
    options: JobOptions? = nil,
    _ job: @escaping @Sendable () throws -> J
) -> ScheduleEntry {
    ScheduleEntry(id: id, jobClass: J.name, maker: .of(job, options)) { _ throws(RecurrenceError) in
        try Recurrence(rule, zone: try Zone(named: zone), policy: policy)
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Enqueues a job at the times of a recurrence made elsewhere.
public func Schedule<J: Job>(
    _ recurrence: Recurrence,
    id: String? = nil,
    options: JobOptions? = nil,
    _ job: @escaping @Sendable () throws -> J
) -> ScheduleEntry {
    ScheduleEntry(id: id, jobClass: J.name, maker: .of(job, options)) { _ throws(RecurrenceError) in recurrence }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Enqueues a job at these wall times and no others.
///
/// ```swift
/// Dates(["2026-12-24T08:00", "2026-12-31T08:00"], zone: "Europe/Berlin") { Greeting() }
/// ```
public func Dates<J: Job>(
    _ dates: [String],
    zone: String = "UTC",
    id: String? = nil,
    options: JobOptions? = nil,
    _ job: @escaping @Sendable () throws -> J
) -> ScheduleEntry {
    ScheduleEntry(id: id, jobClass: J.name, maker: .of(job, options)) { _ throws(RecurrenceError) in
        try Recurrence.dates(dates, zone: try Zone(named: zone))
    }
}

extension Recurrence {
    /// Reads a text, with the zone named beside it, if any.
    init(_ text: String, in zone: String?, id: String) throws(RecurrenceError) {
        if let zone {
            try self.init(text, timeZone: zone, id: id)
        } else {
            try self.init(text, id: id)
        }
    }
}

extension JobMaker {
    /// Makes jobs by a closure of the app's.
    static func of<J: Job>(_ job: @escaping @Sendable () throws -> J, _ options: JobOptions?) -> JobMaker {
        JobMaker { client, _, jobID, fields in
            try await client.draft(try job(), options: options, jobID: jobID, fields: fields)
        }
    }

    /// Makes jobs that have their occurrences as arguments.
    static func of<J: RecurringJob>(_ type: J.Type, _ options: JobOptions?) -> JobMaker {
        JobMaker { client, occurrence, jobID, fields in
            let (last, current) = occurrence.arguments
            let job = J(lastOccurrence: last, currentOccurrence: current)
            return try await client.draft(job, options: options, jobID: jobID, fields: fields)
        }
    }

    /// Makes jobs of a class that may belong to another program.
    static func of(_ blueprint: JobBlueprint, options: JobOptions?) -> JobMaker {
        JobMaker { client, occurrence, jobID, fields in
            var options = options ?? JobOptions()
            if let queue = blueprint.queue { options.queue = queue }
            return try await client.draft(
                class: blueprint.jobClass,
                argumentsJSON: blueprint.arguments(of: occurrence),
                options: options,
                jobID: jobID,
                fields: fields
            )
        }
    }
}

extension JobBlueprint {
    /// The arguments, with the occurrences behind them if they are wanted.
    func arguments(of occurrence: ScheduledOccurrence) -> String {
        guard self.takesOccurrences == true else { return self.arguments }
        let (last, current) = occurrence.arguments
        let inside = self.arguments.trimmed.dropFirst().dropLast().trimmed
        return "[\(inside)\(inside.isEmpty ? "" : ",")\(last),\(current)]"
    }
}

extension StringProtocol {
    /// Without JSON's blanks around it.
    fileprivate var trimmed: SubSequence {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        guard let first = self.firstIndex(where: { !isBlank($0) }), let last = self.lastIndex(where: { !isBlank($0) })
        else { return self[self.startIndex..<self.startIndex] }
        return self[first...last]
    }
}
