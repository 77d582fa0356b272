import HiredisNIO
import TestSupport
import Testing

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    /// Runs `body` with a server whose certificate is for `localhost` and 127.0.0.1; it listens on 127.0.0.2 as well.
    private func withTLSServer(_ body: (_ server: RedisServer, _ port: Int) async throws -> Void) async throws {
        let options = RedisServer.Options(
            password: "sesame",
            isOnTLS: true,
            arguments: ["--bind", "127.0.0.1", "127.0.0.2"]
        )
        try await RedisServer.with(options) { server in try await body(server, try #require(server.tlsPort)) }
    }

    private func connect(_ url: String) async throws -> RESPValue {
        try await withClient(try RedisConfiguration(url: url)) { try await $0.send("PING") }
    }

    @Test("a private authority is trusted when it is named; the host's name or address is verified")
    func accepted() async throws {
        try await self.withTLSServer { server, port in
            for host in ["localhost", "127.0.0.1"] {
                let reply = try await self.connect("rediss://:sesame@\(host):\(port)?cacert=\(server.authorityPath)")
                #expect(reply == .simpleString("PONG"))
            }
        }
    }

    @Test("a certificate for another name or address is refused, unless its name is asked for")
    func wrongName() async throws {
        try await self.withTLSServer { server, port in
            let authority = "cacert=\(server.authorityPath)"
            for place in ["127.0.0.2:\(port)?sni=redis.example&", "127.0.0.2:\(port)?"] {
                let url = "rediss://:sesame@\(place)\(authority)"
                let error = await #expect(throws: RedisError.self) { try await self.connect(url) }
                #expect(error?.code == .connectionFailed)
                #expect(error?.kind == .permanent)
                #expect(error?.description.contains("TLS") == true)
            }
            let reply = try await self.connect("rediss://:sesame@127.0.0.2:\(port)?\(authority)&sni=localhost")
            #expect(reply == .simpleString("PONG"))
        }
    }

    @Test("an unknown authority is refused, and so is one that cannot be read")
    func wrongAuthority() async throws {
        try await self.withTLSServer { server, port in
            let key = server.directory.file("server.key")
            try await self.withTLSServer { stranger, _ in
                for parameter in ["", "?cacert=\(stranger.authorityPath)", "?cacert=/nowhere", "?cacert=\(key)"] {
                    let url = "rediss://:sesame@localhost:\(port)\(parameter)"
                    let error = await #expect(throws: RedisError.self) { try await self.connect(url) }
                    #expect(error?.code == .connectionFailed)
                    #expect(error?.kind == .permanent)
                    #expect(error?.description.contains("sesame") == false)
                }
            }
        }
    }

    @Test("plain text to a TLS port, and TLS to a plain port, are errors that say so")
    func mismatch() async throws {
        try await self.withTLSServer { _, port in
            let plain = try RedisConfiguration(url: "redis://localhost:\(port)")
            let error = await #expect(throws: RedisError.self) { _ = try await RedisConnection.connect(plain) }
            #expect(error?.code == .connectionFailed)
        }
        try await RedisServer.with(.init(isOnTCP: true)) { server in
            var secure = try RedisConfiguration(url: "rediss://localhost:\(try #require(server.port))")
            secure.connectTimeout = .milliseconds(500)
            let error = await #expect(throws: RedisError.self) { _ = try await RedisConnection.connect(secure) }
            #expect(error?.code == .connectionFailed)
            #expect(error?.description.contains("TLS") == true)
        }
    }
}
