import Supervision
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanScheduler

@Suite("A scheduler whose Redis goes away", .serialized)
struct OutageTests {
    @Test(
        "waits for it, and then the policy decides about what was missed",
        arguments: [(CatchUp.skip, 0), (.latest, 0), (.all(limit: 2), 2)]
    )
    func outage(policy: CatchUp, expected: Int) async throws {
        try await RedisServer.with(RedisServer.Options(isDurable: true)) { server in
            let store = try await StoreTests.open(server.url)
            let rig = Rig(store: store, time: TimerThread.shared)
            let process = rig.start {
                Every(.seconds(1)) { Sweep() }.catchUp(policy).grace(.zero)
            }
            try await eventually("two jobs") {
                try await rig.jobs().count
            } until: {
                $0 >= 2
            }
            let killed = try await rig.keys.now()
            try await Self.absence(of: server, noticedIn: rig.log)
            let history = try await eventually("the absence to be told") {
                try await rig.record("Sweep")?.history ?? []
            } until: { entries in
                entries.contains { $0.kind == .missed && $0.on > killed }
            }
            let first = try #require(history.first { $0.kind == .missed && $0.on > killed })
            try await eventually("two more in time") {
                try await rig.jobs().filter { $0.member.late < 1_000 && $0.at > first.at }.count
            } until: {
                $0 >= 2
            }
            await process.stop()
            let jobs = try await rig.jobs()
            // A schedule of every second has always one within the grace: that is the latest, and nothing late is made up.
            // A stall of this machine is another absence, judged by itself: what was enqueued at the same look counts.
            let late = history.filter { $0.kind == .enqueued && $0.on == first.on && $0.on - $0.at * 1_000 > 1_000 }
            #expect(late.count == expected)
            #expect(Set(jobs.map(\.jid)).count == jobs.count)
            await store.close()
        }
    }

    /// Takes the server away for four occurrences and more.
    private static func absence(of server: RedisServer, noticedIn log: LogRecord) async throws {
        try await server.kill()
        try await eventually("the scheduler to notice") {
            log.messages
        } until: {
            $0.contains("store unavailable, trying again")
        }
        let left = TimerThread.shared.now
        try await eventually("five seconds") {
            TimerThread.shared.now - left
        } until: {
            $0 > .seconds(5)
        }
        try await server.restart()
        try await eventually("it to go on") {
            log.messages
        } until: {
            $0.contains("store available again")
        }
    }
}
