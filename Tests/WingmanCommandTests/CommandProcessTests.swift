import Foundation
import TestSupport
import Testing

/// The command line of a real program, `wingman-load`, against a real server.
@Suite("The command line of a program", .serialized)
struct CommandProcessTests {
    private struct Tree: Decodable {
        var name: String
        var children: [Tree]

        /// Names in the order they are drawn.
        var names: [String] { [self.name] + self.children.flatMap(\.names) }
    }

    private struct TreeReport: Decodable {
        var tree: Tree
    }

    private struct Job: Decodable {
        var jid: String
        var queue: String
        var at: Double?
    }

    @Test("plans the tree that a running process then shows")
    func tree() async throws {
        try await RedisServer.with { server in
            let planned = try await Self.command("tree", "--json")
            let report = try JSONDecoder().decode(TreeReport.self, from: Data(planned.output.utf8))
            let worker = try await LoadWorker.start(on: server)
            let drawn = try await eventually("the whole tree") {
                worker.child.signal(.dump)
                return Self.lastTree(worker.child.error)
            } until: { drawn in
                drawn.last == report.tree.names.last
            }
            #expect(drawn == report.tree.names)
            #expect(try await worker.stop() == .exited(0))
        }
    }

    @Test("pushes a job and prints its jid, for now and for later")
    func enqueue() async throws {
        try await RedisServer.with { server in
            let now = try await Self.command("enqueue", "NoOp", on: server)
            #expect(now.status == .exited(0))
            let job = try Self.job(try await server.cli("LRANGE", "queue:default", "0", "-1"))
            #expect(job.jid == now.output)
            let later = try await Self.command(
                "enqueue",
                "NoOp",
                "[]",
                "-q",
                "low",
                "--in",
                "3600",
                "--json",
                on: server
            )
            let scheduled = try Self.job(try await server.cli("ZRANGE", "schedule", "0", "-1"))
            #expect(later.output == "{\"jid\":\"\(scheduled.jid)\"}")
            #expect(scheduled.queue == "low")
            let due = try await server.cli("ZSCORE", "schedule", try await server.cli("ZRANGE", "schedule", "0", "-1"))
            #expect(abs((Double(due) ?? 0) - Date().timeIntervalSince1970 - 3_600) < 60)
        }
    }

    @Test("pushes the lines of the standard input in order, and names those that are no arguments")
    func lines() async throws {
        try await RedisServer.with { server in
            let input = (1...2_500).map { "[\($0)]" }.joined(separator: "\n") + "\nnonsense\n\n{}\n[2501]"
            let outcome = try await Self.command("enqueue", "Sleep", "--stdin", on: server, input: input)
            #expect(outcome.status == .exited(65))
            #expect(outcome.output == "pushed 2501, bad lines 2")
            let complaints = outcome.error.split(separator: "\n")
            #expect(complaints.map { $0.prefix { $0 != ":" } } == ["line 2501", "line 2503"])
            #expect(try await server.cli("LLEN", "queue:default") == "2501")
            #expect(try await server.cli("LINDEX", "queue:default", "-1").contains("\"args\":[1],"))
            #expect(try await server.cli("LINDEX", "queue:default", "0").contains("\"args\":[2501],"))
        }
    }

    @Test("ends with a code of its own for each kind of trouble, and never shows a password")
    func trouble() async throws {
        let unreachable = try await Self.command("run", "--store", "redis://user:sesame@127.0.0.1:1")
        #expect(unreachable.status == .exited(69))
        #expect(!(unreachable.output + unreachable.error).contains("sesame"))
        let malformed = try await Self.command("status", "--store", "redis://user:sesame@127.0.0.1:none")
        #expect(malformed.status == .exited(78))
        #expect(!malformed.error.contains("sesame"))
        #expect(try await Self.command("run", "-c", "0", "--store", "redis://127.0.0.1:1").status == .exited(78))
        #expect(try await Self.command("enqueue", "NoOp", "{}", "--store", "redis://127.0.0.1:1").status == .exited(65))
        #expect(try await Self.command("fly").status == .exited(64))
        #expect(try await Self.command("check").status == .exited(0))
    }

    @Test("tells what is where, as text and as JSON")
    func status() async throws {
        try await RedisServer.with(RedisServer.Options(password: "sesame")) { server in
            _ = try await Self.command("enqueue", "NoOp", on: server)
            let text = try await Self.command("status", on: server)
            #expect(text.output.contains("default     1"))
            let json = try await Self.command("status", "--json", on: server)
            #expect(json.output.contains("\"queues\":{\"default\":1}"))
            #expect(!(text.output + json.output).contains("sesame"))
        }
    }

    private static func command(
        _ words: String...,
        on server: RedisServer? = nil,
        input: String? = nil
    ) async throws -> ChildProcess.Outcome {
        let store = server.map { ["--store", $0.url] } ?? []
        let environment = ["WINGMAN_STORE": "", "REDIS_URL": ""]
        let executable = try BuiltProducts.path("wingman-load")
        return try await ChildProcess.run(executable, words + store, environment: environment, input: input)
    }

    private static func job(_ text: String) throws -> Job {
        try JSONDecoder().decode(Job.self, from: Data(text.utf8))
    }

    /// The names in the tree that was drawn last, as far as it was read.
    private static func lastTree(_ text: String) -> [String] {
        let lines = text.split(separator: "\n")
        guard let start = lines.lastIndex(where: { $0.hasPrefix("wingman ") }) else { return [] }
        return lines[start...].compactMap(Self.nodeName)
    }

    /// The name in a line of a drawn tree; nil for a line of the log.
    private static func nodeName(_ line: Substring) -> String? {
        let isDrawn = line.hasPrefix("wingman ") || ["├", "└", "│", "    "].contains { line.hasPrefix($0) }
        return isDrawn ? line.drop { " │├└─".contains($0) }.split(separator: " ").first.map(String.init) : nil
    }
}
