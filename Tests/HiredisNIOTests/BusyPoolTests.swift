import HiredisNIO
import TestSupport
import Testing

@Suite("While computing jobs hold every cooperative thread", .timeLimit(.minutes(1)))
struct BusyPoolTests {
    @Test("commands are answered, deadlines end them, and a lost connection is made again, with its hook")
    func everythingWorks() async throws {
        try await RedisServer.with(.init(arguments: ["--enable-debug-command", "yes"])) { server in
            let script = RedisScript(name: "one", source: "return 1")
            let log = EventLog()
            let client = RedisClient(try server.configuration, onEvent: log.handler) {
                try await $0.loadScripts([script])
            }
            try await client.connect(timeout: .seconds(20))
            try await BusyPool().run {
                #expect(try await client.send("ECHO", "a").string == "a")
                let error = await #expect(throws: RedisError.self) {
                    try await client.send(RedisCommand("DEBUG", "SLEEP", "4"), timeout: .seconds(1))
                }
                #expect(error?.code == .timeout)
                #expect(try await client.send(RedisCommand("ECHO", "b"), timeout: .seconds(20)).string == "b")
                // As a failover does it. The server's own kill and start would need the pool.
                try await client.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
                var reply: RESPValue?
                // The first may still be written to the dead connection.
                while reply == nil {
                    reply = try? await client.send(RedisCommand("EVALSHA", script.sha, "0"), timeout: .seconds(20))
                }
                #expect(reply == .integer(1))
            }
            await client.close()
        }
    }
}
