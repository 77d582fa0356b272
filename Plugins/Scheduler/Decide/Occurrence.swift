/// One occurrence that is to have its job.
struct PlannedOccurrence: Sendable, Hashable {
    /// When it is, in seconds since 1970.
    var at: Int
    /// The occurrence enqueued before it.
    var previous: Int?
    /// How late it is, in milliseconds.
    var lateBy: Int
    /// How many occurrences between the two had no job.
    var missed: Int
    /// Its job's ID.
    var jid: String
    /// Where the outcome of its job goes.
    var slot: Int
}

/// What enqueues occurrences of a schedule and makes the following one the next.
struct Advance: Sendable, Hashable {
    var occurrences: [PlannedOccurrence]
    /// The record afterwards.
    var record: ScheduleRecord
    /// The record afterwards if a job of the schedule has not ended; nil if that makes no difference.
    var blocked: ScheduleRecord?
    /// Not before this time of the store, in milliseconds since 1970.
    var notBefore: Int
    /// How many occurrences are left out by it.
    var missed = 0
}
