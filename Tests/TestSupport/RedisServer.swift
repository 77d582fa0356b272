internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Debian's redis-server as a child of the test, on a unix socket in a fresh directory.
///
/// It dies with the test process. `cli` speaks to it through redis-cli, so that what a test asserts does not depend on
/// our own client.
public final class RedisServer: Sendable {
    /// How the server is set up; the default keeps nothing on disk and listens on its unix socket alone.
    public struct Options: Sendable {
        /// `requirepass` for the default user.
        public var password: String?
        /// Also listen on a free port of 127.0.0.1.
        public var isOnTCP: Bool
        /// Also listen with TLS on a free port of 127.0.0.1, with a certificate of its own authority for `localhost`.
        public var isOnTLS: Bool
        /// Append-only file with `appendfsync always`: an answered write survives a kill of the server.
        public var isDurable: Bool
        /// Begins with a copy of the append-only file of this directory: what a dead server would come back with.
        public var seed: TemporaryDirectory?
        /// More arguments of redis-server, such as `["--maxmemory", "10mb"]`.
        public var arguments: [String]

        /// Sets up a server; see the properties.
        public init(
            password: String? = nil,
            isOnTCP: Bool = false,
            isOnTLS: Bool = false,
            isDurable: Bool = false,
            seed: TemporaryDirectory? = nil,
            arguments: [String] = []
        ) {
            self.password = password
            self.isOnTCP = isOnTCP
            self.isOnTLS = isOnTLS
            self.isDurable = isDurable
            self.seed = seed
            self.arguments = arguments
        }
    }

    /// The options it was started with.
    public let options: Options
    /// Where its socket, its files and its certificates lie.
    public let directory: TemporaryDirectory
    /// The port of `redis://127.0.0.1`, when `isOnTCP`.
    public let port: Int?
    /// The port of `rediss://localhost`, when `isOnTLS`.
    public let tlsPort: Int?
    private let process = Mutex<ChildProcess?>(nil)

    /// Starts a server and waits until it answers.
    ///
    /// - Throws: when redis-server is not installed (`Scripts/setup test`) or does not answer.
    public static func start(_ options: Options = Options()) async throws -> RedisServer {
        let server = try RedisServer(options)
        if let seed = options.seed {
            try FileManager.default.copyItem(
                atPath: seed.file("appendonlydir"),
                toPath: server.directory.file("appendonlydir")
            )
        }
        if options.isOnTLS { try await TestCertificates.write(to: server.directory) }
        try await server.launch()
        return server
    }

    /// Runs `body` with a server of its own, and stops that at the end.
    public static func with<Result>(
        _ options: Options = Options(),
        _ body: (RedisServer) async throws -> Result
    ) async throws -> Result {
        let server = try await RedisServer.start(options)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    private init(_ options: Options) throws {
        self.options = options
        self.directory = try TemporaryDirectory("redis")
        self.port = options.isOnTCP ? try FreePort.find() : nil
        self.tlsPort = options.isOnTLS ? try FreePort.find() : nil
    }

    /// The path of its unix socket.
    public var socketPath: String { self.directory.file("redis.sock") }
    /// Its URL for Wingman, `redis+unix:///…`, with the password when there is one.
    public var url: String { "redis+unix://\(self.userInformation)\(self.socketPath)" }
    /// Its URL for Ruby's redis-rb, `unix:///…`.
    public var rubyURL: String { "unix://\(self.userInformation)\(self.socketPath)" }
    /// `redis://127.0.0.1:port`, when `isOnTCP`.
    public var tcpURL: String? { self.port.map { port in "redis://\(self.userInformation)127.0.0.1:\(port)" } }
    /// `rediss://localhost:port`, when `isOnTLS`; trust `authorityPath`.
    public var tlsURL: String? { self.tlsPort.map { port in "rediss://\(self.userInformation)localhost:\(port)" } }
    /// The certificate of the authority that signed the server's, when `isOnTLS`.
    public var authorityPath: String { self.directory.file("ca.crt") }
    /// The process, to signal it (SIGSTOP and SIGCONT make it hang and go on) or read its log.
    public var child: ChildProcess? { self.process.withLock { process in process } }

    private var userInformation: String { self.options.password.map { password in ":\(password)@" } ?? "" }

    /// Ends the server by SIGKILL, as a crash would.
    public func kill() async throws {
        try await self.child?.kill9()
    }

    /// Starts it again on the same directory, socket and ports, killing it first when it still runs.
    public func restart() async throws {
        try await self.kill()
        try await self.launch()
    }

    /// Ends the server and removes its directory.
    public func stop() async {
        try? await self.kill()
        self.directory.remove()
    }

    /// What redis-cli prints for a command: one line an element, errors as text too.
    ///
    /// - Throws: when redis-cli cannot reach the server.
    @discardableResult
    public func cli(_ arguments: String...) async throws -> String {
        try await self.cli(arguments)
    }

    /// What redis-cli prints for a command, or for the commands in `input`, one a line.
    @discardableResult
    public func cli(_ arguments: [String], input: String? = nil) async throws -> String {
        var environment: [String: String] = [:]
        environment["REDISCLI_AUTH"] = self.options.password
        return try await ChildProcess.succeed(
            "redis-cli",
            ["-s", self.socketPath] + arguments,
            environment: environment,
            input: input
        )
    }

    private func launch() async throws {
        let child = try await ChildProcess.start("redis-server", self.arguments, workingDirectory: self.directory.path)
        self.process.withLock { process in process = child }
        try await eventually("redis-server to answer on \(self.socketPath)") {
            guard child.isRunning else {
                throw TestSupportError.process("redis-server ended at its start:\n\(child.output)\n\(child.error)")
            }
            return (try? await self.cli("PING")) == "PONG"  // LOADING, and no socket yet, are waited for
        }
    }

    private var arguments: [String] {
        var words = ["--unixsocket", self.socketPath, "--dir", self.directory.path, "--port", "\(self.port ?? 0)"]
        words += ["--bind", "127.0.0.1", "--save", "", "--daemonize", "no", "--appendonly"]
        words += self.options.isDurable ? ["yes", "--appendfsync", "always"] : ["no"]
        if let tlsPort = self.tlsPort {
            words += ["--tls-port", "\(tlsPort)", "--tls-auth-clients", "no"]
            words += ["--tls-ca-cert-file", self.authorityPath]
            words += ["--tls-cert-file", self.directory.file("server.crt")]
            words += ["--tls-key-file", self.directory.file("server.key")]
        }
        if let password = self.options.password { words += ["--requirepass", password] }
        return words + self.options.arguments
    }
}
