#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A signal that a process can be sent.
public struct ProcessSignal: Hashable, Sendable, CustomStringConvertible {
    /// The operating system's number.
    public let rawValue: Int32

    /// Creates a signal from the operating system's number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// TERM: stop.
    public static let terminate = Self(rawValue: SIGTERM)
    /// INT: stop, as from the keyboard.
    public static let interrupt = Self(rawValue: SIGINT)
    /// TSTP: be quiet, take no new work.
    public static let quiet = Self(rawValue: SIGTSTP)
    /// TTIN: tell what you are doing.
    public static let dump = Self(rawValue: SIGTTIN)
    /// USR2: reopen log files.
    public static let reopen = Self(rawValue: SIGUSR2)

    /// The name without SIG, as `kill -l` prints it, for those that have a name here; else the number.
    public var description: String {
        switch self {
        case .terminate: "TERM"
        case .interrupt: "INT"
        case .quiet: "TSTP"
        case .dump: "TTIN"
        case .reopen: "USR2"
        default: "\(self.rawValue)"
        }
    }
}
