import TestSupport
import Testing

extension FaultTests {
    /// kill -9 of the worker and of the store: nothing accepted is lost.
    @Suite struct CrashTests {
        /// Lease 15 s and rescue scan 5 s, and as much again as a loaded machine may take to notice.
        static let rescueDeadline: Duration = .seconds(25)

        @Test func aKilledWorkersJobsAreRunByTheNextAndNoneIsLost() async throws {
            try await Campaign.with { campaign in
                let first = try await campaign.startWorker()
                try await campaign.reachMiddle()
                try await first.child.kill9()
                let killed = ContinuousClock.now
                try await Self.waitForLastRequests(campaign.server)
                let held = try await campaign.inFlight()
                #expect(held > 0, "the kill met no job in flight: the test proves nothing")

                let second = try await campaign.startWorker()
                try await eventually("the dead worker's hash to be emptied") {
                    try await campaign.count("HLEN", "wingman:inflight:\(first.identity)") == 0
                }
                #expect(ContinuousClock.now - killed < Self.rescueDeadline)
                try await campaign.finish()
                try await campaign.untilRescued(from: first.identity)
                campaign.expectAccounts(duplicatesUpTo: held)
                #expect(try await second.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        @Test func aSecondWorkerTakesOverWhileItRuns() async throws {
            try await Campaign.with { campaign in
                let first = try await campaign.startWorker()
                let second = try await campaign.startWorker()
                try await campaign.reachMiddle()
                try await first.child.kill9()
                let held = try await campaign.count("HLEN", "wingman:inflight:\(first.identity)")
                try await campaign.finish()
                try await campaign.untilRescued(from: first.identity)
                campaign.expectAccounts(duplicatesUpTo: held)
                #expect(try await second.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        @Test func aKilledAndRestartedStoreLosesNothing() async throws {
            try await Campaign.with(RedisServer.Options(isDurable: true)) { campaign in
                let worker = try await campaign.startWorker()
                try await campaign.reachMiddle()
                try await campaign.server.kill()
                let held = try await Self.inFlightOnDisk(campaign.server)
                try await campaign.server.restart()
                try await campaign.finish()
                campaign.expectAccounts(duplicatesUpTo: held)
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        @Test func workerAndStoreKilledTogetherLoseNothing() async throws {
            try await Campaign.with(RedisServer.Options(isDurable: true)) { campaign in
                let first = try await campaign.startWorker()
                try await campaign.reachMiddle()
                try await campaign.server.kill()
                try await first.child.kill9()
                let held = try await Self.inFlightOnDisk(campaign.server)
                try await campaign.server.restart()
                let second = try await campaign.startWorker()
                try await campaign.finish()
                // The first may have ended what it held, and had nobody to say so to.
                try await campaign.untilRescued(from: first.identity)
                campaign.expectAccounts(duplicatesUpTo: held)
                #expect(try await second.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// What the dead worker had sent already is read by the server even now: waits until its connections are gone.
        private static func waitForLastRequests(_ server: RedisServer) async throws {
            try await eventually("the dead worker's connections to end") {
                try await server.cli("CLIENT", "LIST").split(separator: "\n").count == 1  // redis-cli itself
            }
        }

        /// What the dead server will come back with, looked at in a copy, since the worker is quicker than we are.
        private static func inFlightOnDisk(_ server: RedisServer) async throws -> Int {
            let options = RedisServer.Options(isDurable: true, seed: server.directory)
            return try await RedisServer.with(options) { copy in
                let held = try await Campaign.inFlight(on: copy)
                #expect(held > 0, "the kill met no job in flight: the test proves nothing")
                return held
            }
        }
    }
}
