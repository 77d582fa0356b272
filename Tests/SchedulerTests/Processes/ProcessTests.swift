import Foundation
import Supervision
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanScheduler

/// Real workers on real stores, each with `Every(.seconds(1)) { Tick(…) }`. They take jobs of another queue only, so that
/// what was enqueued can be counted.
@Suite("A schedule that many processes have", .serialized)
struct ProcessTests {
    @Test(
        "is enqueued exactly once an occurrence, with processes killed and suspended meanwhile",
        arguments: StoreTests.Kind.allCases
    )
    func once(kind: StoreTests.Kind) async throws {
        try await Self.with(kind) { url, rig in
            var workers: [ChildProcess] = []
            for _ in 0..<8 { workers.append(try await Self.worker(url)) }
            try await eventually("the first jobs") {
                try await rig.jobs().count
            } until: {
                $0 >= 2
            }
            // One is suspended and comes back, two die.
            workers[0].signal(.freeze)
            try await workers[1].kill9()
            try await workers[2].kill9()
            let before = try await rig.jobs().count
            try await eventually("more jobs") {
                try await rig.jobs().count
            } until: {
                $0 >= before + 4
            }
            workers[0].signal(.resume)
            let then = try await rig.jobs().count
            // A thousand seconds when asked for: WINGMAN_SCHEDULER_FULL=1.
            try await eventually("still more jobs", within: Self.patience) {
                try await rig.jobs().count
            } until: {
                $0 >= then + Self.rest
            }
            for worker in workers.dropFirst(3) + [workers[0]] {
                worker.signal(.terminate)
                #expect(try await worker.waitForExit() == .exited(0))
            }
            let occurrences = try await rig.jobs().map(\.at)
            let first = try #require(occurrences.first)
            #expect(occurrences == Array(first..<first + occurrences.count))
        }
    }

    @Test("is shown and steered from the command line", arguments: StoreTests.Kind.allCases)
    func commands(kind: StoreTests.Kind) async throws {
        try await Self.with(kind) { url, rig in
            let worker = try await Self.worker(url)
            try await eventually("a job") {
                try await rig.jobs().count
            } until: {
                $0 >= 1
            }
            let list = try await Self.cron(url, "list")
            #expect(list.contains("Tick") && list.contains("@every 1s") && list.contains("waiting"))
            _ = try await Self.cron(url, "pause", "Tick")
            #expect(try await Self.cron(url, "list", "--json").contains("\"state\":\"paused\""))
            #expect(try await Self.cron(url, "resume", "Tick").contains("goes on"))
            let jid = try await Self.cron(url, "run", "Tick").trimmingSuffix(while: \.isNewline)
            #expect(try await rig.jobs().contains { $0.jid == jid })
            #expect(try await Self.cron(url, "history", "Tick").contains("manual"))
            _ = try await Self.cron(
                url,
                "add",
                "nightly",
                "--spec",
                "0 4 * * * Europe/Berlin",
                "--class",
                "Nightly",
                "--args",
                "[1]"
            )
            #expect(try await Self.cron(url, "next", "nightly", "-n", "2").contains("T04:00:00 Europe/Berlin"))
            #expect(try await Self.cron(url, "remove", "nightly").contains("is removed"))
            worker.signal(.terminate)
            #expect(try await worker.waitForExit() == .exited(0))
        }
    }

    @Test("is checked and explained without a store")
    func withoutStore() async throws {
        let nowhere = "redis://127.0.0.1:1"
        #expect(try await Self.cron(nil, "check").contains("1 schedules are sound"))
        #expect(try await Self.cron(nil, "explain", "0 4 * * sun Europe/Berlin").contains("t 04:00 on Sunday"))
        let next = try await Self.cron(
            nil,
            "next",
            "--spec",
            "30 2 * * *",
            "--zone",
            "America/New_York",
            "--after",
            "2026-03-07T12:00",
            "-n",
            "2"
        )
        #expect(next.contains("2026-03-08T07:00:00Z") && next.contains("2026-03-09T06:30:00Z"))
        let simulated = try await Self.cron(nil, "simulate", "--from", "2026-03-01", "--to", "2026-03-01T00:00:03Z")
        #expect(simulated.split(separator: "\n").count == 4)
        await #expect(throws: (any Error).self) { try await Self.cron(nowhere, "list") }
    }

    // MARK: Parts

    private static let isFull = ProcessInfo.processInfo.environment["WINGMAN_SCHEDULER_FULL"] != nil
    private static let rest = Self.isFull ? 1_000 : 3
    private static let patience = Duration.seconds(Self.isFull ? 1_200 : 60)

    private static func with(
        _ kind: StoreTests.Kind,
        _ body: (String, Rig<TimerThread>) async throws -> Void
    ) async throws {
        switch kind {
        case .redis:
            try await RedisServer.with { server in
                try await Self.run(server.url, body)
            }
        case .sqlite:
            let directory = try TemporaryDirectory("scheduler")
            defer { directory.remove() }
            try await Self.run("sqlite:\(directory.file("store.db"))", body)
        }
    }

    private static func run(_ url: String, _ body: (String, Rig<TimerThread>) async throws -> Void) async throws {
        let store = try await StoreTests.open(url)
        try await body(url, Rig(store: store, time: TimerThread.shared))
        await store.close()
    }

    private static let environment = ["WINGMAN_LOAD_TICKS": "/dev/null", "WINGMAN_SCHEDULER_GENERATION": "1"]

    private static func worker(_ url: String) async throws -> ChildProcess {
        try await ChildProcess.start(
            try BuiltProducts.path("wingman-load"),
            ["run", "--store", url, "-c", "1", "-q", "unused"],
            environment: Self.environment
        )
    }

    /// What a `cron` command prints.
    @discardableResult
    private static func cron(_ url: String?, _ words: String...) async throws -> String {
        try await ChildProcess.succeed(
            try BuiltProducts.path("wingman-load"),
            ["cron"] + words + (url.map { ["--store", $0] } ?? []),
            environment: Self.environment
        )
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
