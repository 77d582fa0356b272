import Foundation
import HiredisNIO
import TestSupport
import Testing

@Suite("Deadlines on a real server", .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test("a server that sleeps costs the caller its timeout, and the next command gets its own reply")
    func sleeping() async throws {
        try await withClient(["--enable-debug-command", "yes"]) { client, _ in
            let error = await #expect(throws: RedisError.self) {
                try await client.send(RedisCommand("DEBUG", "SLEEP", "8"), timeout: .seconds(3))
            }
            #expect(error?.code == .timeout)
            #expect(error?.mayHaveRun == true)
            let reply = try await client.send(RedisCommand("ECHO", "mine"), timeout: .seconds(20))
            #expect(reply.string == "mine")
        }
    }

    @Test("a command of many megabytes is not overdue while the server takes it, however long it stops in between")
    func longCommand() async throws {
        try await withClient { client, server in
            server.child?.signal(.freeze)
            // On a thread of its own: other tests hold the cooperative pool for seconds.
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: 3)
                server.child?.signal(.resume)
            }
            let count = 32 * 1_024 * 1_024
            var command = RedisCommand("SET", "k")
            command.append([UInt8](repeating: 0x78, count: count))
            async let reply = client.send(command, timeout: .seconds(2))
            let answer = try await reply
            #expect(answer.string == "OK")
            let length = try await client.send("STRLEN", "k")
            #expect(length.integer == count)
        }
    }

    @Test("a paused server: every caller gets an error or its own reply, never another's")
    func paused() async throws {
        try await RedisServer.with { server in
            var configuration = try server.configuration
            configuration.backoff = RedisBackoff(first: .milliseconds(1), maximum: .milliseconds(5))
            let client = RedisClient(configuration)
            try await client.connect(timeout: .seconds(20))
            await withTaskGroup { group in
                for caller in 0..<40 { group.addTask { await Self.hammer(client, caller: caller) } }
            }
            let reply = try await client.send(RedisCommand("ECHO", "after"), timeout: .seconds(20))
            #expect(reply.string == "after")
            await client.close()
        }
    }

    /// Echoes with a deadline that pauses of the server often miss.
    private static func hammer(_ client: RedisClient, caller: Int) async {
        for round in 0..<30 {
            let text = "\(caller)-\(round)"
            do {
                if caller == 0 { try await client.send("CLIENT", "PAUSE", "25", "ALL") }
                let reply = try await client.send(RedisCommand("ECHO", text), timeout: .milliseconds(20))
                #expect(reply.string == text)
            } catch {
                let expected: [RedisError.Code] = [.timeout, .connectionLost, .unavailable]
                #expect(expected.contains(error.code))
            }
        }
    }

    @Test("a blocking move on a connection of its own delays nobody, and is ended by CLIENT UNBLOCK")
    func blocking() async throws {
        try await withClient { client, _ in
            try await client.withDedicatedConnection(name: "blocker") { connection in
                let move = RedisCommand("BLMOVE", "queue", "landing", "RIGHT", "LEFT", "3600")
                async let first = connection.sendBlocking(move, for: .seconds(3_600))
                try await client.untilBlocked(1)
                try await client.send("LPUSH", "queue", "job")
                #expect(try await first == .bulkString(Array("job".utf8)))

                async let second = connection.sendBlocking(move, for: .seconds(3_600))
                try await client.untilBlocked(1)
                let ended = try await client.unblock(connection)
                #expect(ended)
                #expect(try await second == .null)
            }
            // The server notices the end of a connection in its own time.
            while try await client.send("CLIENT", "LIST").string?.contains("name=blocker") == true {
                await Task.yield()
            }
        }
    }

    @Test("a blocking command that outlives its own time is overdue")
    func overdue() async throws {
        try await RedisServer.with { server in
            var configuration = try server.configuration
            configuration.blockingMargin = .seconds(1)
            let client = RedisClient(configuration)
            try await client.connect(timeout: .seconds(20))
            let connection = try await client.dedicatedConnection()
            let error = await #expect(throws: RedisError.self) {
                try await connection.sendBlocking(RedisCommand("BLPOP", "none", "0"), for: .seconds(1))
            }
            #expect(error?.code == .timeout)
            #expect(!connection.isOpen)
            await client.close()
        }
    }
}
