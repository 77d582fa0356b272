public import Wingman

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a job knows of the occurrence it was enqueued for.
///
/// ```swift
/// func perform(_ context: JobContext) async throws {
///     let day = context.schedule?.scheduledAt ?? Date()
/// ```
public struct ScheduledOccurrence: Sendable, Hashable {
    /// The id of the schedule.
    public let schedule: String
    /// The occurrence: when the job was to be enqueued, whenever it was.
    public let scheduledAt: Date
    /// The occurrence that was enqueued before; nil for the first.
    public let previousScheduledAt: Date?
    /// How late it was enqueued.
    public let lateBy: Duration
    /// How many occurrences between the two had no job.
    public let missed: Int
    /// Where its outcome is kept.
    let slot: Int
    /// Whether its outcome frees the schedule for the next job.
    let isWatched: Bool
    /// Whether a newer job of the schedule takes its place.
    let isReplaced: Bool

    /// Sidetiq's arguments: the last occurrence, or -1, and the current one, in seconds since 1970.
    var arguments: (last: Double, current: Double) {
        (self.previousScheduledAt?.timeIntervalSince1970 ?? -1, self.scheduledAt.timeIntervalSince1970)
    }
}

extension ScheduledOccurrence {
    init(_ planned: PlannedOccurrence, of schedule: String, overlap: Overlap) {
        self.schedule = schedule
        self.scheduledAt = Date(timeIntervalSince1970: Double(planned.at))
        self.previousScheduledAt = planned.previous.map { Date(timeIntervalSince1970: Double($0)) }
        self.lateBy = .milliseconds(planned.lateBy)
        self.missed = planned.missed
        self.slot = planned.slot
        self.isWatched = overlap.watchesJobs
        self.isReplaced = overlap == .cancelPrevious
    }
}

/// The member of a payload that tells of the occurrence.
struct OccurrenceMember: Codable, Sendable, Hashable {
    static let name = "wingman_schedule"

    var id: String
    /// Seconds since 1970.
    var at: Int
    var previous: Int?
    /// Milliseconds.
    var late: Int
    var missed: Int
    var slot: Int
    var watched: Bool?
    var replaced: Bool?

    init(_ planned: PlannedOccurrence, of schedule: String, overlap: Overlap) {
        self.id = schedule
        self.at = planned.at
        self.previous = planned.previous
        self.late = planned.lateBy
        self.missed = planned.missed
        self.slot = planned.slot
        self.watched = overlap.watchesJobs ? true : nil
        self.replaced = overlap == .cancelPrevious ? true : nil
    }

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Integers, texts and flags: there is nothing that could not be encoded.
        return Array((try? encoder.encode(self)) ?? Data("{}".utf8))
    }

    init?(json: [UInt8]) {
        guard let member = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = member
    }

    var occurrence: ScheduledOccurrence {
        let planned = PlannedOccurrence(
            at: self.at,
            previous: self.previous,
            lateBy: self.late,
            missed: self.missed,
            jid: "",
            slot: self.slot
        )
        let overlap: Overlap = self.watched == true ? .skip : self.replaced == true ? .cancelPrevious : .allow
        return ScheduledOccurrence(planned, of: self.id, overlap: overlap)
    }
}

extension JobContext {
    /// The occurrence this job was enqueued for; nil if no schedule did. Read from the payload each time.
    public var schedule: ScheduledOccurrence? {
        self.json(of: OccurrenceMember.name).flatMap { OccurrenceMember(json: $0) }?.occurrence
    }
}

/// A job whose arguments are occurrences, as Sidetiq's `perform(last_occurrence, current_occurrence)` has them.
///
/// ```swift
/// struct Billing: RecurringJob {
///     var lastOccurrence: Double
///     var currentOccurrence: Double
///
///     func perform(_ context: JobContext) async throws { … }
/// }
///
/// Scheduler { Cron("@daily", Billing.self) }
/// ```
public protocol RecurringJob: Job {
    /// Makes the job of one occurrence.
    ///
    /// - Parameters:
    ///   - lastOccurrence: The occurrence before, in seconds since 1970; -1 the first time.
    ///   - currentOccurrence: This occurrence, in seconds since 1970.
    init(lastOccurrence: Double, currentOccurrence: Double)
}
