import TestSupport
import Testing

extension FaultTests {
    /// Processes that die or stand still at the worst moments of a message's life.
    @Suite struct OrchestratorCrashTests {
        /// W1: the handler has not begun its work, or has ended it, and the process is gone before the acknowledgement.
        @Test(arguments: [("before", 1), ("after", 2)])
        func aMessageWhoseProcessIsKilledIsHandledAgainAsARedelivery(moment: String, lines: Int) async throws {
            try await InboundCampaign.with { campaign in
                let first = try await campaign.startWorker()
                try await campaign.push(
                    campaign.message("held", id: "m-1", ["death": "\"\(moment)\""])
                        .replacing(#""client""#, with: #""reply_to":"replies:t","client""#)
                )
                #expect(try await first.child.waitForExit() == .signalled(Signal.kill.number))
                #expect(try await Campaign.inFlight(on: campaign.server) == 1)
                #expect(try await campaign.count("LLEN", "replies:t") == 0, "a reply without an acknowledgement")

                try await campaign.expireLease(of: first)
                // It dies only the first time: that it lives on shows that the handler was told of the redelivery.
                let second = try await campaign.startWorker()
                try await eventually("the reply") { try await campaign.count("LLEN", "replies:t") == 1 }
                #expect(campaign.record.lines.count == lines)
                let statistics = try await campaign.bodies("stats")
                #expect(statistics.first?["redelivered"] as? Int == 1)
                #expect(try await second.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// A process frozen beyond its lease, in the middle of a message: what it says of it afterwards counts for nothing.
        @Test func aFrozenProcessThatGoesOnNeitherAcknowledgesNorAnswersTwice() async throws {
            try await InboundCampaign.with { campaign in
                let frozen = try await campaign.startWorker()
                let message = campaign.message("held", id: "m-1", ["gate": campaign.gate])
                    .replacing(#""client""#, with: #""reply_to":"replies:t","client""#)
                try await campaign.push(message)
                // By its lane: what the router held nobody misses.
                try await eventually("the message to be held") {
                    try await campaign.server.cli("HKEYS", "wingman:inflight:\(frozen.identity)")
                        .contains("requests:lane:ledger")
                }
                frozen.child.signal(.freeze)
                let other = try await campaign.startWorker()
                try await eventually("the other process to hold the message") {
                    try await campaign.count("HLEN", "wingman:inflight:\(other.identity)") == 1
                }
                // Both handlers may end from here on, the frozen one first if it can.
                campaign.openGate()
                frozen.child.signal(.resume)
                try await eventually("the reply") { try await campaign.count("LLEN", "replies:t") >= 1 }
                try await campaign.push(campaign.message("next"))
                try await campaign.record.waitForLines(2)
                #expect(try await campaign.count("LLEN", "replies:t") == 1)
                // The frozen handler may write its line after all; what comes after the message still overtakes nothing.
                let lines = campaign.record.lines
                #expect(lines.first == "held" && lines.count { $0 == "next" } == 1, "\(lines)")
                try await eventually("the lost lease to be seen") {
                    try await campaign.bodies("stats").contains { $0["lost_leases"] as? Int == 1 }
                }
                #expect(try await frozen.stop() == .exited(0))
                #expect(try await other.stop() == .exited(0))
                #expect(try await campaign.count("LLEN", "replies:t") == 1, "two replies to one message")
                try await campaign.expectNothingLeft()
            }
        }

        /// A poison message ends three processes, and no fourth; messages of others are handled meanwhile.
        @Test func aMessageThatTrapsIsPutAwayAfterThreeDeaths() async throws {
            try await InboundCampaign.with { campaign in
                let trap = #"{"client":"trap","id":"poison","body":{"path":"\#(campaign.record.path)"}}"#
                try await campaign.push(trap)
                var worker = try await campaign.startWorker()
                try await campaign.push((1...20).map { campaign.message("other \($0)") })
                let deaths = try await campaign.replace(&worker, untilDeadLetters: 1)
                try await eventually("the other messages") {
                    Set(campaign.record.lines).count == 21
                }
                #expect(deaths == 3)
                #expect(campaign.record.lines.count { $0 == "poison" } == 3)
                let letter = try #require(try await campaign.deadLetters().first)
                #expect(letter["reason"] as? String == "crash_loop")
                #expect(letter["raw"] as? String == trap)
                #expect(letter["id"] as? String == "poison")
                #expect(try await worker.stop() == .exited(0))
            }
        }

        /// Both were in flight when the first process died; the one of the other key is tried again and again meanwhile.
        @Test func aMessageThatKillsBesideOneThatFailsIsConvictedAllTheSame() async throws {
            try await InboundCampaign.with { campaign in
                func keyed(_ line: String, _ key: String, _ more: [String: String]) -> String {
                    campaign.message(line, to: "keyed", id: line, more)
                        .replacing(#""client""#, with: #""key":"\#(key)","client""#)
                }
                var worker = try await campaign.startWorker()
                try await campaign.push(keyed("failing", "a", ["gate": campaign.gate, "failures": "4"]))
                try await eventually("the first message to be held") {
                    try await campaign.inFlight(of: worker).contains("requests:lane:keyed")
                }
                try await campaign.push(keyed("poison", "b", ["death": "\"always\""]))
                _ = try await worker.child.waitForExit()
                campaign.openGate()
                let deaths = try await campaign.replace(&worker, untilDeadLetters: 1)
                #expect(deaths == 3)
                #expect(try await campaign.deadLetters().first?["reason"] as? String == "crash_loop")
                try await campaign.record.waitForLines(1)
                #expect(campaign.record.lines == ["failing"])
                #expect(try await worker.stop() == .exited(0))
            }
        }
    }
}
