import TestSupport
import Testing

extension InteropTests {
    /// The command line and the orchestrator, fed by other programs.
    @Suite struct CommandTests {
        @Test func runUntilEmptyEndsWhenNothingIsQueuedDueOrRunning() async throws {
            try await Stage.with { stage in
                let jobs = (0..<100).map { number in stage.record.arguments("queued-\(number)", after: 5) }
                try await LoadWorker.enqueue("Record", each: jobs, on: stage.server)
                let due = stage.record.arguments("due")
                _ = try await stage.ruby.push([#"{"how":"at","seconds":-5,"class":"Record","args":\#(due)}"#])
                let later = #"{"how":"in","seconds":3600,"class":"NoOp","args":[]}"#
                let jid = try await stage.ruby.push([later])[0]

                let executable = try BuiltProducts.path("wingman-load")
                let words = ["run", "--store", stage.server.url, "-c", "5", "--until-empty"]
                try await ChildProcess.succeed(executable, words)
                #expect(stage.record.lines.count == 101)
                #expect(try await stage.ruby.inspect()["scheduled"].elements.map { $0["jid"] } == [.string(jid)])
            }
        }

        @Test func messagesReachTheServiceTheyNameAndOthersTheDeadLetters() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let messages = (0..<200).map { number in
                    #"{"client":"recorder","body":{"path":"\#(stage.record.path)","line":"message-\#(number)"}}"#
                }
                let bad = [#"{"client":"nobody","body":1}"#, "{this is no JSON", "[]", #"{"body":1}"#]
                for message in messages + bad { try await stage.server.cli("LPUSH", "requests", message) }
                try await stage.record.waitForLines(200)
                try await eventually("the dead letters") {
                    try await stage.server.cli("LLEN", "requests:dead") == "\(bad.count)"
                }
                #expect(worker.child.isRunning)
                #expect(try await worker.stop() == .exited(0))
                #expect(stage.record.lines.count == 200)
                #expect(try await stage.server.cli("LLEN", "requests") == "0")
            }
        }

        @Test func theTreeNamesEveryPart() async throws {
            try await Stage.with { stage in
                let executable = try BuiltProducts.path("wingman-load")
                let tree = try await ChildProcess.succeed(executable, ["tree", "--store", stage.server.url])
                for part in ["wingman", "store", "heartbeat", "jobs", "plugins", "orchestrator", "recorder"] {
                    #expect(tree.contains(part), "\(part) is missing in:\n\(tree)")
                }
            }
        }
    }
}
