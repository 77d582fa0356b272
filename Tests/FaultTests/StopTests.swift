import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// A clean stop loses nothing and repeats nothing, and nothing that computes delays it.
    @Suite struct StopTests {
        @Test func aStopInTheMiddleLosesNothingAndRepeatsNothing() async throws {
            try await Campaign.with { campaign in
                let first = try await campaign.startWorker()
                try await campaign.reachMiddle()
                #expect(try await first.stop() == .exited(0))
                let done = campaign.record.lines.count
                #expect(done < Campaign.jobs)
                #expect(try await campaign.count("LLEN", "queue:default") == Campaign.jobs - done)
                #expect(try await campaign.inFlight() == 0)
                #expect(try await campaign.server.cli("SMEMBERS", "processes").isEmpty)
                #expect(try await campaign.count("ZCARD", "wingman:leases") == 0)

                let second = try await campaign.startWorker()
                try await campaign.finish()
                #expect(try await second.stop() == .exited(0))
                campaign.expectAccounts(duplicatesUpTo: 0)
                try await campaign.expectNothingLeft()
            }
        }

        @Test func unfinishedJobsAreGivenBackInTheirOrderAndUncounted() async throws {
            try await Self.withJobs(of: "Sleep", count: 5, concurrency: 3) { server, worker, before in
                let status = try await worker.stop()
                #expect(status == .exited(0))
                #expect(try await server.cli("LRANGE", "queue:default", "0", "-1") == before)
                #expect(try await server.cli("ZCARD", "retry") == "0")
                #expect(try await Campaign.inFlight(on: server) == 0)
            }
        }

        @Test func jobsThatIgnoreTheirCancellationAreGivenBackAsWell() async throws {
            try await Self.withJobs(of: "Deaf", count: 3, concurrency: 3) { server, worker, before in
                _ = try await worker.stop()
                #expect(try await server.cli("LRANGE", "queue:default", "0", "-1") == before)
                #expect(try await Campaign.inFlight(on: server) == 0)
            }
        }

        @Test func computingJobsDelayNeitherQuietNorStop() async throws {
            try await Self.withSpinningJobs { server, worker, before in
                worker.child.signal(.quiet)
                try await eventually("a quiet process") {
                    try await server.cli("HGET", worker.identity, "quiet") == "true"
                }
                #expect(try await server.cli("HGET", worker.identity, "busy") == "\(Self.cores)")
                // The jobs compute for ten minutes: an end within the test's patience is not theirs.
                _ = try await worker.stop()
                #expect(try await server.cli("LRANGE", "queue:default", "0", "-1") == before)
            }
        }

        @Test func computingJobsDoNotStopTheHeartbeat() async throws {
            try await Self.withSpinningJobs { server, worker, _ in
                for _ in 0..<3 {
                    let before = try await server.cli("HGET", worker.identity, "beat")
                    try await eventually("a beat") { try await server.cli("HGET", worker.identity, "beat") != before }
                }
                _ = try await worker.stop()
            }
        }

        @Test func aSecondTerminateEndsTheProcessAtOnceAndLosesNothing() async throws {
            try await Self.withSpinningJobs(stopTimeout: 600) { server, worker, _ in
                worker.child.signal(.terminate)
                try await eventually("the stop to be seen") {
                    try await server.cli("HGET", worker.identity, "quiet") == "true"
                }
                worker.child.signal(.terminate)
                _ = try await worker.child.waitForExit()
                let queued = Int(try await server.cli("LLEN", "queue:default")) ?? 0
                #expect(try await queued + Campaign.inFlight(on: server) == Self.cores + 2)
            }
        }

        @Test func aJobWhoseCancellationBlocksKeepsNoProcessFromItsEnd() async throws {
            try await RedisServer.with { server in
                let record = RecordFile(in: server.directory)
                let worker = try await LoadWorker.start(on: server, stopTimeout: 1)
                try await LoadWorker.enqueue("Stubborn", "[\"\(record.path)\",600]", on: server)
                try await record.waitForLines(1)
                #expect(try await worker.stop() == .exited(0))
                #expect(try await server.cli("LLEN", "queue:default") == "1")
                #expect(try await Campaign.inFlight(on: server) == 0)
            }
        }

        /// As many cooperative threads as there are: so many computing jobs leave none of them to anybody else.
        private static let cores = ProcessInfo.processInfo.activeProcessorCount

        /// A worker all of whose cooperative threads compute for ten minutes, with two jobs more that it has claimed.
        private static func withSpinningJobs(
            stopTimeout: Int = 1,
            _ body: (RedisServer, LoadWorker, String) async throws -> Void
        ) async throws {
            let places = Self.cores + 2
            try await Self.withJobs(
                of: "Spin",
                count: places,
                concurrency: places,
                busy: Self.cores,
                stopTimeout: stopTimeout,
                body
            )
        }

        /// A worker, stopped after a second, whose places are all taken by jobs of ten minutes; and the queue before it.
        private static func withJobs(
            of name: String,
            count: Int,
            concurrency: Int,
            busy: Int? = nil,
            stopTimeout: Int = 1,
            _ body: (RedisServer, LoadWorker, String) async throws -> Void
        ) async throws {
            try await RedisServer.with { server in
                try await LoadWorker.enqueue(name, each: (0..<count).map { "[\(600_000 + $0)]" }, on: server)
                let before = try await server.cli("LRANGE", "queue:default", "0", "-1")
                let worker = try await LoadWorker.start(on: server, concurrency: concurrency, stopTimeout: stopTimeout)
                try await eventually("\(busy ?? concurrency) running jobs") {
                    try await server.cli("HGET", worker.identity, "busy")
                } until: { seen in
                    seen == "\(busy ?? concurrency)"
                }
                try await body(server, worker, before)
            }
        }
    }
}
