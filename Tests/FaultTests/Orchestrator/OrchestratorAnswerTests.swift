import TestSupport
import Testing

extension FaultTests {
    /// Replies that nobody takes, messages that come twice, and dead letters that become too many.
    @Suite struct OrchestratorAnswerTests {
        private static let minute = 1...60_000  // ms

        /// Who asked has gone: the reply comes all the same, and goes away by itself.
        @Test func aReplyThatComesAfterItsRequesterHasGoneIsGivenAnEnd() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                let message = campaign.message("slow", id: "m-1", ["gate": campaign.gate])
                    .replacing(#""client""#, with: #""reply_to":"replies:late","client""#)
                try await campaign.push(message)
                #expect(
                    try await campaign.server.cli("BRPOP", "replies:late", "0.2").isEmpty,
                    "nobody has answered yet"
                )
                campaign.openGate()
                try await eventually("the reply") { try await campaign.count("LLEN", "replies:late") == 1 }
                #expect(Self.minute.contains(try await campaign.count("PTTL", "replies:late")))

                // An error is a reply like any other.
                try await campaign.push(#"{"client":"nobody","body":1,"reply_to":"replies:error"}"#)
                try await eventually("the error") { try await campaign.count("LLEN", "replies:error") == 1 }
                #expect(Self.minute.contains(try await campaign.count("PTTL", "replies:error")))

                // What control answers, too.
                let ping = #"{"command":"ping","reply_to":"replies:ping"}"#
                try await campaign.server.cli("LPUSH", "requests:control:\(worker.identity)", ping)
                try await eventually("the answer") { try await campaign.count("LLEN", "replies:ping") == 1 }
                #expect(Self.minute.contains(try await campaign.count("PTTL", "replies:ping")))
                #expect(try await worker.stop() == .exited(0))
            }
        }

        @Test func ofTwinsOneIsHandledAndTheOtherGetsItsReplyWhenItHasEnded() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                let gate = ["gate": campaign.gate]
                try await campaign.push(Self.twin(campaign, 1, gate))
                try await eventually("the first to be handled") {
                    let key = try await campaign.server.cli("KEYS", "wingman:key:orchestrator:*idem*")
                    return try await campaign.server.cli("GET", key).hasPrefix("running:")
                }
                try await campaign.push(Self.twin(campaign, 2, gate))
                try await eventually("the second to wait") {
                    try await campaign.handled("crowd", by: worker)["postponed"] == 1
                }
                #expect(campaign.record.lines.isEmpty)
                campaign.openGate()
                for twin in 1...2 {
                    try await eventually("reply \(twin)") { try await campaign.count("LLEN", "replies:\(twin)") == 1 }
                }
                // One that comes later is answered at once.
                try await campaign.push(Self.twin(campaign, 3))
                try await eventually("reply 3") { try await campaign.count("LLEN", "replies:3") == 1 }
                try await Self.expectEqualReplies(campaign, 1...3)
                #expect(campaign.record.lines == ["once"])
                #expect(try await campaign.handled("crowd", by: worker)["repeated"] == 2)
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// The process dies in the middle of the first twin: it is the same message that comes again, not a twin of it.
        @Test func aMessageWithAKeyWhoseProcessDiesIsHandledAgainAndItsTwinIsNot() async throws {
            try await InboundCampaign.with { campaign in
                let first = try await campaign.startWorker()
                try await campaign.push(Self.twin(campaign, 1, ["death": #""before""#]))
                #expect(try await first.child.waitForExit() == .signalled(Signal.kill.number))
                try await campaign.push(Self.twin(campaign, 2))
                try await campaign.expireLease(of: first)
                let second = try await campaign.startWorker()
                for twin in 1...2 {
                    try await eventually("reply \(twin)") { try await campaign.count("LLEN", "replies:\(twin)") == 1 }
                }
                try await Self.expectEqualReplies(campaign, 1...2)
                #expect(campaign.record.lines == ["once"])
                #expect(try await second.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        @Test func ofTooManyDeadLettersTheOldestGo() async throws {
            try await InboundCampaign.with { campaign in
                let first = try await campaign.startWorker()
                try await campaign.push((1...10).map { #"{"client":"nobody","id":"m-\#($0)","body":1}"# })
                try await eventually("ten letters") { try await campaign.count("LLEN", "requests:dead") == 10 }
                #expect(try await first.stop() == .exited(0))
                let second = try await campaign.startWorker(environment: ["WINGMAN_ORCHESTRATOR_DEAD_LETTERS": "3"])
                try await eventually("three letters") { try await campaign.count("LLEN", "requests:dead") == 3 }
                #expect(try await campaign.deadLetters().map { $0["id"] as? String } == ["m-8", "m-9", "m-10"])
                #expect(try await second.stop() == .exited(0))
            }
        }

        /// One of several messages with one key, for the client that handles many at a time.
        private static func twin(_ campaign: InboundCampaign, _ number: Int, _ more: [String: String] = [:]) -> String {
            let message = campaign.message("once", to: "crowd", id: "twin-\(number)", more)
            return #"{"idempotency_key":"k","reply_to":"replies:\#(number)","# + message.dropFirst()
        }

        private static func expectEqualReplies(_ campaign: InboundCampaign, _ twins: ClosedRange<Int>) async throws {
            for twin in twins {
                let reply = try InboundCampaign.json(try await campaign.server.cli("LINDEX", "replies:\(twin)", "0"))
                #expect(reply["status"] as? String == "ok")
                #expect(reply["id"] as? String == "twin-\(twin)")
                #expect(reply["body"] as? Int == 1)
                #expect(try await campaign.count("LLEN", "replies:\(twin)") == 1)
            }
        }
    }
}
