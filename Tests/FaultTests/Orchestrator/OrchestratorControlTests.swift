import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// Control and dead letters by the program's own command line.
    @Suite struct OrchestratorControlTests {
        /// Every lane is jammed, and jobs compute on every core.
        @Test func aJammedProcessAnswersAndCanBeUnjammed() async throws {
            try await InboundCampaign.with { campaign in
                let cores = ProcessInfo.processInfo.activeProcessorCount
                let worker = try await campaign.startWorker(concurrency: cores + 2, stopTimeout: 1)
                let clients = ["ledger", "ledger-2", "crowd", "keyed"]
                for client in clients {
                    try await campaign.push(
                        (0..<10).map {
                            campaign.message("\($0)", to: client, id: "\(client)-\($0)", ["gate": campaign.gate])
                        }
                    )
                }
                try await campaign.push((0..<10).map { #"{"client":"hanging","id":"hanging-\#($0)","body":{}}"# })
                try await eventually("every lane to be jammed") {
                    let shown = try await campaign.bodies("stats").first?["clients"] as? [String: [String: Any]]
                    return (clients + ["hanging"]).allSatisfy { (shown?[$0]?["in_flight"] as? Int ?? 0) > 0 }
                }
                try await LoadWorker.enqueue(
                    "Spin",
                    each: (0..<cores + 2).map { "[\(600_000 + $0)]" },
                    on: campaign.server
                )
                try await eventually("computing jobs on every core") {
                    try await campaign.server.cli("HGET", worker.identity, "busy") == "\(cores)"
                }

                let ping = try await campaign.orchestrator("ping")
                #expect(ping.status == .exited(0), "\(ping.error)")
                #expect(ping.output.contains("\(worker.identity)  \(worker.child.pid)"))
                #expect(try await campaign.orchestrator("tree").output.contains("orchestrator-control"))
                #expect(try await campaign.orchestrator("pause", "crowd").status == .exited(0))
                let statistics = try await campaign.bodies("stats").first?["clients"] as? [String: [String: Any]]
                #expect(statistics?["crowd"]?["is_paused"] as? Bool == true)
                #expect(try await campaign.orchestrator("quiet", "--all").status == .exited(0))
                #expect(try await campaign.bodies("ping").first?["is_quiet"] as? Bool == true)
                // Its services wait for the pool that the jobs hold, each for its budget: a stop would take minutes.
                try await worker.child.kill9()
            }
        }

        @Test func aHangingMessageIsCancelledAndTheNextHasItsTurn() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                try await campaign.push((1...2).map { #"{"client":"hanging","id":"h-\#($0)","body":{}}"# })
                try await eventually("the first to be handled") {
                    try await campaign.orchestrator("cancel", "h-1").status == .exited(0)
                }
                try await eventually("the second to be handled") {
                    try await campaign.orchestrator("cancel", "h-2").status == .exited(0)
                }
                try await eventually("the dead letters") { try await campaign.count("LLEN", "requests:dead") == 2 }
                let letters = try await campaign.deadLetters()
                #expect(letters.map { $0["reason"] as? String } == ["cancelled", "cancelled"])
                #expect(letters.map { $0["id"] as? String } == ["h-1", "h-2"])
                let unknown = try await campaign.orchestrator("cancel", "h-3")
                #expect(unknown.status == .exited(65))
                #expect(unknown.error.contains("no process that was asked handles message h-3 now"))
                #expect(try await worker.stop() == .exited(0))
            }
        }

        @Test func aPausedClientWaitsInTheStoreAndProcessesToComeKnowIt() async throws {
            try await InboundCampaign.with { campaign in
                #expect(try await campaign.orchestrator("pause", "ledger").status == .exited(0))
                let worker = try await campaign.startWorker()
                try await campaign.push(campaign.message("paused"))
                try await campaign.push(campaign.message("other", to: "ledger-2"))
                try await campaign.record.waitForLines(1)
                for _ in 0..<3 { _ = try await campaign.bodies("ping") }
                #expect(campaign.record.lines == ["other"])
                #expect(try await campaign.orchestrator("resume", "ledger").status == .exited(0))
                try await campaign.record.waitForLines(2)
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        @Test func requestsAreAnsweredAndFailuresHaveTheirExitCodes() async throws {
            try await InboundCampaign.with { campaign in
                let silent = try await campaign.orchestrator(
                    "request",
                    "adder",
                    #"{"a":1,"b":2}"#,
                    "--timeout",
                    "200ms"
                )
                #expect(silent.status == .exited(75))
                #expect(silent.error.contains("no reply of \"adder\""))
                let worker = try await campaign.startWorker()
                let good = try await campaign.orchestrator("request", "adder", #"{"a":1,"b":2}"#)
                #expect(good.status == .exited(0), "\(good.error)")
                #expect(good.output == #"{"sum":3}"#)
                let typed = try await campaign.orchestrator("request", "adder", #"{"a":1,"b":"2"}"#)
                #expect(typed.status == .exited(1))
                #expect(typed.error.contains("decode_error: ") && typed.error.contains("b"))
                let dead = try await campaign.orchestrator("request", "adder", #"{"a":9223372036854775807,"b":2}"#)
                #expect(dead.status == .exited(1))
                #expect(dead.error.contains("handler_error: "))
                let nobody = try await campaign.orchestrator("request", "nobody", "1")
                #expect(nobody.status == .exited(1))
                #expect(nobody.error.contains("unknown_client: "))
                #expect(try await campaign.orchestrator("request", "adder", "{").status == .exited(65))
                #expect(try await worker.stop() == .exited(0))
                // The request that nobody waited for had its deadline, and was not begun.
                let reasons = try await campaign.deadLetters().map { $0["reason"] as? String }
                #expect(reasons == ["expired", "decode_error", "handler_error", "unknown_client"])
            }
        }

        @Test func deadLettersAreListedShownReplayedAndPurged() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                try await campaign.push(campaign.message("a", id: "m-a", ["failures": "5"]))
                try await campaign.push(#"{"client":"nobody","id":"m-b","body":1}"#)
                try await campaign.push("what is this")
                try await eventually("three dead letters") { try await campaign.count("LLEN", "requests:dead") == 3 }

                let list = try await campaign.orchestrator("dead", "list")
                #expect(list.output.split(separator: "\n").count == 4, "\(list.output)")
                let lines = try await campaign.orchestrator("dead", "list", "--json", "--reason", "max_attempts")
                let line = try InboundCampaign.json(lines.output)
                #expect(line["id"] as? String == "m-a" && line["attempts"] as? Int == 5)
                let shown = try await campaign.orchestrator("dead", "show", "m-a")
                #expect(shown.output.contains("attempt 5 fails") && shown.output.contains("message: {"))

                // Attempts are counted anew: it fails five times again, under the same id.
                #expect(try await campaign.orchestrator("dead", "replay", "m-a").output == "replayed 1")
                try await eventually("its second death") {
                    try await campaign.server.cli("LINDEX", "requests:dead", "0").contains("m-a")
                }
                #expect(try await campaign.deadLetters().last?["attempts"] as? Int == 5)
                #expect(try await campaign.orchestrator("dead", "purge", "--client", "nobody").output == "purged 1")
                #expect(try await campaign.orchestrator("dead", "purge").status == .exited(64))
                #expect(try await campaign.orchestrator("dead", "show", "m-b").status == .exited(65))
                #expect(try await campaign.orchestrator("dead", "purge", "--all").output == "purged 2")
                #expect(try await worker.stop() == .exited(0))
                try await campaign.expectNothingLeft()
            }
        }

        /// Who does not answer is named, and nobody is waited for longer than was said.
        @Test func aFrozenProcessIsTold() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                _ = try await campaign.bodies("ping")
                worker.child.signal(.freeze)
                let ping = try await campaign.orchestrator("ping", "--timeout", "300ms")
                worker.child.signal(.resume)
                #expect(ping.status == .exited(69))
                #expect(ping.error.contains("no answer within 0.3 seconds of \(worker.identity)"))
                let unknown = try await campaign.orchestrator("ping", "--process", "nobody:")
                #expect(unknown.status == .exited(65))
                #expect(try await worker.stop() == .exited(0))
            }
        }
    }

    /// The same on a store in a file, with nothing but the program itself.
    @Suite struct OrchestratorFileTests {
        @Test func messagesInAFileAreHandledAnsweredAndSurviveAKill() async throws {
            let directory = try TemporaryDirectory("orchestrator-file")
            defer { directory.remove() }
            let record = RecordFile(in: directory)
            let url = "sqlite:\(directory.file("store.db"))"
            let program = try BuiltProducts.path("wingman-load")
            let inbound = ["WINGMAN_LOAD_INBOUND": "1"]
            let start = { try await ChildProcess.start(program, ["run", "--store", url], environment: inbound) }
            let message = { (line: String, more: String) in
                #"{"client":"ledger","body":{"path":"\#(record.path)","line":"\#(line)"\#(more)}}"#
            }

            let first = try await start()
            let messages = (0..<200).map { message("\($0)", $0 == 100 ? #","death":"before""# : "") }
            try await ChildProcess.succeed(
                program,
                ["send", "requests", "--store", url],
                input: messages.joined(separator: "\n") + "\n"
            )
            #expect(try await first.waitForExit() == .signalled(Signal.kill.number))
            let second = try await start()
            try await record.waitForLines(200)
            #expect(LineOrder.overtakings(record.lines.compactMap(Int.init)) == 0)
            let reply = try await InboundCampaign.orchestrator(["request", "adder", #"{"a":1,"b":2}"#], on: url)
            #expect(reply.output == #"{"sum":3}"#, "\(reply.error)")
            #expect(try await InboundCampaign.orchestrator(["ping"], on: url).status == .exited(0))
            second.signal(.terminate)
            #expect(try await second.waitForExit() == .exited(0))
        }
    }
}
