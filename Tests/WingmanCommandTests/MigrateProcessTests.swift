import Foundation
import TestSupport
import Testing

/// `migrate` of a real program: what it refuses, by which code, and what it says one can do.
@Suite("The command migrate", .serialized)
struct MigrateProcessTests {
    /// A file that exists and holds so many jobs.
    private static func file(in directory: TemporaryDirectory, _ name: String, jobs: Int = 0) async throws -> String {
        let url = "sqlite:\(directory.file(name))"
        let lines = (0..<jobs).map { "[\($0)]\n" }.joined()
        let outcome = try await Self.command("enqueue", "--store", url, "Moved", "--stdin", input: lines)
        #expect(outcome.status == .exited(0), "\(outcome.error)")
        return url
    }

    private static func queued(_ url: String) async throws -> Int {
        let status = try await Self.command("status", "--json", "--store", url).output
        let number = status.split(separator: "\"default\":").dropFirst().first?.prefix { $0.isNumber }
        return number.flatMap { Int($0) } ?? 0
    }

    private static func command(_ words: String..., input: String? = nil) async throws -> ChildProcess.Outcome {
        let environment = ["WINGMAN_STORE": "", "REDIS_URL": ""]
        let program = try BuiltProducts.path("wingman-load")
        return try await ChildProcess.run(program, words, environment: environment, input: input)
    }

    private static func with(_ body: (TemporaryDirectory) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("migrate-command")
        defer { directory.remove() }
        try await body(directory)
    }

    @Test("refuses while a process works on either store, names it, and moves all the same by --force")
    func active() async throws {
        try await Self.with { directory in
            let from = try await Self.file(in: directory, "from.db", jobs: 20)
            let idle = try await Self.file(in: directory, "idle.db")
            let program = try BuiltProducts.path("wingman-load")
            // It serves another queue: the jobs stay for us.
            let worker = try await ChildProcess.start(program, ["run", "--store", from, "-q", "other"])
            let name = try await Self.registered(on: from)
            for (source, target) in [(from, idle), (idle, from)] {
                let refused = try await Self.command("migrate", "--from", source, "--to", target)
                #expect(refused.status == .exited(75))
                #expect(refused.error.contains("\(from): still used by \(name); stop them first"))
                #expect(refused.error.contains("--force"))
                #expect(try await Self.queued(from) == 20)
            }
            // The worker's orchestrator keeps something of its own: who has which role.
            try await worker.waitForLine(containing: "role taken")
            let forced = try await Self.command("migrate", "--from", from, "--to", idle, "--force", "--json")
            #expect(forced.status == .exited(0))
            #expect(forced.output.hasPrefix(#"{"keysLeft":{"orchestrator":"#), "\(forced.output)")
            #expect(forced.output.hasSuffix(#"},"moved":20}"#), "\(forced.output)")
            #expect(try await Self.queued(idle) == 20)
            worker.signal(.terminate)
            #expect(try await worker.waitForExit() == .exited(0))
            let back = try await Self.command("migrate", "--from", idle, "--to", from)
            #expect(back.status == .exited(0), "nobody works any more: \(back.error)")
            #expect(back.output == "moved 20 jobs")
        }
    }

    @Test("refuses while jobs are in flight in a process that died, and says how they come back")
    func inFlight() async throws {
        try await Self.with { directory in
            let from = try await Self.file(in: directory, "from.db")
            let target = try await Self.file(in: directory, "to.db")
            let record = RecordFile(in: directory)
            let program = try BuiltProducts.path("wingman-load")
            try await ChildProcess.succeed(program, ["enqueue", "--store", from, "Record", record.arguments("a")])
            try await ChildProcess.succeed(program, ["enqueue", "--store", from, "Sleep", "[600000]"])
            let worker = try await ChildProcess.start(program, ["run", "--store", from, "-c", "1"])
            try await record.waitForLines(1)
            try await eventually("the second job to be claimed") {
                try await Self.command("status", "--json", "--store", from).output.contains(#""inFlight":1"#)
            }
            try await worker.kill9()
            let refused = try await Self.command("migrate", "--from", from, "--to", target)
            #expect(refused.status == .exited(75))
            #expect(refused.error.contains("1 jobs are in flight"))
            #expect(refused.error.contains("start a worker on it"))
        }
    }

    @Test("finds that both URLs mean one store, however they are spelt")
    func sameStore() async throws {
        try await Self.with { directory in
            let file = try await Self.file(in: directory, "one.db", jobs: 5)
            let link = directory.file("link.db")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory.file("one.db"))
            let spellings = [
                file, "\(file)?synchronous=normal", "sqlite:\(link)", "sqlite://\(directory.path)/./one.db",
                "sqlite:\(directory.path)/../\((directory.path as NSString).lastPathComponent)/one.db",
            ]
            for other in spellings {
                let refused = try await Self.command("migrate", "--from", file, "--to", other, "--force")
                #expect(refused.status == .exited(64), "\(other)")
                #expect(refused.error.contains("the same store"), "\(refused.error)")
            }
            #expect(try await Self.queued(file) == 5)
        }
    }

    @Test(
        "says which URL is wrong, by a code of its own, and never shows a password",
        arguments: [
            ("http://somewhere", Int32(78)), ("sqlite:", 78), ("sqlite:store.db?colour=red", 78),
            ("redis://user:sesame@127.0.0.1:none", 78), ("redis://user:sesame@127.0.0.1:1", 69),
            ("sqlite:/proc/nowhere/store.db", 69),
        ]
    )
    func badURLs(_ url: String, _ code: Int32) async throws {
        try await Self.with { directory in
            let good = try await Self.file(in: directory, "good.db", jobs: 1)
            for (from, target) in [(url, good), (good, url)] {
                let outcome = try await Self.command("migrate", "--from", from, "--to", target)
                #expect(outcome.status == .exited(code), "\(outcome.error)")
                #expect(!outcome.error.isEmpty)
                #expect(!(outcome.output + outcome.error).contains("sesame"))
            }
            #expect(try await Self.command("migrate", "--from", good).status == .exited(64))
            #expect(try await Self.queued(good) == 1)
        }
    }

    @Test("refuses to move from a file that is not there, names it, and makes none")
    func missingSource() async throws {
        try await Self.with { directory in
            let good = try await Self.file(in: directory, "good.db", jobs: 1)
            let mistyped = directory.file("below/goood.db")
            let refused = try await Self.command("migrate", "--from", "sqlite:\(mistyped)", "--to", good)
            #expect(refused.status == .exited(69))
            #expect(refused.error.contains("there is no file at \(mistyped)"), "\(refused.error)")
            #expect(refused.error.contains("Check its name"))
            #expect(!FileManager.default.fileExists(atPath: directory.file("below")))
            // The target is for it to make.
            let moved = try await Self.command("migrate", "--from", good, "--to", "sqlite:\(mistyped)")
            #expect(moved.status == .exited(0), "\(moved.error)")
            #expect(moved.output == "moved 1 jobs")
        }
    }

    @Test("says which plugins' keys it leaves behind, and leaves them")
    func keysLeft() async throws {
        try await Self.with { directory in
            let from = try await Self.file(in: directory, "from.db", jobs: 2)
            let target = "sqlite:\(directory.file("to.db"))"
            let program = try BuiltProducts.path("wingman-load")
            // So it has the Scheduler, and the command to add a schedule.
            let environment = ["WINGMAN_LOAD_TICKS": directory.file("ticks")]
            let words = ["cron", "add", "--store", from, "nightly", "--spec", "0 4 * * *", "--class", "Moved"]
            let added = try await ChildProcess.run(program, words, environment: environment)
            #expect(added.status == .exited(0), "\(added.error)")
            let moved = try await Self.command("migrate", "--from", from, "--to", target)
            #expect(moved.status == .exited(0), "\(moved.error)")
            #expect(
                moved.output.hasPrefix("moved 2 jobs\nkeys of plugins that stay behind: scheduler "),
                "\(moved.output)"
            )
            #expect(moved.output.contains("these plugins begin anew"))
            let again = try await Self.command("migrate", "--from", from, "--to", target, "--json")
            #expect(again.output.hasPrefix(#"{"keysLeft":{"scheduler":"#), "\(again.output)")
        }
    }

    @Test("stops at something in its holding list that is not its own, and moves nothing over it")
    func foreignHolding() async throws {
        try await RedisServer.with { server in
            try await Self.with { directory in
                let target = try await Self.file(in: directory, "to.db")
                _ = try await server.cli("LPUSH", "wingman:migration", "not ours")
                let program = try BuiltProducts.path("wingman-load")
                try await ChildProcess.succeed(program, ["enqueue", "--store", server.url, "Moved", "[1]"])
                let outcome = try await Self.command("migrate", "--from", server.url, "--to", target)
                #expect(outcome.status == .exited(69))
                #expect(outcome.error.contains("wingman:migration"))
                #expect(try await server.cli("LLEN", "queue:default") == "1")
                #expect(try await server.cli("LRANGE", "wingman:migration", "0", "-1") == "not ours")
            }
        }
    }

    /// The identity of the one process that works on a store.
    private static func registered(on url: String) async throws -> String {
        let found = try await eventually("a process to register itself") { () -> String? in
            let status = try await Self.command("status", "--json", "--store", url).output
            return status.split(separator: #""process":""#).dropFirst().first?.split(separator: "\"").first.map(
                String.init
            )
        } until: {
            $0 != nil
        }
        return found ?? ""
    }
}
