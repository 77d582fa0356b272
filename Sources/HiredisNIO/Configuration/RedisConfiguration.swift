/// Where Redis is and how to talk to it. Made from a URL, then adjusted.
public struct RedisConfiguration: Sendable, Equatable {
    /// Host and port, or a socket's path.
    public var endpoint: RedisEndpoint
    /// TLS, with full verification of the server's certificate; nil: none.
    public var tls: RedisTLS?
    /// User and password; nil: no AUTH.
    public var credentials: RedisCredentials?
    /// The database that SELECT chooses.
    public var database = 0
    /// What CLIENT LIST shows; no spaces.
    public var clientName: String?

    /// For everything until a connection can be used: name lookup, TCP, TLS, AUTH, SELECT.
    public var connectTimeout: Duration = .seconds(3)  // as Sidekiq's client
    /// For each command that is not given a deadline of its own. One so long that it is still on its way by then, or its
    /// reply, has as long as it takes, while something of it moves at least every three seconds.
    public var commandTimeout: Duration = .seconds(3)  // as Sidekiq's client
    /// Added to a blocking command's own time: the server notices its end only ten times a second.
    public var blockingMargin: Duration = .seconds(2)
    /// The pauses between attempts to connect.
    public var backoff = RedisBackoff()
    /// What a command does that is issued while there is no connection.
    public var whenDisconnected: WhenDisconnected = .wait

    /// What a command does that is issued while there is no connection.
    public enum WhenDisconnected: Sendable {
        /// Wait for the reconnect, up to the command's deadline.
        case wait
        /// Throw ``RedisError/Code/unavailable`` at once.
        case fail
    }

    /// A plain connection to `endpoint`.
    public init(endpoint: RedisEndpoint) {
        self.endpoint = endpoint
    }
}

/// Host and port, or a socket's path.
public enum RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A host's name or address, and a port.
    case tcp(host: String, port: Int)
    /// The path of a unix socket.
    case unixSocket(path: String)

    /// `host:port` (an IPv6 address in brackets), or the path.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}

/// TLS with full verification: the certificate's chain and the host's name.
///
/// The certificate has to be for the host's name, or for the address that the connection leads to: NIOSSL accepts either,
/// also when a name was asked for.
public struct RedisTLS: Sendable, Hashable {
    /// A PEM file with the authorities to trust instead of the system's.
    public var authorityFile: String?
    /// The name to ask for and to verify, when it is not the endpoint's host.
    public var serverName: String?

    /// Trusts the system's authorities, or those in `authorityFile`.
    public init(authorityFile: String? = nil, serverName: String? = nil) {
        self.authorityFile = authorityFile
        self.serverName = serverName
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    /// The URL of this configuration, with `***` for the password.
    public var description: String {
        let user = self.credentials.map { "\($0.user ?? ""):***@" } ?? ""
        switch self.endpoint {
        case .tcp:
            let scheme = self.tls == nil ? "redis" : "rediss"
            return "\(scheme)://\(user)\(self.endpoint)/\(self.database)"
        case .unixSocket(let path):
            return "redis+unix://\(user)\(path)" + (self.database == 0 ? "" : "?db=\(self.database)")
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { self.description }
}
