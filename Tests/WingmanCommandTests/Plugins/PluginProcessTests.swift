import Foundation
import TestSupport
import Testing

/// Plugins in real processes: `wingman-load` with `queue-latency` in its list, or with one that is ill.
@Suite("Plugins in a process", .serialized, .timeLimit(.minutes(5)))
struct PluginProcessTests {
    private static let measuring = ["WINGMAN_LOAD_LATENCY": "1"]

    private static func command(
        _ words: String...,
        environment: [String: String] = Self.measuring
    ) async throws -> ChildProcess.Outcome {
        let common = ["WINGMAN_STORE": "", "REDIS_URL": "", "WINGMAN_CONFIG": ""]
        return try await ChildProcess.run(
            try BuiltProducts.path("wingman-load"),
            words,
            environment: common.merging(environment) { $1 }
        )
    }

    @Test("take options from a file, and above it from the environment; the table says which")
    func options() async throws {
        let directory = try TemporaryDirectory("plugins")
        defer { directory.remove() }
        let file = directory.file("worker.json")
        try Data(#"{"plugins":{"queue-latency":{"limit":"5s","interval":"2s"}}}"#.utf8).write(
            to: URL(fileURLWithPath: file)
        )
        let environment = ["WINGMAN_LOAD_LATENCY": "1", "WINGMAN_QUEUE_LATENCY_INTERVAL": "1s"]
        let table = try await Self.command("plugins", "queue-latency", "-C", file, environment: environment)
        #expect(table.status == .exited(0))
        let rows = table.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.contains { $0.prefix(5) == ["limit", "duration", "1m", "5s", "plugins.queue-latency.limit"] })
        #expect(
            rows.contains { $0.prefix(5) == ["interval", "duration", "10s", "1s", "WINGMAN_QUEUE_LATENCY_INTERVAL"] }
        )
        #expect(table.output.contains("built in (WingmanQueueLatency)"))
    }

    @Test("with faults in options stop every command with 78, all faults in one message, before anything is connected")
    func faults() async throws {
        let directory = try TemporaryDirectory("plugins")
        defer { directory.remove() }
        let file = directory.file("worker.json")
        try Data(#"{"plugins":{"queue-latency":{"limti":"5s","interval":7},"orchestratr":{}}}"#.utf8)
            .write(to: URL(fileURLWithPath: file))
        let environment = ["WINGMAN_LOAD_LATENCY": "1", "WINGMAN_QUEUE_LATENCY_LIMIT": "sesame"]
        for command in ["check", "run", "status"] {
            let outcome = try await Self.command(command, "-C", file, environment: environment)
            #expect(outcome.status == .exited(78))
            #expect(outcome.error.contains("configuration, 4 faults:"))
            for fault in [
                "plugin queue-latency: WINGMAN_QUEUE_LATENCY_LIMIT must be a duration such as 250ms, 5s, 2m, 1h or 1d",
                "plugin queue-latency: plugins.queue-latency.interval of \(file) must be a duration",
                "\(file): no plugin \"orchestratr\" is listed, did you mean \"orchestrator\"?",
                "\(file): plugin queue-latency has no option \"limti\", did you mean \"limit\"?",
            ] {
                #expect(outcome.error.contains(fault))
            }
            #expect(!outcome.error.contains("sesame"))
        }
    }

    @Test("that refuse to be configured keep the program from starting, with 78")
    func refusal() async throws {
        for command in ["check", "run"] {
            let outcome = try await Self.command(command, environment: ["WINGMAN_LOAD_TROUBLE": "refuse"])
            #expect(outcome.status == .exited(78))
            #expect(outcome.error.contains("plugin troublemaker: the troublemaker refuses"))
        }
    }

    @Test("may have a service in one process at a time: when that dies, another one follows, under a larger number")
    func leader() async throws {
        try await RedisServer.with { server in
            try await LoadWorker.enqueue("NoOp", on: server)
            let one = try await Self.measuringWorker(on: server)
            let other = try await Self.measuringWorker(on: server)
            let first = try await Self.office([one, other])
            let second = first.identity == one.identity ? other : one
            #expect(!Self.warns(second))
            try await Self.expectStates(on: server)
            try await first.child.kill9()
            // The office is held for fifteen seconds, and asked for every five.
            _ = try await Self.office([second])
            #expect(try await second.stop() == .exited(0))
        }
    }

    /// One process measures, the other one stands by.
    private static func expectStates(on server: RedisServer) async throws {
        try await eventually("both processes to tell how they fare") {
            let states = try await Self.command("plugins", "queue-latency", "--running", "--store", server.url).output
            return states.contains("running") && states.contains("standby")
        }
    }

    /// A worker that works on another queue, so that the job stays where it is, and warns about it after a second.
    private static func measuringWorker(on server: RedisServer) async throws -> LoadWorker {
        let environment = [
            "WINGMAN_LOAD_LATENCY": "1", "WINGMAN_QUEUE_LATENCY_LIMIT": "1s", "WINGMAN_QUEUE_LATENCY_INTERVAL": "1s",
        ]
        return try await LoadWorker.start(on: server, queues: ["other"], environment: environment)
    }

    private static func warns(_ worker: LoadWorker) -> Bool { worker.child.error.contains("jobs wait too long") }

    /// The worker that measures, once there is one.
    private static func office(_ workers: [LoadWorker]) async throws -> LoadWorker {
        let found = try await eventually("a worker to measure the queues", within: .seconds(60)) {
            workers.first { Self.warns($0) }
        } until: { worker in
            worker != nil
        }
        return try #require(found)
    }

    @Test("that do not answer for their health are shown as unhealthy, and the process works and stops")
    func health() async throws {
        try await RedisServer.with { server in
            let worker = try await LoadWorker.start(on: server, environment: ["WINGMAN_LOAD_TROUBLE": "hang-health"])
            try await LoadWorker.enqueue("NoOp", on: server)
            try await eventually("the job to be done and the check to be told") {
                let states = try await Self.command(
                    "plugins",
                    "--running",
                    "--store",
                    server.url,
                    environment: ["WINGMAN_LOAD_TROUBLE": "hang-health"]
                )
                return states.output.contains("pulse unhealthy: no answer within 200ms")
            }
            try await eventually("the job to be done") { try await server.cli("LLEN", "queue:default") == "0" }
            #expect(try await worker.stop() == .exited(0))
        }
    }

    @Test("that throw when they are told to stop do not spoil the stop")
    func stop() async throws {
        try await RedisServer.with { server in
            let worker = try await LoadWorker.start(on: server, environment: ["WINGMAN_LOAD_TROUBLE": "throw-stop"])
            #expect(try await worker.stop() == .exited(0))
            #expect(try await server.cli("SMEMBERS", "processes").isEmpty)
        }
    }
}
