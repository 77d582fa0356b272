internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    private import Glibc
#endif

/// Words for what can happen to a connection, above all while it is made.
enum ConnectFailure {
    static func describe(_ error: any Error, _ configuration: RedisConfiguration) -> RedisError {
        let endpoint = configuration.endpoint.description
        if let error = error as? RedisError {
            guard error.code != .connectionFailed else { return error }
            if let fault = TLSFault(handshake: error.cause) { return Self.failed(fault.description, endpoint, cause: fault) }
            let message = Self.message(error, configuration)
            return Self.failed(message, endpoint, cause: error.cause ?? error)
        }
        if let fault = TLSFault(handshake: error) { return Self.failed(fault.description, endpoint, cause: fault) }
        return Self.failed(Self.message(error, configuration), endpoint, cause: error)
    }

    private static func failed(_ message: String, _ endpoint: String, cause: any Error) -> RedisError {
        RedisError(.connectionFailed, message, endpoint: endpoint, cause: cause)
    }

    private static func message(_ error: any Error, _ configuration: RedisConfiguration) -> String {
        switch error {
        case let error as NIOConnectionError: Self.message(error)
        case let error as IOError: Self.reason(error)
        case ChannelError.connectTimeout: Self.timeoutMessage(configuration)
        case ChannelError.ioOnClosedChannel: "the server closed the connection at once"
        case SocketAddressError.unixDomainSocketPathTooLong:
            "the path is too long for a socket: 107 bytes are the most"
        default: "cannot connect: \(error)"
        }
    }

    private static func message(_ error: RedisError, _ configuration: RedisConfiguration) -> String {
        switch error.code {
        case .timeout: Self.timeoutMessage(configuration)
        case .protocolViolation: "what listens there does not speak Redis' protocol, or wants TLS (\(error.message))"
        default: error.message
        }
    }

    private static func message(_ error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first {
            if let cause = first.error as? IOError { return Self.reason(cause) }
            return "cannot connect: \(first.error)"
        }
        if let cause = error.dnsAError ?? error.dnsAAAAError { return "cannot find the host's address: \(cause)" }
        return "the host has no address"
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused: nothing listens there"
        case ENOENT: "there is no such socket"
        case EACCES, EPERM: "this user may not open the socket"
        default: "cannot connect: \(error)"
        }
    }

    /// For an error of a channel that was connected.
    static func brokenMessage(_ error: any Error) -> String {
        switch (error as? IOError)?.errnoCode {
        case ECONNRESET, EPIPE: "the server closed the connection (reset)"
        default: "the connection broke: \(error)"
        }
    }

    private static func timeoutMessage(_ configuration: RedisConfiguration) -> String {
        let doubt = configuration.tls == nil ? "" : " (does it speak TLS? plain is redis://)"
        return "no answer within \(configuration.connectTimeout)\(doubt)"
    }
}
