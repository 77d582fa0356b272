import TestSupport
import Testing

extension FaultTests {
    /// Lists that are something else in the store, so that nothing can be written to them.
    @Suite struct OrchestratorUnwritableTests {
        private static func deadLetters(
            of worker: LoadWorker,
            _ campaign: InboundCampaign
        ) async throws -> [String: Int] {
            let statistics = try await campaign.bodies("stats", "--process", worker.identity).first
            return statistics?["dead_letters"] as? [String: Int] ?? [:]
        }

        @Test func aMessageIsCountedAsDeadOnceAndOnlyWhenItsLetterIsWritten() async throws {
            try await InboundCampaign.with { campaign in
                try await campaign.server.cli("SET", "requests:dead", "x")
                let worker = try await campaign.startWorker(environment: [
                    "WINGMAN_ORCHESTRATOR_UNKNOWN_CLIENTS": "hold:0s"
                ])
                // None, nobody's, and of a service that takes no messages.
                try await campaign.push("[]")
                try await campaign.push(#"{"client":"nobody","body":1}"#)
                try await campaign.push(#"{"client":"orchestrator","body":1}"#)
                for client in ["nobody", "orchestrator"] {
                    try await eventually("\(client)'s message to be refused, and to be back") {
                        let isRefused = worker.child.lines.contains {
                            $0.text.contains("cannot be settled") && $0.text.contains("requests:lane:\(client)")
                        }
                        let count = try await campaign.count("LLEN", "requests:lane:\(client)")
                        return isRefused && count == 1
                    }
                }
                try await eventually("the router's to be refused") {
                    worker.child.lines.contains {
                        $0.text.contains("cannot be settled") && !$0.text.contains("requests:lane:")
                    }
                }
                #expect(try await Self.deadLetters(of: worker, campaign) == [:])
                try await campaign.server.cli("DEL", "requests:dead")
                // The lane looks again when something comes.
                try await campaign.push(#"{"client":"orchestrator","body":2}"#)
                try await eventually("all dead letters") { try await campaign.count("LLEN", "requests:dead") == 4 }
                try await eventually("their counts") {
                    try await Self.deadLetters(of: worker, campaign)
                        == ["not_object": 1, "unknown_client": 1, "not_a_handler": 2]
                }
                try await campaign.expectNoRestarts(of: worker)
                #expect(try await worker.stop() == .exited(0))
                #expect(try await Campaign.inFlight(on: campaign.server) == 0)
            }
        }

        /// The list of a lane that once was, with as many messages to be tried again as are moved in a step.
        @Test func messagesToBeTriedAgainWaitForNoListThatCannotBeWritten() async throws {
            try await InboundCampaign.with { campaign in
                try await campaign.server.cli("SET", "requests:lane:gone", "x")
                let script = """
                    for number = 1, 600 do redis.call('ZADD', KEYS[1], 1, 'message ' .. number) end
                    redis.call('SADD', KEYS[2], 'requests:lane:gone')
                    """
                let keys = ["wingman:later:requests:lane:gone", "wingman:key:orchestrator:later"]
                try await campaign.server.cli(["EVAL", script, "2"] + keys)
                let worker = try await campaign.startWorker()
                try await campaign.push(campaign.message("again", to: "aside", ["failures": "1"]))
                try await campaign.record.waitForLines(1)
                #expect(try await campaign.count("ZCARD", keys[0]) == 600)
                #expect(try await worker.stop() == .exited(0))
            }
        }
    }
}
