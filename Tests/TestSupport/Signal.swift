#if canImport(Glibc)
    internal import Glibc
#endif

/// The signals that tests send, by what they mean to a worker.
public enum Signal: Sendable {
    /// TERM: stop, finishing what can be finished in the stop timeout.
    case terminate
    /// TSTP: quiet, start nothing new.
    case quiet
    /// TTIN: dump.
    case dump
    /// KILL: a crash.
    case kill
    /// STOP: the process stands still, as a machine that swaps or a paused container.
    case freeze
    /// CONT: it goes on.
    case resume

    /// The number the kernel knows it by.
    public var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .quiet: SIGTSTP
        case .dump: SIGTTIN
        case .kill: SIGKILL
        case .freeze: SIGSTOP
        case .resume: SIGCONT
        }
    }
}

extension ChildProcess {
    /// Sends a signal. Answers false when the process has ended already.
    @discardableResult
    public func signal(_ signal: Signal) -> Bool {
        self.signal(signal.number)
    }
}
