#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A point in time as job payloads have it: whole milliseconds since 1970, UTC.
///
/// Sidekiq 8 writes integers of milliseconds, Sidekiq 7 and older wrote seconds with a fraction, and other clients
/// write seconds as integers. Size tells them apart: below 1e11 it is seconds (as milliseconds that would be
/// March 1973, as seconds the year 5138).
public struct SidekiqTime: Hashable, Sendable {
    /// Milliseconds since 1970, UTC.
    public let milliseconds: Int64

    /// No time is further from 1970, so that differences never overflow; it is some 285,000 years.
    private static let limit = 9_007_199_254_740_992.0

    /// A time from milliseconds since 1970; one beyond 285,000 years from then is moved to that bound.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, -Int64(Self.limit)), Int64(Self.limit))
    }

    /// A time from seconds since 1970, to the nearest millisecond. Not a number becomes 1970.
    public init(seconds: Double) {
        let milliseconds = (seconds * 1000).rounded()
        let bounded = min(max(milliseconds, -Self.limit), Self.limit)
        self.milliseconds = milliseconds.isNaN ? 0 : Int64(bounded)
    }

    /// A time from the text of a JSON number of either kind; nil when it is too large to be one.
    package init?(literal: ArraySlice<UInt8>) {
        guard let number = JSONNumber.floating(literal, as: Double.self) else { return nil }
        if abs(number) < 1e11 {
            self.init(seconds: number)
        } else {
            self.init(seconds: number / 1000)
        }
    }

    /// What this machine's clock says; what is due is decided by the store's.
    public static func now() -> Self {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Self(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Seconds since 1970, as the scores of Sidekiq's sorted sets have them.
    public var seconds: Double { Double(self.milliseconds) / 1000 }
}

extension SidekiqTime: Comparable {
    /// Earlier is less.
    public static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }
}
