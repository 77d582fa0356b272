import TestSupport
import Testing

extension FaultTests {
    /// Messages of the orchestrator are accepted work like jobs.
    @Suite struct MessageTests {
        static let messages = 2_000

        @Test func aKillInTheMiddleLosesNoMessage() async throws {
            try await RedisServer.with { server in
                let record = RecordFile(in: server.directory)
                try await Self.push(record, to: server)
                let first = try await LoadWorker.start(on: server)
                try await record.waitForLines(Self.messages / 4)
                try await first.child.kill9()
                let second = try await LoadWorker.start(on: server)
                try await record.waitForLines(Self.messages)
                #expect(Set(record.lines).count == Self.messages)
                #expect(try await second.stop() == .exited(0))
                #expect(try await server.cli("LLEN", "requests:dead") == "0")
            }
        }

        @Test func aStopInTheMiddleLosesAndRepeatsNoMessage() async throws {
            try await RedisServer.with { server in
                let record = RecordFile(in: server.directory)
                try await Self.push(record, to: server)
                let first = try await LoadWorker.start(on: server)
                try await record.waitForLines(Self.messages / 4)
                #expect(try await first.stop() == .exited(0))
                let second = try await LoadWorker.start(on: server)
                try await record.waitForLines(Self.messages)
                #expect(try await second.stop() == .exited(0))
                #expect(record.lines.count == Self.messages)
            }
        }

        /// All the messages, in one redis-cli.
        private static func push(_ record: RecordFile, to server: RedisServer) async throws {
            let commands = (0..<Self.messages).map { number in
                #"LPUSH requests '{"client":"recorder","body":{"path":"\#(record.path)","line":"m-\#(number)"}}'"#
            }
            try await server.cli([], input: commands.joined(separator: "\n") + "\n")
            #expect(try await server.cli("LLEN", "requests") == "\(Self.messages)")
        }
    }
}
