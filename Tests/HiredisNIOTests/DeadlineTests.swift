import HiredisNIO
import Testing

@Suite("Deadlines on a real server", .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test("a server that sleeps costs the caller its timeout, and the next command gets its own reply")
    func sleeping() async throws {
        try await withClient { client, _ in
            let error = await #expect(throws: RedisError.self) {
                try await client.send(RedisCommand("DEBUG", "SLEEP", "1.5"), timeout: .milliseconds(500))
            }
            #expect(error?.code == .timeout)
            #expect(error?.mayHaveRun == true)
            let reply = try await client.send(RedisCommand("ECHO", "mine"), timeout: .seconds(20))
            #expect(reply.string == "mine")
        }
    }

    @Test("a paused server: every caller gets a timeout or its own reply, never another's")
    func paused() async throws {
        try await withServer { server in
            var configuration = server.configuration
            configuration.backoff = RedisBackoff(first: .milliseconds(1), maximum: .milliseconds(5))
            let client = RedisClient(configuration)
            try await client.connect(timeout: .seconds(20))
            let outcomes = try await withThrowingTaskGroup(of: (own: Int, other: Int).self) { group in
                for caller in 0..<40 {
                    group.addTask { try await Self.hammer(client, caller: caller) }
                }
                return try await group.reduce(into: (own: 0, other: 0)) { $0 = ($0.own + $1.own, $0.other + $1.other) }
            }
            #expect(outcomes.own > 0)
            #expect(outcomes.other == 0)
            await client.close()
        }
    }

    /// Echoes with a deadline that pauses of the server often miss.
    private static func hammer(_ client: RedisClient, caller: Int) async throws -> (own: Int, other: Int) {
        var outcome = (own: 0, other: 0)
        for round in 0..<30 {
            let text = "\(caller)-\(round)"
            do {
                if caller == 0 { try await client.send("CLIENT", "PAUSE", "25", "ALL") }
                let reply = try await client.send(RedisCommand("ECHO", text), timeout: .milliseconds(20))
                if reply.string == text { outcome.own += 1 } else { outcome.other += 1 }
            } catch {
                let expected: [RedisError.Code] = [.timeout, .connectionLost, .unavailable]
                #expect(expected.contains(error.code))
            }
        }
        return outcome
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
            let list = try await client.send("CLIENT", "LIST").string ?? ""
            #expect(!list.contains("name=blocker"))
        }
    }

    @Test("a blocking command that outlives its own time is overdue")
    func overdue() async throws {
        try await withServer { server in
            var configuration = server.configuration
            configuration.blockingMargin = .milliseconds(50)
            let client = RedisClient(configuration)
            try await client.connect(timeout: .seconds(20))
            let connection = try await client.dedicatedConnection()
            let error = await #expect(throws: RedisError.self) {
                try await connection.sendBlocking(RedisCommand("BLPOP", "none", "0"), for: .milliseconds(50))
            }
            #expect(error?.code == .timeout)
            #expect(!connection.isOpen)
            await client.close()
        }
    }
}
