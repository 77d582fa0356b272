import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// kill -9 of `migrate` itself, between a file and Redis.
    @Suite struct MigrationTests {
        private static let kills = 4

        @Test func aMigrationThatIsKilledGoesOnWhenItIsCalledAgain() async throws {
            let directory = try TemporaryDirectory("migrate")
            defer { directory.remove() }
            let file = "sqlite:\(directory.file("store.db"))?synchronous=normal"
            let program = try BuiltProducts.path("wingman-load")
            try await RedisServer.with { server in
                let words = ["migrate", "--from", file, "--to", server.url]
                var jobs = 0
                var interrupted = 0
                // A kill comes too late when the test itself is held up: then there are new jobs for another try.
                for _ in 1...20 where interrupted < Self.kills {
                    let moved = try await Self.length(server)
                    if moved == jobs { jobs = try await Self.push(10_000, after: jobs, to: file) }
                    let migration = try await ChildProcess.start(program, words)
                    let part = min(moved + 1_500, jobs)
                    try await eventually("a part to be moved") { try await Self.length(server) >= part }
                    try await migration.kill9()
                    if try await Self.length(server) < jobs { interrupted += 1 }
                }
                #expect(interrupted == Self.kills, "kills came too late: the test proves too little")
                try await ChildProcess.succeed(program, words)
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

        /// Pushes jobs whose numbers go on from those before.
        ///
        /// - Returns: How many have been pushed in all.
        private static func push(_ count: Int, after jobs: Int, to file: String) async throws -> Int {
            let lines = (jobs..<jobs + count).map { "[\($0)]\n" }.joined()
            let words = ["enqueue", "--store", file, "Moved", "--stdin"]
            try await ChildProcess.succeed(try BuiltProducts.path("wingman-load"), words, input: lines)
            return jobs + count
        }

        private static func length(_ server: RedisServer) async throws -> Int {
            Int(try await server.cli("LLEN", "queue:default")) ?? 0
        }
    }
}
