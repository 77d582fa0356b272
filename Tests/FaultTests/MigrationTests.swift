import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// kill -9 of `migrate` itself, between a file and Redis.
    @Suite struct MigrationTests {
        @Test func aMigrationThatIsKilledGoesOnWhenItIsCalledAgain() async throws {
            // Far more than are moved before the last kill, so that a test that is held up still comes in time.
            let jobs = 40_000
            let directory = try TemporaryDirectory("migrate")
            defer { directory.remove() }
            let file = "sqlite:\(directory.file("store.db"))?synchronous=normal"
            let program = try BuiltProducts.path("wingman-load")
            let lines = (0..<jobs).map { "[\($0)]" }.joined(separator: "\n") + "\n"
            try await ChildProcess.succeed(program, ["enqueue", "--store", file, "Moved", "--stdin"], input: lines)
            try await RedisServer.with { server in
                let words = ["migrate", "--from", file, "--to", server.url]
                var interrupted = 0
                for part in 1...4 {
                    let migration = try await ChildProcess.start(program, words)
                    try await eventually("a part to be moved") {
                        try await Self.length(server)
                    } until: {
                        $0 >= part * 1_500
                    }
                    try await migration.kill9()
                    if try await Self.length(server) < jobs { interrupted += 1 }
                }
                #expect(interrupted > 0, "every kill came too late: the test proves nothing")
                try await ChildProcess.succeed(program, words, within: .seconds(180))
                // Oldest last, as LPUSH has it.
                let payloads = try await server.cli("LRANGE", "queue:default", "0", "-1").split(separator: "\n")
                let numbers = payloads.reversed().compactMap { payload -> Int? in
                    guard let start = payload.range(of: "\"args\":[")?.upperBound else { return nil }
                    return Int(payload[start...].prefix { $0.isNumber })
                }
                #expect(numbers == Array(0..<jobs))
                #expect(try await ChildProcess.succeed(program, words).contains("moved 0 jobs"))
            }
        }

        private static func length(_ server: RedisServer) async throws -> Int {
            Int(try await server.cli("LLEN", "queue:default")) ?? 0
        }
    }
}
