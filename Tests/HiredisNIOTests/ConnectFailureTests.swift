import HiredisNIO
import TestSupport
import Testing

@Suite("Failing to connect", .timeLimit(.minutes(1)))
struct ConnectFailureTests {
    /// The error of connecting to `configuration`.
    private func failure(
        _ configuration: RedisConfiguration,
        within timeout: Duration = .seconds(20)
    ) async -> RedisError? {
        var configuration = configuration
        configuration.connectTimeout = timeout
        do {
            let connection = try await RedisConnection.connect(configuration)
            await connection.close()
            Issue.record("connected")
            return nil
        } catch {
            #expect(error.code == .connectionFailed)
            #expect(error.endpoint == configuration.endpoint.description)
            #expect(!error.mayHaveRun)
            return error
        }
    }

    @Test(
        "a server that closes at once, or says why first, is tried again later",
        arguments: [
            (nil, "closed"), ("-ERR max number of clients reached\r\n", "maxclients"),
        ]
    )
    func closing(greeting: String?, mention: String) async throws {
        let server = try await FakeServer(greeting: greeting, closes: true)
        let error = await self.failure(server.configuration)
        #expect(error?.kind == .transient)
        #expect(error?.description.contains(mention) == true, "\(error as Any)")
        try await server.stop()
    }

    @Test("a server that says nothing costs no more than the connect timeout")
    func silent() async throws {
        let server = try await FakeServer(greeting: nil, closes: false)
        let error = await self.failure(server.configuration, within: .milliseconds(500))
        #expect(error?.kind == .transient)
        #expect(error?.description.contains("no answer within 0.5 seconds") == true)
        try await server.stop()
    }

    @Test("a server that is none of Redis' is an error of the configuration")
    func otherProtocol() async throws {
        let server = try await FakeServer(greeting: "SSH-2.0-OpenSSH_9.2p1\r\n", closes: false)
        let error = await self.failure(server.configuration)
        #expect(error?.kind == .permanent)
        #expect(error?.description.contains("Redis' protocol") == true)
        try await server.stop()
    }

    @Test("no server, no socket, no such host, a path too long: each is named")
    func nothingThere() async throws {
        let port = try FreePort.find()
        let refused = await self.failure(RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: port)))
        #expect(refused?.description.contains("127.0.0.1:\(port): connection refused") == true)
        let missing = await self.failure(RedisConfiguration(endpoint: .unixSocket(path: "/tmp/hn-none")))
        #expect(missing?.description.contains("/tmp/hn-none: there is no such socket") == true)
        let unknown = await self.failure(RedisConfiguration(endpoint: .tcp(host: "no-such-host.invalid", port: 1)))
        #expect(unknown?.description.contains("address") == true)
        let long = "/" + String(repeating: "x", count: 200)
        let tooLong = await self.failure(RedisConfiguration(endpoint: .unixSocket(path: long)))
        #expect(tooLong?.description.contains("too long") == true, "\(tooLong as Any)")
    }
}
