/// What happens to a fixed time of day that a change of the clock skips.
///
/// The names are Foundation's for `Calendar.MatchingPolicy`. Gaps of more than three hours (a zone that crosses the date
/// line and loses a day) are always strict, as in cronie: their times never were.
public enum GapPolicy: String, Sendable, Hashable, CaseIterable {
    /// It runs when the gap is over; all times within one gap run once.
    case nextTime
    /// It runs as much later as the clock was put forward: 02:30 at 03:30.
    case preserving
    /// It does not run on that day.
    case strict
}

/// What happens to a fixed time of day that occurs twice because the clock was put back.
public enum OverlapPolicy: String, Sendable, Hashable, CaseIterable {
    /// It runs the first time.
    case first
    /// It runs the second time.
    case last
    /// It runs both times.
    case both
}

/// What a recurrence does when the clock changes; the default is cronie's rule: every fixed time runs exactly once.
///
/// It concerns fixed times of day only. A recurrence that is like an interval (cron with a `*` at the start of the
/// minutes or the hours, rules of hours and shorter) has every matching instant as time really passes, whatever the policy.
public struct ClockPolicy: Sendable, Hashable {
    /// For times that are skipped.
    public var gap: GapPolicy
    /// For times that occur twice.
    public var overlap: OverlapPolicy

    /// Makes a policy.
    public init(gap: GapPolicy = .nextTime, overlap: OverlapPolicy = .first) {
        self.gap = gap
        self.overlap = overlap
    }

    /// Every matching instant, as time really passes.
    static let realTime = ClockPolicy(gap: .strict, overlap: .both)

    /// Longer gaps are strict. Three hours is cronie's limit, too.
    static let longestGap = 3 * 3_600
}
