#if canImport(Glibc)
    import Glibc
#endif

/// The time of day. Only for what people read: leases and due times are decided by the store's clock.
enum WallClock {
    /// Milliseconds since 1970.
    static func milliseconds() -> Int {
        let now = Self.now()
        return Int(now.tv_sec) * 1_000 + Int(now.tv_nsec) / 1_000_000
    }

    /// Seconds since 1970.
    static func seconds() -> Double {
        let now = Self.now()
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1_000_000_000
    }

    private static func now() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }
}
