#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The end of the process, by code.
public enum ProcessExit {
    /// Ends the process at once. Nothing is stopped, flushed or run at exit: it is for when stopping has failed.
    public static let now: @Sendable (Int32) -> Void = { code in _exit(code) }
}
