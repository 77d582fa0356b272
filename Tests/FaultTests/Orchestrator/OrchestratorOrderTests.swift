import TestSupport
import Testing

extension FaultTests {
    /// The order of a client's messages, over processes, retries and deaths.
    @Suite struct OrchestratorOrderTests {
        /// W13: two clients, three processes, every fiftieth message fails twice, and the process that has them is killed.
        @Test func noMessageOvertakesAnotherOfItsClientThoughProcessesDieAndHandlersFail() async throws {
            try await InboundCampaign.with { campaign in
                let half = InboundCampaign.size / 2
                let clients = ["ledger", "ledger-2"]
                let messages = (0..<half).flatMap { number in
                    clients.map { client in
                        campaign.message(
                            "\(client) \(number)",
                            to: client,
                            number % 50 == 7 ? ["failures": "2"] : [:]
                        )
                    }
                }
                var workers: [LoadWorker] = []
                for _ in 0..<3 { workers.append(try await campaign.startWorker()) }
                try await campaign.push(messages)
                try await campaign.record.waitForLines(half / 2)
                let victim = try await Self.owner(of: "ledger", among: workers, campaign)
                try await victim.child.kill9()
                try await campaign.record.waitForLines(half * 2, within: .seconds(240))

                for client in clients {
                    let lines = campaign.record.lines.filter { $0.hasPrefix("\(client) ") }
                        .compactMap { Int($0.dropFirst(client.count + 1)) }
                    #expect(Set(lines) == Set(0..<half), "lost messages of \(client)")
                    #expect(LineOrder.overtakings(lines) == 0, "messages of \(client) were overtaken")
                    // What was handled and not acknowledged when the process died: not more than it may hold.
                    #expect(lines.count - half <= 70, "\(lines.count - half) of \(client) were handled twice")
                }
                for worker in workers where worker.child.isRunning { #expect(try await worker.stop() == .exited(0)) }
                try await campaign.expectNothingLeft()
            }
        }

        /// The process that handles the messages of a client.
        private static func owner(
            of client: String,
            among workers: [LoadWorker],
            _ campaign: InboundCampaign
        ) async throws -> LoadWorker {
            for worker in workers {
                let statistics = try await campaign.bodies("stats", "--process", worker.identity)
                let clients = statistics.first?["clients"] as? [String: [String: Any]]
                if clients?[client]?["is_owner"] as? Bool == true { return worker }
            }
            return try #require(nil, "nobody has the messages of \(client)")
        }

        /// W1: a process dies while it moves messages to their lanes and others are pushed, and so does each that follows it.
        @Test func processesThatDieWhileTheyRouteLoseNoMessageAndNoOrder() async throws {
            try await InboundCampaign.with { campaign in
                let slice = InboundCampaign.size / 2
                let rounds = 4
                for round in 0..<rounds {
                    let messages = (0..<slice).map { campaign.message("\(round * slice + $0)") }
                    let worker = try await campaign.startWorker()
                    let before = Set(campaign.record.lines).count
                    async let push: Void = campaign.push(messages)
                    try await campaign.record.waitForLines(before + 1 + round * 50)
                    try await worker.child.kill9()
                    try await push
                    try await campaign.expireLease(of: worker)
                }
                let last = try await campaign.startWorker()
                try await campaign.record.waitForLines(rounds * slice)
                let lines = campaign.record.lines.compactMap(Int.init)
                #expect(Set(lines) == Set(0..<rounds * slice))
                #expect(LineOrder.overtakings(lines) == 0)
                #expect(lines.count - rounds * slice <= rounds * 70, "more was handled twice than was held")
                #expect(try await last.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        @Test func anOwnerThatStopsHandsItsClientsOnInOrder() async throws {
            try await InboundCampaign.with { campaign in
                let first = try await campaign.startWorker()
                try await campaign.push((0..<400).map { campaign.message("\($0)", ["milliseconds": "2"]) })
                try await campaign.record.waitForLines(100)
                let second = try await campaign.startWorker()
                #expect(try await first.stop() == .exited(0))
                try await campaign.record.waitForLines(400)
                #expect(campaign.record.lines == (0..<400).map { "\($0)" })
                #expect(try await second.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        @Test func messagesOfOneKeyKeepTheirOrderAndOthersPassThem() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                // The first of key a waits for the gate; those of its key wait behind it, those of others pass them. A lane
                // looks ahead no further than a dozen messages, so there must not be many of a.
                var messages = [Self.keyed(campaign, "a 0", key: "a", ["gate": campaign.gate])]
                for number in 1...100 {
                    let keys = number <= 3 ? ["a", "b", "c"] : ["b", "c"]
                    messages += keys.map { Self.keyed(campaign, "\($0) \(number)", key: $0) }
                }
                try await campaign.push(messages)
                try await campaign.record.waitForLines(200)
                #expect(!campaign.record.lines.contains { $0.hasPrefix("a ") })
                campaign.openGate()
                try await campaign.record.waitForLines(204)
                for key in ["a", "b", "c"] {
                    let numbers = campaign.record.lines.filter { $0.hasPrefix("\(key) ") }.compactMap {
                        Int($0.dropFirst(2))
                    }
                    #expect(numbers == numbers.sorted(), "key \(key)")
                }
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        private static func keyed(
            _ campaign: InboundCampaign,
            _ line: String,
            key: String,
            _ more: [String: String] = [:]
        ) -> String {
            let message = campaign.message(line, to: "keyed", more)
            return #"{"key":"\#(key)","# + message.dropFirst()
        }
    }
}
