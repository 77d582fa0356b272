import Foundation
import HiredisNIO
import Testing

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    /// Runs `body` with a server that serves TLS with a certificate for `names`.
    private func withTLSServer(
        names: String,
        _ body: (_ port: Int, _ authority: TestAuthority) async throws -> Void
    ) async throws {
        let directory = try TestServer.makeDirectory()
        let authority = try TestAuthority(in: directory)
        try authority.issue(names: names)
        let port = TestServer.freePort()
        let server = try TestServer(authority.options(port: port) + ["--requirepass", "sesame"], directory: directory)
        defer { server.stop() }
        try server.start()
        try await body(port, authority)
    }

    private func connect(_ url: String) async throws -> RESPValue {
        try await withClient(try RedisConfiguration(url: url)) { try await $0.send("PING") }
    }

    @Test("a private authority is trusted when it is named; the host's name or address is verified")
    func accepted() async throws {
        try await self.withTLSServer(names: "DNS:localhost,IP:127.0.0.1") { port, authority in
            for host in ["localhost", "127.0.0.1"] {
                let reply = try await self.connect("rediss://:sesame@\(host):\(port)?cacert=\(authority.certificate)")
                #expect(reply == .simpleString("PONG"))
            }
        }
    }

    @Test("a certificate for another name is refused, unless that name is asked for")
    func wrongName() async throws {
        try await self.withTLSServer(names: "DNS:redis.example") { port, authority in
            for host in ["localhost", "127.0.0.1"] {
                let url = "rediss://:sesame@\(host):\(port)?cacert=\(authority.certificate)"
                let error = await #expect(throws: RedisError.self) { try await self.connect(url) }
                #expect(error?.code == .connectionFailed)
                #expect(error?.kind == .permanent)
                #expect(error?.description.contains("TLS") == true)
            }
            let url = "rediss://:sesame@127.0.0.1:\(port)?cacert=\(authority.certificate)&sni=redis.example"
            let reply = try await self.connect(url)
            #expect(reply == .simpleString("PONG"))
        }
    }

    @Test("an unknown authority is refused, and so is one that cannot be read")
    func wrongAuthority() async throws {
        try await self.withTLSServer(names: "DNS:localhost") { port, authority in
            let other = authority.directory.appendingPathComponent("other")
            try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
            let stranger = try TestAuthority(in: other).certificate
            for parameter in ["", "?cacert=\(stranger)", "?cacert=/nowhere", "?cacert=\(authority.path("names"))"] {
                let url = "rediss://:sesame@localhost:\(port)\(parameter)"
                let error = await #expect(throws: RedisError.self) { try await self.connect(url) }
                #expect(error?.code == .connectionFailed)
                #expect(error?.kind == .permanent)
                #expect(error?.description.contains("sesame") == false)
            }
        }
    }

    @Test("plain text to a TLS port, and TLS to a plain port, are errors that say so")
    func mismatch() async throws {
        try await self.withTLSServer(names: "DNS:localhost") { port, authority in
            // Once over TLS, so that the server is known to be there.
            _ = try await self.connect("rediss://:sesame@localhost:\(port)?cacert=\(authority.certificate)")
            let plain = try RedisConfiguration(url: "redis://localhost:\(port)")
            let error = await #expect(throws: RedisError.self) { _ = try await RedisConnection.connect(plain) }
            #expect(error?.code == .connectionFailed)
        }
        let port = TestServer.freePort()
        try await withClient(["--port", "\(port)", "--bind", "127.0.0.1"]) { _, _ in
            var secure = try RedisConfiguration(url: "rediss://localhost:\(port)")
            secure.connectTimeout = .milliseconds(500)
            let error = await #expect(throws: RedisError.self) { _ = try await RedisConnection.connect(secure) }
            #expect(error?.code == .connectionFailed)
            #expect(error?.description.contains("TLS") == true)
        }
    }
}
