import Foundation
import TestSupport
import Testing

/// Messages in a list, workers that have handlers of every kind, and a file that tells what was handled.
///
/// What is stored says redis-cli, what was handled says the file, what processes do says their own command line: as an
/// operator would look.
struct InboundCampaign {
    let server: RedisServer
    let record: RecordFile

    /// Runs `body` on a fresh server.
    static func with(
        _ options: RedisServer.Options = RedisServer.Options(),
        _ body: (InboundCampaign) async throws -> Void
    ) async throws {
        try await RedisServer.with(options) { server in
            try await body(InboundCampaign(server: server, record: RecordFile(in: server.directory)))
        }
    }

    /// Messages of the large campaigns: CI bears some thousands, `WINGMAN_TEST_MESSAGES=10000` is the full one.
    static var size: Int {
        ProcessInfo.processInfo.environment["WINGMAN_TEST_MESSAGES"].flatMap(Int.init) ?? 2_000
    }

    /// A worker with handlers of every kind.
    func startWorker(
        concurrency: Int = 2,
        stopTimeout: Int? = nil,
        environment: [String: String] = [:]
    ) async throws -> LoadWorker {
        try await LoadWorker.start(
            on: self.server,
            concurrency: concurrency,
            stopTimeout: stopTimeout,
            environment: environment.merging(["WINGMAN_LOAD_INBOUND": "1"]) { given, _ in given }
        )
    }

    /// As if the lease of a dead process, and the office of the rescuer, had run out meanwhile: that takes fifteen seconds.
    func expireLease(of worker: LoadWorker) async throws {
        try await self.server.cli("ZADD", "wingman:leases", "XX", "1", worker.identity)
        try await self.server.cli("HDEL", "wingman:clock", "grace")
        try await self.server.cli("DEL", "wingman:lead:rescuer")
    }

    /// Starts a worker in place of each that dies, until there are so many dead letters.
    ///
    /// - Returns: How many died.
    func replace(_ worker: inout LoadWorker, untilDeadLetters count: Int) async throws -> Int {
        var deaths = 0
        var current = worker
        try await eventually("\(count) dead letters", within: .seconds(200)) {
            if !current.child.isRunning {
                deaths += 1
                try await self.expireLease(of: current)
                current = try await self.startWorker()
            }
            return try await self.count("LLEN", "requests:dead") == count
        }
        worker = current
        return deaths
    }

    // MARK: Messages

    /// A message for one of the ledgers; `more` are members of its body, as JSON.
    func message(_ line: String, to client: String = "ledger", id: String? = nil, _ more: [String: String] = [:])
        -> String
    {
        let members = more.sorted { $0.key < $1.key }.map { #","\#($0.key)":\#($0.value)"# }.joined()
        let name = id.map { #","id":"\#($0)""# } ?? ""
        return #"{"client":"\#(client)"\#(name),"body":{"path":"\#(self.record.path)","line":"\#(line)"\#(members)}}"#
    }

    /// Pushes messages as any program does, by one redis-cli.
    func push(_ messages: [String]) async throws {
        let commands = messages.map { "LPUSH requests '\($0)'" }
        try await self.server.cli([], input: commands.joined(separator: "\n") + "\n")
    }

    func push(_ message: String) async throws {
        try await self.server.cli("LPUSH", "requests", message)
    }

    /// A file that handlers wait for, as JSON.
    var gate: String { "\"\(self.server.directory.file("gate"))\"" }

    func openGate() {
        _ = FileManager.default.createFile(atPath: self.server.directory.file("gate"), contents: nil)
    }

    // MARK: Looking

    /// What the program prints for `orchestrator …`.
    func orchestrator(_ arguments: String...) async throws -> ChildProcess.Outcome {
        try await Self.orchestrator(arguments, on: self.server.url)
    }

    static func orchestrator(_ arguments: [String], on store: String) async throws -> ChildProcess.Outcome {
        try await ChildProcess.run(
            try BuiltProducts.path("wingman-load"),
            ["orchestrator"] + arguments + ["--store", store],
            environment: ["WINGMAN_LOAD_INBOUND": "1"]
        )
    }

    /// A value of JSON that the program printed.
    static func json(_ text: some StringProtocol) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// The bodies of all answers of `orchestrator WORDS --json`.
    func bodies(_ words: String...) async throws -> [[String: Any]] {
        let outcome = try await Self.orchestrator(words + ["--json"], on: self.server.url)
        #expect(outcome.status == .exited(0), "\(outcome.error)")
        return try outcome.output.split(separator: "\n").map { line in
            try #require(try Self.json(line)["body"] as? [String: Any])
        }
    }

    func deadLetters() async throws -> [[String: Any]] {
        try await self.server.cli("LRANGE", "requests:dead", "0", "-1").split(separator: "\n").reversed().map {
            try Self.json($0)
        }
    }

    /// The tokens of what a worker holds; each ends with the list that it is from.
    func inFlight(of worker: LoadWorker) async throws -> String {
        try await self.server.cli("HKEYS", "wingman:inflight:\(worker.identity)")
    }

    /// Messages that wait, in all lists, and those that are held by anybody.
    func waiting() async throws -> Int {
        var sum = try await self.count("LLEN", "requests")
        for key in try await self.server.cli("KEYS", "requests:lane:*").split(separator: "\n") {
            sum += try await self.count("LLEN", String(key))
        }
        return sum
    }

    func count(_ command: String...) async throws -> Int {
        Int(try await self.server.cli(command)) ?? 0
    }

    /// What the process did with the messages of a client, as it says itself.
    func handled(_ client: String, by worker: LoadWorker) async throws -> [String: Int] {
        let statistics = try await self.bodies("stats", "--process", worker.identity).first
        let clients = statistics?["clients"] as? [String: [String: Any]]
        return clients?[client]?["handled"] as? [String: Int] ?? [:]
    }

    /// How often each service of the process was started again, by name; of all that its tree has.
    func restarts(of worker: LoadWorker) async throws -> [String: Int] {
        let tree = try #require(try await self.bodies("tree", "--process", worker.identity).first)
        var restarts: [String: Int] = [:]
        Self.walk(tree) { node in
            if let name = node["name"] as? String { restarts[name] = node["restarts"] as? Int ?? 0 }
        }
        return restarts
    }

    private static func walk(_ node: [String: Any], _ body: ([String: Any]) -> Void) {
        body(node)
        for child in node["children"] as? [[String: Any]] ?? [] { Self.walk(child, body) }
    }

    /// Nothing in the process was started again: whatever happened was no failure of a service.
    func expectNoRestarts(of worker: LoadWorker) async throws {
        let restarts = try await self.restarts(of: worker)
        #expect(restarts.keys.contains("orchestrator") && restarts.keys.contains("ledger"))
        #expect(restarts.filter { $0.value > 0 }.isEmpty)
    }

    /// Nothing waits, nothing is held, nothing died.
    func expectNothingLeft() async throws {
        try await eventually("the last acknowledgements") { try await Campaign.inFlight(on: self.server) == 0 }
        #expect(try await self.waiting() == 0)
        #expect(try await self.count("LLEN", "requests:dead") == 0)
    }

    /// Resident memory of a process, in KiB, as the system says.
    static func resident(_ pid: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return try #require(line?.split(separator: " ").compactMap { Int($0) }.first)
    }
}

/// What the order of lines says.
enum LineOrder {
    /// How many lines come before one that should have come first: none if no message overtook another. Messages that are
    /// handled again, after a crash, may only go back to what was handled already.
    static func overtakings(_ lines: [Int]) -> Int {
        var highest = -1
        var count = 0
        for line in lines {
            if line > highest + 1 { count += 1 }
            highest = max(highest, line)
        }
        return count
    }
}
