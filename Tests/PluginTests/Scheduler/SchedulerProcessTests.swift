import TestSupport
import Testing

@testable import WingmanScheduler

/// Real workers on a real server, each with `Every(.seconds(1)) { Tick(path:) }`: the file holds the jids that ran.
@Suite("A schedule that many processes have", .serialized)
struct SchedulerProcessTests {
    @Test("is enqueued exactly once an occurrence by eight processes, two of which are killed")
    func once() async throws {
        try await Self.withWorkers(8) { server, workers, ticks in
            try await ticks.waitForLines(3)
            for worker in workers.prefix(2) { try await worker.child.kill9() }
            try await ticks.waitForLines(8)
            for worker in workers.dropFirst(2) { #expect(try await worker.stop() == .exited(0)) }
            try await Self.expectEachOccurrenceOnce(server, ticks)
        }
    }

    @Test("goes on after the store was away, and makes up for it by one job")
    func outage() async throws {
        try await Self.withWorkers(2) { server, workers, ticks in
            try await ticks.waitForLines(2)
            let before = try await Self.last(server)
            try await server.kill()
            try await server.restart()
            try await eventually("the schedule to go on") { try await Self.last(server) > before + 2_000 }
            for worker in workers { #expect(try await worker.stop() == .exited(0)) }
            #expect(Set(ticks.lines).count == ticks.lines.count)
        }
    }

    private static func withWorkers(
        _ count: Int,
        _ body: (RedisServer, [LoadWorker], RecordFile) async throws -> Void
    ) async throws {
        try await RedisServer.with(RedisServer.Options(isDurable: true)) { server in
            let ticks = RecordFile("ticks", in: server.directory)
            var workers: [LoadWorker] = []
            for _ in 0..<count {
                workers.append(
                    try await LoadWorker.start(
                        on: server,
                        concurrency: 2,
                        environment: ["WINGMAN_LOAD_TICKS": ticks.path]
                    )
                )
            }
            try await body(server, workers, ticks)
        }
    }

    /// The last occurrence that was enqueued, in milliseconds since 1970.
    private static func last(_ server: RedisServer) async throws -> Int {
        Int(try await server.cli("HGET", "wingman:schedule:Tick/1s", "last")) ?? 0
    }

    /// What ran, and what still waits in the queue, are the occurrences up to the last one, each once and none missed.
    private static func expectEachOccurrenceOnce(_ server: RedisServer, _ ticks: RecordFile) async throws {
        let last = try await Self.last(server)
        let queued = Int(try await server.cli("LLEN", "queue:default")) ?? 0
        let count = ticks.lines.count + queued
        let expected = (0..<count).map { OccurrenceID.make(schedule: "Tick/1s", at: last - $0 * 1_000) }
        #expect(Set(ticks.lines).count == ticks.lines.count)
        #expect(Set(ticks.lines).isSubset(of: expected))
    }
}
