import TestSupport
import Testing

extension FaultTests {
    /// Messages and the services they are for: restarted, removed, slow, beside jobs.
    @Suite struct OrchestratorServiceTests {
        /// W4: a service is looked for by its name for each message.
        @Test func aServiceThatWasRestartedGetsTheNextMessage() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                for incarnation in 1...3 {
                    try await campaign.push(Self.fragile(campaign, "first"))
                    try await campaign.push(Self.fragile(campaign, "last", #","isLast":true"#))
                    try await campaign.record.waitForLines(incarnation * 2)
                    try await eventually("restart \(incarnation)") {
                        try await campaign.restarts(of: worker)["fragile"] == incarnation
                    }
                }
                #expect(campaign.record.lines == (1...3).flatMap { ["first of \($0)", "last of \($0)"] })
                #expect(try await campaign.restarts(of: worker).filter { $0.value > 0 } == ["fragile": 3])
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// Messages that come while the service is down wait for it.
        @Test func messagesForAServiceThatIsBeingRestartedWaitAndAreNotCounted() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                let messages = (0..<50).map { number in
                    Self.fragile(campaign, "\(number)", number % 10 == 5 && number < 40 ? #","isLast":true"# : "")
                }
                try await campaign.push(messages)
                try await campaign.record.waitForLines(50)
                let numbers = campaign.record.lines.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
                #expect(numbers == Array(0..<50))
                #expect(try await campaign.handled("fragile", by: worker)["done"] == 50)
                #expect(try await campaign.handled("fragile", by: worker)["retried"] == nil)
                #expect(try await campaign.restarts(of: worker)["orchestrator"] == 0)
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        private static func fragile(_ campaign: InboundCampaign, _ line: String, _ more: String = "") -> String {
            #"{"client":"fragile","body":{"path":"\#(campaign.record.path)","line":"\#(line)"\#(more)}}"#
        }

        /// The handler takes longer than a lease, and its process beats: nobody takes the message from it.
        @Test func aHandlerThatIsSlowAndAliveKeepsItsMessageBeyondTheLease() async throws {
            try await InboundCampaign.with { campaign in
                let first = try await campaign.startWorker()
                let second = try await campaign.startWorker()
                try await campaign.push(campaign.message("slow", ["gate": campaign.gate]))
                let holder = try await eventually("the message to be held") {
                    for worker in [first, second]
                    where try await campaign.count("HLEN", "wingman:inflight:\(worker.identity)") == 1 {
                        return worker.identity
                    }
                    return ""
                } until: { identity in
                    !identity.isEmpty
                }
                let end = try await Self.leaseEnd(of: holder, campaign)
                try await eventually("the end of the lease that it had then") {
                    (Int(try await campaign.server.cli("TIME").prefix { $0.isNumber }) ?? 0) * 1_000 > end
                }
                #expect(try await campaign.count("HLEN", "wingman:inflight:\(holder)") == 1)
                campaign.openGate()
                try await campaign.record.waitForLines(1)
                for statistics in try await campaign.bodies("stats") {
                    #expect(statistics["redelivered"] as? Int == 0 && statistics["lost_leases"] as? Int == 0)
                }
                #expect(try await first.stop() == .exited(0))
                #expect(try await second.stop() == .exited(0))
                #expect(campaign.record.lines == ["slow"])
                try await campaign.expectNothingLeft()
            }
        }

        /// In milliseconds since 1970, by the clock of the store.
        private static func leaseEnd(of process: String, _ campaign: InboundCampaign) async throws -> Int {
            let score = try await campaign.server.cli("ZSCORE", "wingman:leases", process)
            return Int(try #require(Double(score)))
        }

        /// W7: waiting for messages takes nothing from jobs, hanging messages neither, and the other way round.
        @Test func jobsAndMessagesDoNotWaitForEachOthersConnections() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker(concurrency: 1, stopTimeout: 1)
                try await campaign.push((0..<20).map { _ in #"{"client":"hanging","body":{}}"# })
                try await campaign.push(
                    (0..<20).map { campaign.message("m \($0)", to: "crowd", ["gate": campaign.gate]) }
                )
                let jobs = (0..<50).map { campaign.record.arguments("job \($0)") }
                try await LoadWorker.enqueue("Record", each: jobs, on: campaign.server)
                try await campaign.record.waitForLines(50)
                #expect(campaign.record.lines.allSatisfy { $0.hasPrefix("job ") })

                try await LoadWorker.enqueue("Sleep", "[600000]", on: campaign.server)
                try await eventually("the only place for jobs to be taken") {
                    try await campaign.server.cli("HGET", worker.identity, "busy") == "1"
                }
                campaign.openGate()
                try await campaign.record.waitForLines(70)
                #expect(try await worker.stop() == .exited(0))
                #expect(try await campaign.count("LLEN", "queue:default") == 1)
            }
        }

        /// A line of the list of plugins goes, and with it the handler: its messages are for nobody.
        @Test func withTheLineOfAPluginItsHandlerItsServiceAndItsJobGo() async throws {
            try await InboundCampaign.with { campaign in
                let with = try await campaign.startWorker(environment: ["WINGMAN_LOAD_ANNEX": "1"])
                try await campaign.push(campaign.message("with", to: "annex"))
                try await campaign.record.waitForLines(1)
                #expect(try await campaign.restarts(of: with).keys.contains("annex"))
                #expect(try await with.stop() == .exited(0))
                try await campaign.expectNothingLeft()

                let without = try await campaign.startWorker()
                try await campaign.push(campaign.message("without", to: "annex"))
                try await LoadWorker.enqueue("Annex.Extension", on: campaign.server)
                try await campaign.push(campaign.message("other"))
                try await campaign.record.waitForLines(2)
                try await eventually("the dead letter") { try await campaign.count("LLEN", "requests:dead") == 1 }
                #expect(try await campaign.deadLetters().map { $0["reason"] as? String } == ["unknown_client"])
                try await eventually("the job to be put aside") { try await campaign.count("ZCARD", "retry") == 1 }
                #expect(campaign.record.lines == ["with", "other"])
                #expect(try await !campaign.restarts(of: without).keys.contains("annex"))
                try await campaign.expectNoRestarts(of: without)
                #expect(try await without.stop() == .exited(0))
            }
        }
    }
}
