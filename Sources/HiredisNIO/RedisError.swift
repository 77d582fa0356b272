/// What went wrong between this program and Redis. The one error type of this module.
///
/// It never contains an argument of a command or a password.
public struct RedisError: Error, Sendable {
    /// The kind of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case closed, commandTooLarge, connectionFailed, connectionLost, invalidConfiguration, protocolViolation
            case server, timeout, unavailable, unexpectedReply
        }

        private let value: Value

        /// The client or the connection was closed by this program.
        public static let closed = Self(value: .closed)
        /// A command is larger than ``RedisCommand/maximumBytes``.
        public static let commandTooLarge = Self(value: .commandTooLarge)
        /// A connection could not be made: refused, unknown host, TLS, AUTH or SELECT failed.
        public static let connectionFailed = Self(value: .connectionFailed)
        /// The connection broke before the reply came; see ``RedisError/mayHaveRun``.
        public static let connectionLost = Self(value: .connectionLost)
        /// A URL or an option is wrong.
        public static let invalidConfiguration = Self(value: .invalidConfiguration)
        /// The peer sent what is not RESP2. The connection is closed.
        public static let protocolViolation = Self(value: .protocolViolation)
        /// Redis answered with an error; see ``RedisError/serverError``.
        public static let server = Self(value: .server)
        /// The deadline passed before the reply came; see ``RedisError/mayHaveRun``.
        public static let timeout = Self(value: .timeout)
        /// There is no connection at present, and none came before the deadline. Nothing was sent.
        public static let unavailable = Self(value: .unavailable)
        /// The reply is not of the type that the command promises.
        public static let unexpectedReply = Self(value: .unexpectedReply)

        /// The code's name.
        public var description: String { self.value.rawValue }
    }

    /// The kind of failure.
    public var code: Code
    /// What happened, for people.
    public var message: String
    /// The name of the command, without its arguments.
    public var command: String?
    /// Where: `host:port` or the path of the socket.
    public var endpoint: String?
    /// Whether the server may have run the command, or runs it still. False: it certainly has not.
    public var mayHaveRun: Bool
    /// The error below this one.
    public var cause: (any Error)?

    /// Creates an error; see the properties.
    public init(
        _ code: Code,
        _ message: String,
        command: String? = nil,
        endpoint: String? = nil,
        mayHaveRun: Bool = false,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.command = command
        self.endpoint = endpoint
        self.mayHaveRun = mayHaveRun
        self.cause = cause
    }
}

extension RedisError {
    /// The server's own error, for the code ``Code/server`` and for a connection that it refused.
    public var serverError: RedisServerError? {
        if let error = self.cause as? RedisServerError { return error }
        return (self.cause as? RedisError)?.serverError
    }

    /// Whether trying again can help.
    public var kind: RedisServerError.Kind {
        if let serverError { return serverError.kind }
        switch self.code {
        case .connectionLost, .timeout, .unavailable: return .transient
        case .connectionFailed: return self.cause is any RedisConfigurationFault ? .permanent : .transient
        case .closed, .invalidConfiguration: return .permanent
        default: return .bug
        }
    }

    /// The same error, about `command`.
    func about(_ command: String?, mayHaveRun: Bool) -> RedisError {
        var copy = self
        copy.command = command
        copy.mayHaveRun = mayHaveRun
        return copy
    }
}

/// Marks a failure to connect that only a change of the configuration mends.
protocol RedisConfigurationFault: Error {}

extension RedisError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One sentence: what happened, to which command, where, and what to do.
    public var description: String {
        var text = "Redis"
        if let endpoint { text += " at \(endpoint)" }
        if let command { text += ", \(command)" }
        text += ": \(self.message)"
        if self.mayHaveRun { text += " (the command may have run)" }
        if let advice = self.advice { text += "; \(advice)" }
        return text
    }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    private var advice: String? {
        if let serverError { return serverError.advice }
        switch self.code {
        case .connectionLost, .unavailable: return "check that the server runs and can be reached"
        case .timeout: return "the server or the network is slow or stuck: see SLOWLOG GET and INFO commandstats"
        case .protocolViolation: return "check that a Redis server listens there, and whether it wants TLS (rediss://)"
        case .unexpectedReply: return "please report it"
        default: return nil
        }
    }
}
