import HiredisNIO
import TestSupport
import Testing

@Suite("The shared connection", .timeLimit(.minutes(1)))
struct ClientTests {
    @Test("a value that was set is read back, byte for byte")
    func roundTrip() async throws {
        try await withClient { client, _ in
            let bytes = [UInt8](0...255)
            var set = RedisCommand("SET", "key")
            set.append(bytes)
            let reply = try await client.send(set)
            #expect(reply.isOK)
            #expect(try await client.send("GET", "key") == .bulkString(bytes))
            #expect(try await client.send("GET", "none") == .null)
        }
    }

    @Test("1,000 concurrent callers get each their own reply")
    func concurrentCallers() async throws {
        try await withClient { client, _ in
            try await withThrowingTaskGroup(of: (Int, RESPValue).self) { group in
                for number in 0..<1_000 {
                    group.addTask { (number, try await client.send("ECHO", "\(number)")) }
                }
                for try await (number, reply) in group { #expect(reply.integer == number) }
            }
        }
    }

    @Test("a batch answers in the order of its commands, errors in their places")
    func batch() async throws {
        try await withClient { client, _ in
            let replies = try await client.send(batch: [
                RedisCommand("SET", "text", "a"),
                RedisCommand("INCR", "text"),
                RedisCommand("STRLEN", "text"),
            ])
            #expect(replies.count == 3)
            #expect(replies[0].isOK)
            #expect(replies[1].error?.code == "ERR")
            #expect(replies[2] == .integer(1))
            #expect(try await client.send(batch: []).isEmpty)
        }
    }

    @Test("an error reply is thrown, with its kind, the command's name and no argument")
    func errorReply() async throws {
        try await withClient { client, _ in
            try await client.send("SET", "secret-key", "a")
            let error = await #expect(throws: RedisError.self) { try await client.send("LPUSH", "secret-key", "b") }
            #expect(error?.code == .server)
            #expect(error?.serverError?.code == "WRONGTYPE")
            #expect(error?.kind == .bug)
            #expect(error?.command == "LPUSH")
            #expect(error?.description.contains("secret-key") == false)
        }
    }

    @Test("a script is loaded again when the server has forgotten it")
    func scripts() async throws {
        try await withClient { client, _ in
            let script = RedisScript(name: "add", source: "return tonumber(ARGV[1]) + redis.call('INCR', KEYS[1])")
            #expect(try await client.eval(script, keys: ["n"], arguments: ["10"]) == .integer(11))
            try await client.send("SCRIPT", "FLUSH")
            #expect(try await client.eval(script, keys: ["n"], arguments: ["10"]) == .integer(12))
            try await client.loadScripts([script])
            #expect(try await client.send("SCRIPT", "EXISTS", script.sha)[0] == .integer(1))
        }
    }

    @Test("a script that does not compile says so")
    func brokenScript() async throws {
        try await withClient { client, _ in
            let script = RedisScript(name: "broken", source: "return +")
            let error = await #expect(throws: RedisError.self) { try await client.eval(script) }
            #expect(error?.command == "EVALSHA broken")
            #expect(error?.message.contains("compil") == true)
        }
    }

    @Test("a call with 1,000 arguments brings an array of 1,000 strings")
    func manyArguments() async throws {
        try await withClient { client, _ in
            let script = RedisScript(name: "echo", source: "return ARGV")
            var call = script.call(capacity: 300_000)
            let job = [UInt8](repeating: 7, count: 269)
            for _ in 0..<1_000 { call.append(job) }
            let reply = try await client.eval(call)
            #expect(reply.array?.count == 1_000)
            #expect(reply.array?.allSatisfy { $0 == .bulkString(job) } == true)
        }
    }
}
