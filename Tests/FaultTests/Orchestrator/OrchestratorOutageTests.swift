import TestSupport
import Testing

extension FaultTests {
    /// W9: whatever is wrong with the store is waited out inside the services. No process dies here, so nothing may be
    /// handled twice, and no service may be started again.
    @Suite struct OrchestratorOutageTests {
        private static let messages = 600

        @Test func connectionsThatAreCutAtWorkAndWhileTheyWaitCostNothing() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                try await campaign.push(Self.messages(campaign, 0..<Self.messages))
                for cut in 1...5 {
                    try await campaign.record.waitForLines(cut * 100)
                    try await campaign.server.cli("CLIENT", "KILL", "TYPE", "normal")
                }
                try await campaign.record.waitForLines(Self.messages)
                for cut in 0..<3 {
                    try await eventually("the worker to wait for messages") {
                        let inFlight = try await Campaign.inFlight(on: campaign.server)
                        let clients = try await campaign.server.cli("INFO", "clients")
                        return inFlight == 0 && !clients.contains("blocked_clients:0")
                    }
                    try await campaign.server.cli("CLIENT", "KILL", "TYPE", "normal")
                    try await campaign.push(Self.message(campaign, Self.messages + cut))
                    try await campaign.record.waitForLines(Self.messages + cut + 1)
                }
                try await Self.expectUntouched(campaign, worker, Self.messages + 3)
            }
        }

        /// Longer than the deadline of a command, so that commands are given up that the server carries out afterwards.
        @Test func aStoreThatPausesItsClientsOnlyDelays() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                try await campaign.push(Self.messages(campaign, 0..<Self.messages))
                try await campaign.record.waitForLines(100)
                try await campaign.server.cli("CLIENT", "PAUSE", "7000", "ALL")
                // Everybody is paused: an answer is the end of the pause.
                #expect(try await campaign.server.cli("PING") == "PONG")
                try await campaign.record.waitForLines(Self.messages)
                try await eventually("the last acknowledgement") {
                    try await Campaign.inFlight(on: campaign.server) == 0
                }

                try await campaign.server.cli("CLIENT", "PAUSE", "4000", "ALL")
                try await campaign.push(Self.message(campaign, Self.messages))
                try await campaign.record.waitForLines(Self.messages + 1)
                try await Self.expectUntouched(campaign, worker, Self.messages + 1)
            }
        }

        /// The master hands over to its replica and refuses all writes from then on, until it gets its office back.
        @Test func aFailoverAndTheWayBackAreWaitedOut() async throws {
            let options = RedisServer.Options(isOnTCP: true, arguments: ["--repl-diskless-sync-delay", "0"])
            try await RedisServer.with(options) { replica in
                try await InboundCampaign.with(options) { campaign in
                    let server = campaign.server
                    try await Self.attach(replica, to: server)
                    let worker = try await campaign.startWorker()
                    try await campaign.push(Self.messages(campaign, 0..<Self.messages / 2))
                    try await campaign.record.waitForLines(100)

                    try await Self.failOver(from: server, to: replica)
                    try await eventually("writes to be refused") { try await Self.refusals(of: server) > 10 }
                    // Producers have found the new master; the worker has not.
                    let later = Self.messages(campaign, Self.messages / 2..<Self.messages)
                    try await replica.cli(
                        [],
                        input: later.map { "LPUSH requests '\($0)'" }.joined(separator: "\n") + "\n"
                    )
                    let refused = try await Self.refusals(of: server)
                    try await eventually("more writes to be refused") {
                        try await Self.refusals(of: server) > refused + 5
                    }
                    #expect(campaign.record.lines.count < Self.messages)

                    try await Self.failOver(from: replica, to: server)
                    try await campaign.record.waitForLines(Self.messages)
                    try await Self.expectUntouched(campaign, worker, Self.messages)
                }
            }
        }

        // MARK: Replication

        private static func attach(_ replica: RedisServer, to master: RedisServer) async throws {
            try await replica.cli("REPLICAOF", "127.0.0.1", "\(try #require(master.port))")
            try await Self.awaitReplica(of: master)
        }

        /// Redis' own failover: the master stops writes, waits until its replica has all of them, and changes places with it.
        private static func failOver(from master: RedisServer, to replica: RedisServer) async throws {
            try await Self.awaitReplica(of: master)
            let answer = try await master.cli("FAILOVER", "TO", "127.0.0.1", "\(try #require(replica.port))")
            #expect(answer == "OK")
            try await eventually("the replica to be the master") {
                try await replica.cli("ROLE").hasPrefix("master")
            }
            try await Self.awaitReplica(of: replica)
        }

        private static func awaitReplica(of master: RedisServer) async throws {
            try await eventually("a replica with all data") {
                try await master.cli("INFO", "replication").contains("state=online")
            }
        }

        /// How many writes a server has refused since it is a replica.
        private static func refusals(of server: RedisServer) async throws -> Int {
            let line = try await server.cli("INFO", "errorstats").split(whereSeparator: \.isNewline).first {
                $0.hasPrefix("errorstat_READONLY:count=")
            }
            return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst()) } ?? 0
        }

        // MARK: Messages

        private static func message(_ campaign: InboundCampaign, _ number: Int) -> String {
            campaign.message("\(number)", ["milliseconds": "2"])
        }

        private static func messages(_ campaign: InboundCampaign, _ numbers: Range<Int>) -> [String] {
            numbers.map { Self.message(campaign, $0) }
        }

        /// Each message was handled once, in order; the services are those of the start.
        private static func expectUntouched(
            _ campaign: InboundCampaign,
            _ worker: LoadWorker,
            _ count: Int
        ) async throws {
            #expect(campaign.record.lines == (0..<count).map { "\($0)" })
            try await campaign.expectNoRestarts(of: worker)
            #expect(try await worker.stop() == .exited(0))
            try await campaign.expectNothingLeft()
        }
    }
}
