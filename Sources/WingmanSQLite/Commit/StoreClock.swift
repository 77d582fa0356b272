#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The store's clock, read once in each transaction. All processes of a file are on one host, so it is the host's.
package struct StoreClock: Sendable {
    /// Microseconds since 1970.
    package let now: @Sendable () -> Int

    /// A clock that answers `now`, in microseconds since 1970.
    package init(now: @escaping @Sendable () -> Int) {
        self.now = now
    }

    /// The host's wall clock.
    package static let host = StoreClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
}

/// A moment by the store's clock.
struct Moment: Sendable {
    let microseconds: Int

    var milliseconds: Int { self.microseconds / 1_000 }
    /// Whole seconds, rounded down.
    var wholeSeconds: Int { self.microseconds / 1_000_000 }
    var seconds: Double { Double(self.microseconds) / 1_000_000 }

    /// Seconds since 1970, `milliseconds` from now.
    func seconds(after milliseconds: Int) -> Double {
        Double(self.microseconds + milliseconds * 1_000) / 1_000_000
    }
}

extension Duration {
    /// Whole milliseconds, rounded up; never negative and never more than 100 years.
    var wholeMilliseconds: Int {
        let milliseconds = self / .milliseconds(1)
        return Int(min(max(milliseconds.rounded(.up), 0), 3_153_600_000_000))
    }
}
