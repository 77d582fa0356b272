/// A whole number of seconds between two occurrences.
///
/// Occurrences are anchored to 1970-01-01T00:00:00Z, not to the start of a process: `.minutes(5)` means :00, :05, :10 on
/// every machine and after every deploy, and `.hours(24)` means midnight UTC.
public struct Interval: Hashable, Sendable, CustomStringConvertible {
    /// Its length in seconds; not yet checked: from 1 s to 366 days can be scheduled.
    let seconds: Int

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

    /// The length in seconds: `300s`.
    public var description: String { "\(self.seconds)s" }
}
