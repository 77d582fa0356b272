import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The machinery that the fault tests stand on: a fault that is not injected proves nothing.
@Suite struct MachineryTests {
    @Test func aChildsOutputAndExitCodeAreSeen() async throws {
        let outcome = try await ChildProcess.run(
            "sh",
            ["-c", "echo out; echo err >&2; read x; echo $x; exit 3"],
            input: "in\n"
        )
        #expect(outcome.status == .exited(3))
        #expect(outcome.output == "out\nin")
        #expect(outcome.error == "err")
    }

    @Test func aSignalEndsAChildAndIsReported() async throws {
        let child = try await ChildProcess.start("sh", ["-c", "echo ready; exec sleep 600"])
        try await child.waitForLine(containing: "ready")
        child.signal(SIGTERM)
        #expect(try await child.waitForExit() == .signalled(SIGTERM))
        #expect(!child.signal(SIGTERM))
    }

    @Test func linesComeAsASequence() async throws {
        let child = try await ChildProcess.start("sh", ["-c", "for i in 1 2 3; do echo $i; done"])
        var texts: [String] = []
        for await line in child.stream { texts.append(line.text) }
        #expect(texts == ["1", "2", "3"])
    }

    @Test func aMissingLineIsAnErrorThatShowsTheOutput() async throws {
        let child = try await ChildProcess.start("echo", ["something else"])
        let error = await #expect(throws: TestSupportError.self) { try await child.waitForLine(containing: "ready") }
        #expect(error?.description.contains("something else") == true)
    }

    @Test func aDurableServerKeepsWhatItAnsweredAcrossAKill() async throws {
        try await RedisServer.with(RedisServer.Options(isDurable: true)) { server in
            try await server.cli("SET", "kept", "1")
            try await server.kill()
            try await server.restart()
            #expect(try await server.cli("GET", "kept") == "1")
        }
    }

    @Test func aServerSpeaksTLSAndAsksForItsPassword() async throws {
        let options = RedisServer.Options(password: "p", isOnTCP: true, isOnTLS: true)
        try await RedisServer.with(options) { server in
            let port = try #require(server.tlsPort)
            let secure = ["-h", "localhost", "-p", "\(port)", "--tls", "--cacert", server.authorityPath, "PING"]
            #expect(try await ChildProcess.succeed("redis-cli", secure).hasPrefix("NOAUTH"))
            let plain = ["-p", "\(try #require(server.port))", "-a", "p", "--no-auth-warning", "PING"]
            #expect(try await ChildProcess.succeed("redis-cli", plain) == "PONG")
        }
    }

    @Test func aStoppedServerLeavesNoDirectory() async throws {
        let server = try await RedisServer.start()
        let path = server.directory.path
        await server.stop()
        #expect(access(path, F_OK) != 0)
    }
}
