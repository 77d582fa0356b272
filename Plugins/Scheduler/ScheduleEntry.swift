public import Wingman

/// One line of a ``Scheduler``: a job and when it is enqueued.
public struct ScheduleEntry: Sendable {
    /// The schedule's name in the store, shared by all processes that have it.
    let id: String
    /// How often.
    let interval: Interval
    /// Makes the bytes of the job with the jid given; nil if a client middleware refuses it.
    let draft: @Sendable (Client, String) async throws -> PushedJob?

    /// The text that a change of the entry changes: the store then starts the schedule anew.
    var specification: String { "every \(self.interval)" }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// Enqueues a job at every occurrence of `interval`, once across all processes.
///
/// ```swift
/// Every(.minutes(5)) { Sweep() }
/// Every(.hours(24), id: "nightly", options: JobOptions(queue: "low")) { Report(kind: "daily") }
/// ```
///
/// - Parameters:
///   - interval: How often: 1 s at least, 366 days at most.
///   - id: The schedule's name in the store; by default the job's name and the interval. Two entries for one job at one
///     interval need ids of their own.
///   - options: Changes to the job type's options.
///   - job: Makes the job of one occurrence.
public func Every<J: Job>(
    _ interval: Interval,
    id: String? = nil,
    options: JobOptions? = nil,
    _ job: @escaping @Sendable () throws -> J
) -> ScheduleEntry {
    ScheduleEntry(id: id ?? "\(J.name)/\(interval)", interval: interval) { client, jobID in
        try await client.draft(job(), options: options, jobID: jobID)
    }
}

/// Lets entries be listed one a line.
@resultBuilder
public enum ScheduleBuilder {
    /// One entry.
    public static func buildExpression(_ entry: ScheduleEntry) -> [ScheduleEntry] { [entry] }

    /// All lines.
    public static func buildBlock(_ entries: [ScheduleEntry]...) -> [ScheduleEntry] { entries.flatMap { $0 } }

    /// An `if` without `else`.
    public static func buildOptional(_ entries: [ScheduleEntry]?) -> [ScheduleEntry] { entries ?? [] }

    /// The first branch of an `if`.
    public static func buildEither(first entries: [ScheduleEntry]) -> [ScheduleEntry] { entries }

    /// The other branch of an `if`.
    public static func buildEither(second entries: [ScheduleEntry]) -> [ScheduleEntry] { entries }

    /// A `for` loop.
    public static func buildArray(_ entries: [[ScheduleEntry]]) -> [ScheduleEntry] { entries.flatMap { $0 } }
}
