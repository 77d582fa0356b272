import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The way out of a signal handler: the handler writes the signal's number into a pipe, a thread of ours reads it.
///
/// A handler may call almost nothing (no allocation, no lock); `write` is allowed. Blocking the signals in all threads and
/// reading a `signalfd` is no choice: by the time we are asked, the runtime has threads of its own.
enum SignalPipe {
    /// The end the handler writes to, -1 before ``open()``. It is touched before the first handler is installed, so that
    /// the handler never runs its lazy initialisation.
    private static let writeEnd = Atomic<Int32>(-1)

    /// Opens the pipe, once in a process.
    ///
    /// - Returns: The end to read from.
    static func open() -> Int32 {
        var ends: [Int32] = [-1, -1]
        let result = pipe(&ends)
        // No file descriptors at start-up: a worker that cannot hear TERM must not run.
        precondition(result == 0, "cannot open a pipe for signals: errno \(errno)")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler that blocked on a full pipe would stop the thread that it interrupted. When 64 KiB of signals are
        // unread, dropping one more loses nothing.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        Self.writeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        return ends[0]
    }

    /// Waits for the next signal. Blocks the calling thread.
    ///
    /// - Returns: nil when the pipe is gone: somebody closed all file descriptors.
    static func read(from end: Int32) -> ProcessSignal? {
        var byte: UInt8 = 0
        while true {
            if Self.readByte(end, &byte) == 1 { return ProcessSignal(rawValue: Int32(byte)) }
            if errno != EINTR { return nil }
        }
    }

    /// Lets the handler take `signal`.
    ///
    /// - Returns: What was there before, for ``restore(_:to:)``.
    static func install(for signal: ProcessSignal) -> sigaction {
        var action = sigaction()
        var previous = sigaction()
        let handler: @convention(c) (Int32) -> Void = { SignalPipe.handle($0) }
        #if canImport(Darwin)
            action.__sigaction_u.__sa_handler = handler
        #else
            action.__sigaction_handler.sa_handler = handler
        #endif
        action.sa_flags = SA_RESTART
        sigemptyset(&action.sa_mask)
        sigaction(signal.rawValue, &action, &previous)
        return previous
    }

    /// Gives `signal` back to whoever had it before ``install(for:)``.
    static func restore(_ signal: ProcessSignal, to previous: sigaction) {
        var previous = previous
        sigaction(signal.rawValue, &previous, nil)
    }

    /// The handler. Runs on whatever thread the signal interrupted: async-signal-safe calls only, and errno as it was.
    private static func handle(_ signal: Int32) {
        let savedError = errno
        var byte = UInt8(truncatingIfNeeded: signal)
        _ = write(Self.writeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = savedError
    }

    private static func readByte(_ end: Int32, _ byte: inout UInt8) -> Int {
        #if canImport(Glibc)
            Glibc.read(end, &byte, 1)
        #elseif canImport(Musl)
            Musl.read(end, &byte, 1)
        #else
            Darwin.read(end, &byte, 1)
        #endif
    }
}
