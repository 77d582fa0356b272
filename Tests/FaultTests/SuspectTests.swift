import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension FaultTests {
    /// A job that ends its process is found out by its own deaths, and nobody else is blamed.
    @Suite struct SuspectTests {
        /// Starts a worker whenever the last one has died, until `isDone`.
        ///
        /// - Returns: How many died.
        private static func superviseWorkers(
            on server: RedisServer,
            _ isDone: () async throws -> Bool
        ) async throws -> Int {
            var deaths = 0
            while true {
                let worker = try await LoadWorker.start(on: server)
                try await eventually("the worker to die, or the end", within: .seconds(90)) {
                    if try await isDone() { return true }
                    return !worker.child.isRunning
                }
                if worker.child.isRunning {
                    #expect(try await worker.stop() == .exited(0))
                    return deaths
                }
                deaths += 1
                #expect(deaths < 10, "it goes on and on")
                if deaths >= 10 { return deaths }
            }
        }

        @Test(.timeLimit(.minutes(4)))
        func aTrappingJobEndsInQuarantineAfterItsThirdCrashAndAllOthersAreDone() async throws {
            try await RedisServer.with { server in
                let record = RecordFile(in: server.directory)
                let innocents = (0..<20).map { "line-\($0)" }
                try await LoadWorker.enqueue(
                    "Record",
                    each: innocents.prefix(10).map { record.arguments($0, after: 50) },
                    on: server
                )
                try await LoadWorker.enqueue("Trap", on: server)
                try await LoadWorker.enqueue(
                    "Record",
                    each: innocents.suffix(10).map { record.arguments($0, after: 50) },
                    on: server
                )
                let deaths = try await Self.superviseWorkers(on: server) {
                    let isCaught = try await server.cli("ZCARD", "wingman:quarantine") == "1"
                    guard isCaught, Set(record.lines).count == 20 else { return false }
                    return try await Campaign.inFlight(on: server) == 0
                }
                #expect(deaths == 3)
                #expect(Set(record.lines) == Set(innocents))
                #expect(try await server.cli("ZRANGE", "wingman:quarantine", "0", "-1").contains("\"class\":\"Trap\""))
                for set in ["dead", "retry", "wingman:suspects"] { #expect(try await server.cli("ZCARD", set) == "0") }
                let status = try await ChildProcess.succeed(
                    try BuiltProducts.path("wingman-load"),
                    ["status", "--store", server.url]
                )
                #expect(status.lowercased().contains("quarantine"), "\(status)")
            }
        }

        @Test(.timeLimit(.minutes(6)))
        func tenKillsAtRandomQuarantineNobody() async throws {
            try await RedisServer.with { server in
                let record = RecordFile(in: server.directory)
                let lines = (0..<2_000).map { "line-\($0)" }
                try await LoadWorker.enqueue("Record", each: lines.map { record.arguments($0, after: 20) }, on: server)
                for _ in 1...10 {
                    let worker = try await LoadWorker.start(on: server, concurrency: 5)
                    let before = Set(record.lines).count
                    let target = min(lines.count - 50, before + Int.random(in: 1...60))
                    // Suspects of earlier kills run first, one at a time: the kill meets them, too.
                    try await eventually("some jobs") {
                        Set(record.lines).count
                    } until: {
                        $0 >= target || $0 > before
                    }
                    try await worker.child.kill9()
                    #expect(try await server.cli("ZCARD", "wingman:quarantine") == "0")
                    // As if the lease had run out meanwhile, which takes fifteen seconds a kill.
                    try await server.cli("ZADD", "wingman:leases", "XX", "1", worker.identity)
                    try await server.cli("HDEL", "wingman:clock", "grace")
                }
                let last = try await LoadWorker.start(on: server)
                try await record.waitForLines(lines.count, within: .seconds(120))
                try await eventually("the last acknowledgements") { try await Campaign.inFlight(on: server) == 0 }
                #expect(try await last.stop() == .exited(0))
                #expect(Set(record.lines) == Set(lines))
                for set in ["wingman:quarantine", "dead", "retry"] {
                    #expect(try await server.cli("ZCARD", set) == "0")
                }
            }
        }
    }
}
