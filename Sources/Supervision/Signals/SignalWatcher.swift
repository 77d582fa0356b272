import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Delivers signals from a thread of its own, also while every cooperative thread computes.
///
/// ```swift
/// let watcher = SignalWatcher([.terminate, .interrupt]) { signal in root.stop() }
/// defer { watcher.cancel() }
/// ```
///
/// Several watchers may watch the same signal; each is told. When the last one is cancelled the signal gets back the
/// disposition it had before. A program that watches signals gives none to a `ServiceGroup`.
public final class SignalWatcher: Sendable {
    private let token: UInt64
    private let continuation: AsyncStream<ProcessSignal>.Continuation?

    /// Starts watching.
    ///
    /// - Parameters:
    ///   - signals: The signals to take.
    ///   - handler: Called on the signal thread for each signal, one at a time. It may lock and allocate, and should be
    ///     short: further signals wait for it.
    public init(_ signals: Set<ProcessSignal>, handler: @escaping @Sendable (ProcessSignal) -> Void) {
        self.continuation = nil
        self.token = SignalThread.shared.add(signals, handler)
    }

    private init(_ signals: Set<ProcessSignal>, continuation: AsyncStream<ProcessSignal>.Continuation) {
        self.continuation = continuation
        self.token = SignalThread.shared.add(signals) { continuation.yield($0) }
    }

    deinit {
        self.cancel()
    }

    /// Signals as a sequence. Mind that whoever iterates it runs on an executor of its own: off the cooperative pool only if
    /// its task is (see ``Timekeeper/executor``).
    ///
    /// The signals are taken from now on, and given back when the sequence or the iterating task ends.
    public static func stream(_ signals: Set<ProcessSignal>) -> AsyncStream<ProcessSignal> {
        let (stream, continuation) = AsyncStream.makeStream(of: ProcessSignal.self)
        let watcher = SignalWatcher(signals, continuation: continuation)
        continuation.onTermination = { _ in watcher.cancel() }
        return stream
    }

    /// Stops watching. The handler is not called any more once this has returned, except for a call under way.
    public func cancel() {
        SignalThread.shared.remove(self.token)
        self.continuation?.finish()
    }
}

/// The thread that reads the pipe, and the table of who is told.
private final class SignalThread: Sendable {
    static let shared = SignalThread()

    private struct Watch: Sendable {
        let token: UInt64
        let signals: Set<ProcessSignal>
        let handler: @Sendable (ProcessSignal) -> Void
    }

    private struct State {
        var watches: [Watch] = []
        var lastToken: UInt64 = 0
        var previous: [ProcessSignal: sigaction] = [:]
    }

    private let state = Mutex(State())

    private init() {
        let end = SignalPipe.open()
        Thread.start(name: "signals") {
            Self.unblockAllSignals()
            while let signal = SignalPipe.read(from: end) { SignalThread.shared.deliver(signal) }
        }
    }

    func add(_ signals: Set<ProcessSignal>, _ handler: @escaping @Sendable (ProcessSignal) -> Void) -> UInt64 {
        self.state.withLock { state in
            state.lastToken += 1
            state.watches.append(Watch(token: state.lastToken, signals: signals, handler: handler))
            for signal in signals where state.previous[signal] == nil {
                state.previous[signal] = SignalPipe.install(for: signal)
            }
            return state.lastToken
        }
    }

    func remove(_ token: UInt64) {
        self.state.withLock { state in
            state.watches.removeAll { $0.token == token }
            for (signal, previous) in state.previous
            where !state.watches.contains(where: { $0.signals.contains(signal) }) {
                SignalPipe.restore(signal, to: previous)
                state.previous[signal] = nil
            }
        }
    }

    private func deliver(_ signal: ProcessSignal) {
        let handlers = self.state.withLock { state in
            state.watches.filter { $0.signals.contains(signal) }.map(\.handler)
        }
        for handler in handlers { handler(signal) }
    }

    /// A parent may have started the process with signals blocked, which threads inherit: one thread must take them.
    private static func unblockAllSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
    }
}
