/// A whole number of seconds between two occurrences.
///
/// Occurrences are anchored to 1970-01-01T00:00:00Z, not to the start of a process: `.minutes(5)` means :00, :05, :10 on
/// every machine and after every deploy, and `.hours(24)` means midnight UTC.
public struct Interval: Hashable, Sendable, CustomStringConvertible {
    /// Its length in seconds; not yet checked, ``Scheduler`` refuses what is outside of ``allowed``.
    let seconds: Int

    /// Shorter ones are no work for a queue; the upper end is a year and a day.
    static let allowed = 1...(366 * 24 * 3_600)

    /// Every `count` seconds, from 1.
    public static func seconds(_ count: Int) -> Interval { Interval(count, times: 1) }

    /// Every `count` minutes.
    public static func minutes(_ count: Int) -> Interval { Interval(count, times: 60) }

    /// Every `count` hours.
    public static func hours(_ count: Int) -> Interval { Interval(count, times: 3_600) }

    /// Every `count` days of 24 hours, in UTC.
    public static func days(_ count: Int) -> Interval { Interval(count, times: 24 * 3_600) }

    private init(_ count: Int, times unit: Int) {
        let (seconds, overflows) = count.multipliedReportingOverflow(by: unit)
        self.seconds = overflows ? .max : seconds
    }

    /// The length in seconds: `300s`. Part of the default id of an entry, so it must stay as it is.
    public var description: String { "\(self.seconds)s" }

    /// The first occurrence after `instant`, both in milliseconds since 1970.
    func occurrence(after instant: Int) -> Int {
        let length = self.seconds.multipliedReportingOverflow(by: 1_000)
        guard !length.overflow, length.partialValue > 0 else { return .max }
        let phase = instant % length.partialValue
        let elapsed = phase < 0 ? phase + length.partialValue : phase
        let (next, overflows) = instant.addingReportingOverflow(length.partialValue - elapsed)
        return overflows ? .max : next
    }
}
