import Synchronization
import TestSupport
import Testing

@testable import HiredisNIO

@Suite("Losing the server", .timeLimit(.minutes(1)))
struct ReconnectTests {
    @Test("the client comes back when the server does, and says so once each time")
    func reconnect() async throws {
        try await RedisServer.with { server in
            let log = EventLog()
            let client = RedisClient(try server.configuration, onEvent: log.handler)
            try await client.connect(timeout: .seconds(20))
            await log.untilConnected()
            try await server.kill()
            #expect(await log.next() == "lost")
            try await server.restart()
            #expect(await log.next() == "reconnected")
            let reply = try await client.send("PING")
            #expect(reply == .simpleString("PONG"))
            await client.close()
        }
    }

    @Test("a command that is issued during the outage waits for its end")
    func waits() async throws {
        try await RedisServer.with { server in
            let log = EventLog()
            let client = RedisClient(try server.configuration, onEvent: log.handler)
            try await client.connect(timeout: .seconds(20))
            await log.untilConnected()
            try await server.kill()
            #expect(await log.next() == "lost")
            async let reply = client.send(RedisCommand("ECHO", "late"), timeout: .seconds(20))
            try await server.restart()
            #expect(try await reply.string == "late")
            await client.close()
        }
    }

    @Test("a command whose time ends during the outage was certainly not run")
    func unavailable() async throws {
        let configuration = RedisConfiguration(endpoint: .unixSocket(path: "/tmp/wingman-nothing-there"))
        let client = RedisClient(configuration)
        let error = await #expect(throws: RedisError.self) {
            try await client.send(RedisCommand("SET", "k", "v"), timeout: .seconds(2))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.mayHaveRun == false)
        #expect(error?.command == "SET")
        #expect(error?.description.contains("/tmp/wingman-nothing-there") == true)
        #expect(error?.description.contains("no such socket") == true)
        await client.close()
    }

    @Test("a client that is told to fail fast does so as soon as the first attempt has failed")
    func failFast() async throws {
        var configuration = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: try FreePort.find()))
        configuration.whenDisconnected = .fail
        configuration.commandTimeout = .seconds(3_600)
        let client = RedisClient(configuration)
        for _ in 0..<2 {
            let error = await #expect(throws: RedisError.self) { try await client.send("PING") }
            #expect(error?.mayHaveRun == false)
            #expect(error?.description.contains("refused") == true)
        }
        await client.close()
    }

    @Test("a command that had been written when the server died may have run")
    func lost() async throws {
        try await RedisServer.with { server in
            let client = RedisClient(try server.configuration)
            try await client.connect(timeout: .seconds(20))
            let connection = try await client.dedicatedConnection()
            async let blocked = connection.sendBlocking(RedisCommand("BLPOP", "none", "0"), for: nil)
            try await client.untilBlocked(1)
            try await server.kill()
            do {
                _ = try await blocked
                Issue.record("answered by nobody")
            } catch {
                #expect((error as? RedisError)?.code == .connectionLost)
                #expect((error as? RedisError)?.mayHaveRun == true)
            }
            await client.close()
        }
    }

    @Test("the hook runs on every new connection, before anybody else's command")
    func hook() async throws {
        try await RedisServer.with { server in
            let script = RedisScript(name: "one", source: "return 1")
            let log = EventLog()
            let client = RedisClient(try server.configuration, onEvent: log.handler) {
                try await $0.loadScripts([script])
            }
            try await client.connect(timeout: .seconds(20))
            await log.untilConnected()
            try await server.kill()
            #expect(await log.next() == "lost")
            try await server.restart()
            let command = RedisCommand("EVALSHA", script.sha, "0")
            let reply = try await client.send(command, timeout: .seconds(20))
            #expect(reply == .integer(1))
            await client.close()
        }
    }

    @Test("a hook that fails once is tried again with a new connection")
    func failingHook() async throws {
        try await RedisServer.with { server in
            let calls = Mutex(0)
            let hook: @Sendable (RedisConnection) async throws -> Void = { _ in
                let call = calls.withLock { count in
                    count += 1
                    return count
                }
                if call == 1 { throw RedisError(.connectionLost, "on purpose") }
            }
            let client = RedisClient(try server.configuration, onConnect: hook)
            try await client.connect(timeout: .seconds(20))
            #expect(calls.withLock { $0 } == 2)
            await client.close()
        }
    }

    @Test("close() fails those who wait, and later commands")
    func closing() async throws {
        let client = RedisClient(RedisConfiguration(endpoint: .unixSocket(path: "/tmp/wingman-nothing-there")))
        async let waiting: Void = client.connect(timeout: .seconds(3_600))
        while !client.hasWaiting { await Task.yield() }
        await client.close()
        do {
            try await waiting
            Issue.record("connected to nothing")
        } catch {
            #expect((error as? RedisError)?.code == .closed)
        }
        let error = await #expect(throws: RedisError.self) { try await client.send("PING") }
        #expect(error?.code == .closed)
        await client.close()
    }

    @Test("only a connection that lasted makes the pauses short again")
    func outage() {
        let start = ContinuousClock().now
        let backoff = RedisBackoff(first: .seconds(1), maximum: .seconds(64))
        var outage = RedisOutage()
        func ceiling() -> Duration { backoff.ceiling(afterFailures: outage.failures) }
        let begins = (0..<2).map { _ in outage.failed(at: start) }
        #expect(begins == [true, false])
        #expect(ceiling() == .seconds(2))
        _ = outage.connected(at: start + .seconds(10))
        outage.connectionEnded(at: start + .seconds(11))
        let beginsAgain = outage.failed(at: start + .seconds(11))
        #expect(beginsAgain)
        #expect(ceiling() == .seconds(4))
        guard case .reconnected(let after) = outage.connected(at: start + .seconds(20)) else {
            Issue.record("not a reconnect")
            return
        }
        #expect(after == .seconds(9))
        outage.connectionEnded(at: start + .seconds(30))
        _ = outage.failed(at: start + .seconds(30))
        #expect(ceiling() == .seconds(1))
    }
}
