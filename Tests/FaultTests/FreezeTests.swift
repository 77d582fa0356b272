import TestSupport
import Testing

extension FaultTests {
    /// Processes that stand still and go on: the outage that looks like a death to everyone else.
    @Suite struct FreezeTests {
        @Test func aWorkerFrozenBeyondItsLeaseIsFencedAndNothingIsLost() async throws {
            try await Campaign.with { campaign in
                let frozen = try await campaign.startWorker()
                try await campaign.reachMiddle()
                frozen.child.signal(.freeze)
                let held = try await campaign.count("HLEN", "wingman:inflight:\(frozen.identity)")

                let other = try await campaign.startWorker()
                try await eventually("the frozen worker's hash to be emptied") {
                    try await campaign.count("HLEN", "wingman:inflight:\(frozen.identity)") == 0
                }
                frozen.child.signal(.resume)
                try await campaign.finish()
                try await campaign.untilRescued(from: frozen.identity)
                campaign.expectAccounts(duplicatesUpTo: held + Campaign.concurrency)  // it may finish what it had begun
                #expect(try await frozen.stop() == .exited(0))
                #expect(try await other.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        @Test func aStoreThatHangsForAWhileOnlyDelays() async throws {
            try await Campaign.with { campaign in
                let worker = try await campaign.startWorker()
                try await campaign.reachMiddle()
                let server = try #require(campaign.server.child)
                server.signal(.freeze)
                // No event tells how long is long enough: the hang has to outlast the deadline of a command.
                let end = ContinuousClock.now + .seconds(8)
                try await eventually("the end of the hang") { ContinuousClock.now >= end }
                server.signal(.resume)
                try await campaign.finish()
                campaign.expectAccounts(duplicatesUpTo: 0)
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }
    }
}
