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
    /// A thousand seconds when asked for, with a death and a suspension in each fifty of them: SCHEDULER_TESTS_FULL=1, or
    /// =redis or =sqlite for one of the stores.
    @Test(
        "is enqueued exactly once an occurrence, with clocks a minute apart, processes killed and suspended meanwhile",
        arguments: Self.kinds
    )
    func once(kind: StoreTests.Kind) async throws {
        try await Fleet.with(kind) { url, rig in
            // Nothing may be left out by a policy: what is missing then has been lost.
            let fleet = Fleet(url, environment: ["WINGMAN_SCHEDULER_CATCH_UP": "all:1000"])
            try await fleet.start(1)
            var count = try await rig.waitForJobs(2)
            // Its clock is wrong indeed, half a minute ahead: a file has no other than its processes'. Redis has one of its own.
            let last = try #require(try await rig.jobs().last?.at)
            let now = try await rig.keys.now() / 1_000
            if Fleet.canSkew { #expect((last > now) == (kind == .sqlite)) }
            try await fleet.start(7)
            try await fleet.freeze()
            try await fleet.kill(2)
            count = try await rig.waitForJobs(count + 4)
            await fleet.resume()
            for _ in 0..<Self.rounds {
                try await fleet.kill(1)
                try await fleet.start(1)
                try await fleet.freeze()
                count = try await rig.waitForJobs(count + 25, within: Self.patience)
                await fleet.resume()
                count = try await rig.waitForJobs(count + 25, within: Self.patience)
            }
            try await rig.waitForJobs(count + 3)
            #expect(try await fleet.stop().allSatisfy { $0 == .exited(0) })
            let jobs = try await rig.jobs()
            let first = try #require(jobs.first?.at)
            #expect(jobs.map(\.at) == Array(first..<first + jobs.count))
            #expect(Set(jobs.map(\.jid)).count == jobs.count)
            if Self.rounds > 0 { print("\(kind): \(jobs.count) occurrences, each with one job") }
        }
    }

    @Test("is shown and steered from the command line", arguments: StoreTests.Kind.allCases)
    func commands(kind: StoreTests.Kind) async throws {
        try await Fleet.with(kind) { url, rig in
            let fleet = Fleet(url)
            try await fleet.start(1, skewed: false)
            try await rig.waitForJobs(1)
            try await Self.expectStatus(url)
            let list = try await Fleet.cron(url, "list")
            #expect(list.contains("Tick") && list.contains("@every 1s") && list.contains("waiting"))
            _ = try await Fleet.cron(url, "pause", "Tick")
            #expect(try await Fleet.cron(url, "list", "--json").contains("\"state\":\"paused\""))
            #expect(try await Fleet.cron(url, "resume", "Tick").contains("goes on"))
            let jid = try await Fleet.cron(url, "run", "Tick").trimmingSuffix(while: \.isNewline)
            #expect(try await rig.jobs().contains { $0.jid == jid })
            #expect(try await Fleet.cron(url, "history", "Tick").contains("manual"))
            _ = try await Fleet.cron(
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
            #expect(try await Fleet.cron(url, "next", "nightly", "-n", "2").contains("T04:00:00 Europe/Berlin"))
            #expect(try await Fleet.cron(url, "remove", "nightly").contains("is removed"))
            #expect(try await Fleet.cron(url, "skip", "Tick", "-n", "2").contains("leaves out 2"))
            let range = ["--from", "2026-03-01", "--to", "2026-03-01T00:00:10Z", "--limit", "2"]
            #expect(try await Fleet.cron(url, ["backfill", "Tick"] + range).contains("2 enqueued"))
            #expect(try await fleet.stop() == [.exited(0)])
        }
    }

    @Test("is checked and explained without a store")
    func withoutStore() async throws {
        let nowhere = "redis://127.0.0.1:1"
        #expect(try await Fleet.cron(nil, "check").contains("1 schedule is sound"))
        #expect(try await Fleet.cron(nil, "explain", "0 4 * * sun Europe/Berlin").contains("t 04:00 on Sunday"))
        let next = try await Fleet.cron(
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
        let simulated = try await Fleet.cron(nil, "simulate", "--from", "2026-03-01", "--to", "2026-03-01T00:00:03Z")
        #expect(simulated.split(separator: "\n").count == 4)
        let hashed = try await Fleet.cron(nil, "explain", "H H(2-5) * * *", "--id", "digest")
        #expect(hashed.contains("every day") && hashed.contains("At 0"))
        await #expect(throws: (any Error).self) { try await Fleet.cron(nowhere, "list") }
    }

    // MARK: Parts

    /// How long ago the loop went round, and how late it is, are told with the beats.
    private static func expectStatus(_ url: String) async throws {
        try await eventually("status to show the loop") {
            try await ChildProcess.succeed(try BuiltProducts.path("wingman-load"), ["status", "--store", url])
        } until: {
            $0.contains("scheduler/last tick") && $0.contains("s ago") && $0.contains("scheduler/lag")
        }
    }

    private static let full = ProcessInfo.processInfo.environment["SCHEDULER_TESTS_FULL"]
    private static let rounds = Self.full == nil ? 0 : 20
    private static let kinds = Self.full.flatMap(StoreTests.Kind.init).map { [$0] } ?? StoreTests.Kind.allCases
    /// The last with a clock that is ahead may have died: the others are silent for as long as it was ahead.
    private static let patience = Duration.seconds(180)
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
