import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// What a plugin does wrong costs no job anything; what the program cannot do without ends it.
    @Suite struct PluginTroubleTests {
        /// The core parts by the names they have in the tree.
        private static let core = ["store", "heartbeat", "jobs", "poller", "rescuer", "capsule:default"]

        @Test func aPluginInACrashLoopIsParkedAndCostsNoJobAnything() async throws {
            try await Self.withTrouble("crash") { campaign, worker in
                try await campaign.finish()
                let tree = try await Self.tree(of: worker, until: "troublemaker", is: "parked")
                #expect(tree["troublemaker"]?.contains("incarnation 6, 5 restarts") == true)
                #expect(tree["troublemaker"]?.contains("the troublemaker crashes") == true)
                #expect(tree["orchestrator"]?.contains("running") == true, "the plugin after it runs")
                Self.expectCoreUntouched(tree)
                let trouble = try await Self.trouble(on: campaign.server, with: "troublemaker")
                #expect(trouble == "parked after 5 restarts: threw the troublemaker crashes")
                #expect(try await worker.stop() == .exited(0))
                try await Self.expectAllDone(campaign)
            }
        }

        @Test func aPluginWhoseHealthCheckHangsCostsNoJobAnything() async throws {
            try await Self.withTrouble("hang-health") { campaign, worker in
                try await campaign.finish()
                let trouble = try await Self.trouble(on: campaign.server, with: "troublemaker/pulse")
                #expect(trouble == "unhealthy: no answer within 200ms")
                let tree = try await Self.tree(of: worker, until: "troublemaker", is: "running")
                Self.expectCoreUntouched(tree)
                #expect(try await worker.stop() == .exited(0))
                try await Self.expectAllDone(campaign)
            }
        }

        @Test func aPluginThatHangsInItsStartCostsNoJobAnything() async throws {
            try await Self.withTrouble("hang-start") { campaign, worker in
                try await campaign.finish()
                let tree = try await Self.tree(of: worker, until: "troublemaker", is: "starting")
                Self.expectCoreUntouched(tree)
                let trouble = try await Self.trouble(on: campaign.server, with: "troublemaker")
                #expect(trouble == "starting, not ready yet")
                #expect(try await worker.stop() == .exited(0))
                #expect(worker.child.error.contains("Service would not stop and was abandoned"))
                try await Self.expectAllDone(campaign)
            }
        }

        /// It has three seconds, and five more after its cancellation: jobs that run go on meanwhile, tree and status say which
        /// service it is, and then it is left alone.
        @Test func aPluginThatHangsInItsStopCostsNoJobAnythingAndNoMoreThanItsBudget() async throws {
            try await RedisServer.with { server in
                let record = RecordFile(in: server.directory)
                // Much longer than from one beat to the next, which tells how many run.
                let jobs = (0..<8).map { record.arguments("line-\($0)", after: $0 < 5 ? 12_000 : 0) }
                try await LoadWorker.enqueue("Record", each: jobs, on: server)
                let worker = try await LoadWorker.start(
                    on: server,
                    concurrency: 5,
                    environment: ["WINGMAN_LOAD_TROUBLE": "hang-stop"]
                )
                try await eventually("five running jobs") {
                    try await server.cli("HGET", worker.identity, "busy") == "5"
                }
                worker.child.signal(.terminate)
                let tree = try await Self.tree(of: worker, until: "troublemaker", is: "stopping")
                Self.expectCoreUntouched(tree)
                // They are not cancelled for it, and no others are begun.
                #expect(try await Self.trouble(on: server, with: "troublemaker") == "stopping, not ended yet")
                try await record.waitForLines(5)
                #expect(try await worker.child.waitForExit() == .exited(0))
                let line = try await worker.child.waitForLine(containing: "Service would not stop and was abandoned")
                #expect(line.contains("service.name=wingman/plugins/troublemaker"), "\(line)")
                let waited = line.firstMatch(of: /service\.waited=(\d+)/).flatMap { Int($0.1) }
                #expect((8..<30).contains(waited ?? 0), "\(line)")
                #expect(Set(record.lines) == Set((0..<5).map { "line-\($0)" }) && record.lines.count == 5)
                #expect(try await server.cli("LLEN", "queue:default") == "3")
                #expect(try await Campaign.inFlight(on: server) == 0)
                #expect(try await server.cli("SMEMBERS", "processes").isEmpty)
            }
        }

        @Test func aPluginThatCannotStartIsParkedAndCostsNoJobAnything() async throws {
            try await Self.withTrouble("throw-start") { campaign, worker in
                try await campaign.finish()
                let tree = try await Self.tree(of: worker, until: "troublemaker", is: "parked")
                #expect(tree["troublemaker"]?.contains("the troublemaker does not start") == true)
                #expect(tree["orchestrator"]?.contains("running") == true, "the plugin after it runs")
                Self.expectCoreUntouched(tree)
                let trouble = try await Self.trouble(on: campaign.server, with: "troublemaker")
                #expect(trouble?.contains("the troublemaker does not start") == true, "\(trouble ?? "")")
                #expect(try await worker.stop() == .exited(0))
                try await Self.expectAllDone(campaign)
            }
        }

        @Test func aServiceThatEndsTheTreeGivesTheProcessItsExitCode() async throws {
            try await RedisServer.with { server in
                let child = try await ChildProcess.start(
                    try BuiltProducts.path("wingman-load"),
                    ["run", "--store", server.url],
                    environment: ["WINGMAN_LOAD_TROUBLE": "terminate"]
                )
                #expect(try await child.waitForExit() == .exited(7))
                #expect(child.error.contains("the troublemaker ends the process"))
                #expect(try await server.cli("SMEMBERS", "processes").isEmpty, "it left in order")
            }
        }

        @Test func aDeadCorePartEndsTheProcessWithTheHistoryOfItsErrors() async throws {
            try await RedisServer.with { server in
                // No beat can be written: the heartbeat, which everything stands on, is never ready.
                try await server.cli("SET", "wingman:leases", "not a sorted set")
                let child = try await ChildProcess.start(
                    try BuiltProducts.path("wingman-load"),
                    ["run", "--store", server.url]
                )
                // Its limit is 30 s; the process ends by itself, and not by a signal.
                #expect(try await child.waitForExit(within: .seconds(90)) == .exited(1))
                #expect(
                    child.error.contains("wingman-load: wingman: not started, because heartbeat could not be started")
                )
                #expect(child.error.contains("wingman/heartbeat (incarnation 1) was not ready within 30.0 seconds"))
            }
        }

        /// Jobs in the queue, and a worker with a plugin that is ill.
        private static func withTrouble(
            _ trouble: String,
            _ body: (Campaign, LoadWorker) async throws -> Void
        ) async throws {
            try await Campaign.with { campaign in
                let worker = try await LoadWorker.start(
                    on: campaign.server,
                    concurrency: Campaign.concurrency,
                    environment: ["WINGMAN_LOAD_TROUBLE": trouble]
                )
                try await body(campaign, worker)
            }
        }

        private static func expectAllDone(_ campaign: Campaign) async throws {
            campaign.expectAccounts(duplicatesUpTo: 0)
            #expect(try await campaign.inFlight() == 0)
            #expect(try await campaign.count("LLEN", "queue:default") == 0)
        }

        /// Core parts run as they were started.
        private static func expectCoreUntouched(_ tree: [String: String]) {
            for name in Self.core {
                #expect(tree[name]?.contains("running") == true, "\(name): \(tree[name] ?? "is missing")")
                #expect(tree[name]?.contains("incarnation") == false, "\(name) was started again")
            }
        }

        /// What `status` says of a service or a check, once it says anything.
        private static func trouble(on server: RedisServer, with name: String) async throws -> String? {
            try await eventually("status to name \(name)") {
                let status = try await ChildProcess.start(
                    try BuiltProducts.path("wingman-load"),
                    ["status", "--json", "--store", server.url]
                )
                #expect(try await status.waitForExit() == .exited(0))
                let report = try JSONDecoder().decode(Status.self, from: Data(status.output.utf8))
                return report.processes.first?.troubles[name]
            } until: { trouble in
                trouble != nil
            }
        }

        private struct Status: Decodable {
            struct Process: Decodable { let troubles: [String: String] }
            let processes: [Process]
        }

        /// The tree as the process prints it, by name, once `name` is in `state`.
        private static func tree(
            of worker: LoadWorker,
            until name: String,
            is state: String
        ) async throws -> [String: String] {
            try await eventually("\(name) to be \(state)") {
                worker.child.signal(.dump)
                return Self.lastTree(worker.child.error)
            } until: { tree in
                tree[name]?.hasPrefix(state) == true
            }
        }

        /// Name and details of each node, from the last tree that was printed whole.
        private static func lastTree(_ text: String) -> [String: String] {
            let lines = text.split(separator: "\n")
            guard let end = lines.lastIndex(where: { $0.contains("─ orchestrator ") }) else { return [:] }
            guard let start = lines[...end].lastIndex(where: { $0.hasPrefix("wingman ") }) else { return [:] }
            var tree: [String: String] = [:]
            for line in lines[start...end] {
                let node = line.drop { "│├└─ ".contains($0) }
                let name = node.prefix { $0 != " " }
                tree[String(name)] = String(node.dropFirst(name.count).drop { $0 == " " })
            }
            return tree
        }
    }
}
