import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// Quiet, stop, a store that goes away, producers that are too fast and handlers that are too slow.
    @Suite struct OrchestratorLifeTests {
        /// W6, W11: a quiet process takes nothing more, ends what it has, and says so.
        @Test func aQuietProcessTakesNoMessageAndAnotherGetsItAtOnce() async throws {
            try await InboundCampaign.with { campaign in
                let first = try await campaign.startWorker()
                try await campaign.push(campaign.message("held", ["gate": campaign.gate]))
                try await eventually("the message to be held") {
                    try await campaign.count("HLEN", "wingman:inflight:\(first.identity)") == 1
                }
                let quiet = try await campaign.orchestrator("quiet", "--process", first.identity)
                #expect(quiet.output == "quiet \(first.identity)")
                #expect(try await campaign.bodies("ping").first?["is_quiet"] as? Bool == true)
                try await campaign.push(campaign.message("later"))
                campaign.openGate()
                try await campaign.record.waitForLines(1)
                try await eventually("the end of the held message") {
                    try await Campaign.inFlight(on: campaign.server) == 0
                }
                // Each answer takes it more turns than a message would.
                for _ in 0..<3 { _ = try await campaign.bodies("ping", "--process", first.identity) }
                #expect(try await campaign.waiting() == 1)
                #expect(campaign.record.lines == ["held"])

                let second = try await campaign.startWorker()
                try await campaign.record.waitForLines(2)
                #expect(try await first.stop() == .exited(0))
                #expect(try await second.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// W11: what a stopped process held stands in its list as it stood before.
        @Test func aStopReturnsWhatIsUnsettledInItsOrder() async throws {
            try await InboundCampaign.with { campaign in
                let clients = ["ledger", "crowd", "keyed"]
                let first = try await campaign.startWorker(stopTimeout: 1)
                for client in clients {
                    try await campaign.push(
                        (0..<30).map { campaign.message("\(client) \($0)", to: client, ["gate": campaign.gate]) }
                    )
                }
                try await eventually("messages of all clients to be held") {
                    let statistics = try await campaign.bodies("stats")
                    let shown = statistics.first?["clients"] as? [String: [String: Any]]
                    return clients.allSatisfy { (shown?[$0]?["in_flight"] as? Int ?? 0) > 0 }
                }
                #expect(try await first.stop() == .exited(0))
                #expect(try await Campaign.inFlight(on: campaign.server) == 0)
                #expect(try await campaign.waiting() == 90)
                #expect(campaign.record.lines.isEmpty)

                campaign.openGate()
                let second = try await campaign.startWorker()
                try await campaign.record.waitForLines(90)
                let ledger = campaign.record.lines.filter { $0.hasPrefix("ledger ") }
                #expect(ledger == (0..<30).map { "ledger \($0)" })
                #expect(campaign.record.lines.count == 90, "something was handled twice")
                #expect(try await second.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// W6: the end of the wait and a new message meet. What the server hands over while the worker hangs up is not lost.
        @Test func stopsInTheMiddleOfAWaitLoseAndRepeatNothing() async throws {
            try await InboundCampaign.with { campaign in
                let rounds = 8
                for round in 0..<rounds {
                    let worker = try await campaign.startWorker()
                    try await eventually("the worker to wait for messages") {
                        // One waits for jobs.
                        let isRouter = try await campaign.server.cli("EXISTS", "wingman:key:orchestrator:owner/router")
                        let clients = try await campaign.server.cli("CLIENT", "LIST").split(separator: "\n")
                        return isRouter == "1" && clients.count { $0.contains("cmd=blmove") } > 1
                    }
                    // Before the stop, beside it or after it: whatever the machine makes of it.
                    async let push: Void = campaign.push((0..<5).map { campaign.message("\(round * 5 + $0)") })
                    #expect(try await worker.stop() == .exited(0))
                    try await push
                    #expect(try await Campaign.inFlight(on: campaign.server) == 0)
                    let waiting = try await campaign.waiting()
                    #expect(campaign.record.lines.count + waiting == (round + 1) * 5)
                }
                let last = try await campaign.startWorker()
                try await campaign.record.waitForLines(rounds * 5)
                #expect(campaign.record.lines == (0..<rounds * 5).map { "\($0)" })
                #expect(try await last.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// W9: connections cut, and the store killed and started again: no restart of the service, nothing lost.
        @Test func aStoreThatGoesAwayIsWaitedOutInsideTheService() async throws {
            try await InboundCampaign.with(RedisServer.Options(isDurable: true)) { campaign in
                let count = 600
                let worker = try await campaign.startWorker()
                try await campaign.push((0..<count).map { campaign.message("\($0)", ["milliseconds": "2"]) })
                try await campaign.record.waitForLines(100)
                try await campaign.server.cli("CLIENT", "KILL", "TYPE", "normal")
                try await campaign.record.waitForLines(200)
                try await campaign.server.kill()
                try await campaign.server.restart()
                try await campaign.record.waitForLines(count, within: .seconds(120))

                let lines = campaign.record.lines.compactMap(Int.init)
                #expect(LineOrder.overtakings(lines) == 0)
                #expect(lines.count - count <= 70, "more was handled twice than was held")
                try await campaign.expectNoRestarts(of: worker)
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// W5: the backlog stays in the store, and the process does not grow with it.
        @Test func aProducerThatIsFarTooFastFillsTheStoreAndNotTheProcess() async throws {
            try await InboundCampaign.with { campaign in
                let count = InboundCampaign.size * 10
                let worker = try await campaign.startWorker()
                try await campaign.push(campaign.message("warm", to: "crowd"))
                try await campaign.record.waitForLines(1)
                let before = try InboundCampaign.resident(worker.child.pid)
                let text = String(repeating: "x", count: 2_000)
                for slice in 0..<10 {
                    let first = slice * count / 10
                    try await campaign.push(
                        (first..<first + count / 10).map {
                            campaign.message("\($0)", to: "crowd", ["milliseconds": "50", "text": "\"\(text)\""])
                        }
                    )
                }
                // The router has been through all of them, which is where a process could keep them.
                try await eventually("the lanes to have all") { try await campaign.count("LLEN", "requests") == 0 }
                let after = try InboundCampaign.resident(worker.child.pid)
                // 2 KB a message, 20,000 and more of them: 40 MB if they were here.
                #expect(after - before < 16 * 1_024, "grew from \(before) to \(after) KiB")
                #expect(try await campaign.waiting() + Campaign.inFlight(on: campaign.server) > count / 2)
                let pong = try await campaign.bodies("ping")
                #expect(pong.count == 1)
                try await worker.child.kill9()
            }
        }

        /// W12: one client hangs, another is slow; the third is served as if they were not there.
        @Test func aHangingClientHoldsUpNobodyElse() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                try await campaign.push((0..<50).map { _ in #"{"client":"hanging","body":{}}"# })
                try await campaign.push(
                    (0..<50).map { campaign.message("slow \($0)", to: "ledger", ["gate": campaign.gate]) }
                )
                for number in 0..<5 {
                    let reply = try await campaign.orchestrator("request", "adder", #"{"a":\#(number),"b":1}"#)
                    #expect(reply.output == #"{"sum":\#(number + 1)}"#, "\(reply.error)")
                }
                try await campaign.push((0..<500).map { campaign.message("\($0)", to: "ledger-2") })
                try await campaign.record.waitForLines(500)
                #expect(campaign.record.lines == (0..<500).map { "\($0)" })
                try await worker.child.kill9()
            }
        }
    }
}
