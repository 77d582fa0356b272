import HiredisNIO
import Logging
import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanRedis

@Suite("Waiting in landing lists")
struct WaitTests {
    private static let long = Duration.seconds(500)

    /// Waits until `count` connections are blocked on the server.
    private static func untilBlocked(_ count: Int, _ fixture: StoreFixture) async throws {
        try await eventually("\(count) blocked clients") {
            try await fixture.redis.send("INFO", "clients").string?.contains("blocked_clients:\(count)\r\n") == true
        }
    }

    /// Waits again as a worker does, as long as the store cannot be reached.
    private static func waitThroughOutage(
        _ sources: [Source],
        _ process: ProcessID,
        _ fixture: StoreFixture
    ) async throws -> Bool {
        while true {
            do {
                return try await fixture.store.wait(for: sources, process: process, timeout: Self.long)
            } catch let error as StoreError where error.code == .unavailable {
                continue
            }
        }
    }

    @Test("What landed while a process was busy goes back, however often the store fails at first")
    func putsBackForSure() async throws {
        let failing = "if redis.call('INCR', 'test:failures') <= 3 then return redis.error_reply('LOADING test') end"
        try await RedisServer.with { server in
            let configuration = try server.configuration
            let library = ScriptLibrary { name, source in
                name == "unland" ? source.replacing("\n\n", with: "\n\(failing)\n", maxReplacements: 1) : source
            }
            let store = RedisStore(configuration, scripts: library, logger: Logger(label: "test"))
            let fixture = StoreFixture(server: server, store: store, redis: RedisClient(configuration))
            try await store.open()
            let process = try await fixture.register("p")
            async let woken = store.wait(for: [.queue("a"), .queue("b")], process: process, timeout: Self.long)
            try await Self.untilBlocked(2, fixture)
            try await fixture.push("first", to: "a")
            #expect(try await woken)
            try await fixture.push("second", to: "b")
            try await eventually("it to land") { try await fixture.exists("wingman:landing:p:queue:b") }
            _ = try await fixture.done(process, 1, claim: 1, from: [.queue("a")])
            try await eventually("it to go back") { try await fixture.list("queue:b") == ["second"] }
            let calls = try await fixture.redis.send("GET", "test:failures").integer
            #expect(calls == 4)
            await store.close()
            await fixture.redis.close()
        }
    }

    @Test("A push by any client ends the wait, and the next step has the job")
    func wakes() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let sources: [Source] = [.queue("a"), .queue("b"), .list("requests")]
            async let woken = fixture.store.wait(for: sources, process: process, timeout: Self.long)
            try await Self.untilBlocked(3, fixture)
            try await fixture.redis.send("LPUSH", "queue:b", "job")
            #expect(try await woken)
            #expect(try await fixture.done(process, 1, claim: 5, from: sources).claimed.map(\.text) == ["job"])

            // The other two stand and are taken over by the next wait.
            async let again = fixture.store.wait(for: sources, process: process, timeout: Self.long)
            try await Self.untilBlocked(3, fixture)
            try await fixture.redis.send("LPUSH", "requests", "message")
            #expect(try await again)
            let claimed = try await fixture.done(process, 2, claim: 5, from: sources).claimed
            #expect(claimed.map(\.source) == [.list("requests")])
        }
    }

    @Test("A wait that is cancelled ends at once, blocks no more, and what landed meanwhile goes back")
    func cancelled() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let store = fixture.store
            let wait = Task { try await store.wait(for: [.list("a")], process: process, timeout: Self.long) }
            let other = Task { try await store.wait(for: [.list("b")], process: process, timeout: Self.long) }
            try await Self.untilBlocked(2, fixture)
            wait.cancel()
            #expect(try await !wait.value)
            try await Self.untilBlocked(1, fixture)
            try await fixture.redis.send("LPUSH", "a", "message")
            #expect(try await fixture.list("a") == ["message"])
            try await fixture.redis.send("LPUSH", "b", "message")
            #expect(try await other.value, "the other one still waits")

            // Cancelled before it has begun.
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await store.wait(for: [.list("c")], process: process, timeout: Self.long)
            }
            #expect(try await !late.value)
        }
    }

    @Test("A job that lands while nobody waits ends the next wait at once")
    func landsBetween() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let sources: [Source] = [.queue("a"), .queue("b")]
            async let woken = fixture.store.wait(for: sources, process: process, timeout: Self.long)
            try await Self.untilBlocked(2, fixture)
            try await fixture.redis.send("LPUSH", "queue:a", "1")
            #expect(try await woken)
            try await fixture.redis.send("LPUSH", "queue:b", "2")
            try await Self.untilBlocked(0, fixture)
            #expect(try await fixture.store.wait(for: sources, process: process, timeout: Self.long))
            let claimed = try await fixture.done(process, 1, claim: 5, from: sources).claimed
            #expect(claimed.map(\.text) == ["1", "2"])
        }
    }

    @Test("Without a lease nothing is blocked on, and the step says why")
    func withoutLease() async throws {
        try await StoreFixture.with { fixture in
            let nobody = ProcessID(rawValue: "nobody")
            #expect(try await fixture.store.wait(for: [.queue("a")], process: nobody, timeout: Self.long))
            let process = try await fixture.register("p")
            try await fixture.expire(process)
            #expect(try await fixture.store.wait(for: [.queue("a")], process: process, timeout: Self.long))
            #expect(try await fixture.done(process, 1, claim: 1).leaseExpired)
            try await fixture.redis.send("LPUSH", "queue:a", "job")
            #expect(try await fixture.list("queue:a") == ["job"])
        }
    }

    @Test("A wait ends after its timeout")
    func timeout() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let woken = try await fixture.store.wait(for: [.queue("a")], process: process, timeout: .milliseconds(20))
            #expect(!woken)
        }
    }

    @Test("A paused queue is not blocked on")
    func paused() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.redis.send("SADD", "paused", "a")
            try await fixture.redis.send("LPUSH", "queue:a", "job")
            let woken = try await fixture.store.wait(
                for: [.queue("a")],
                process: process,
                timeout: .milliseconds(20)
            )
            #expect(!woken)
            #expect(try await fixture.list("queue:a") == ["job"])
        }
    }

    @Test("Stopping ends a wait, puts back what landed, and lets the process leave")
    func stop() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let sources: [Source] = [.queue("a"), .queue("b")]
            async let woken = fixture.store.wait(for: sources, process: process, timeout: Self.long)
            try await Self.untilBlocked(2, fixture)
            try await fixture.redis.send("LPUSH", "wingman:landing:p:queue:a", "landed")
            try await fixture.push("next", to: "b")
            _ = try await woken
            #expect(try await !fixture.store.leave(process))
            try await fixture.store.stopWaiting(process: process)
            try await Self.untilBlocked(0, fixture)
            #expect(try await fixture.list("queue:a") == ["landed"])
            #expect(try await fixture.list("queue:b") == ["next"])
            #expect(try await !fixture.store.wait(for: sources, process: process, timeout: Self.long))
            #expect(try await fixture.store.leave(process))
        }
    }

    @Test("Stopping ends a wait that has not got any job")
    func stopIdle() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            async let woken = fixture.store.wait(for: [.queue("a")], process: process, timeout: Self.long)
            try await Self.untilBlocked(1, fixture)
            try await fixture.store.stopWaiting(process: process)
            #expect(try await !woken)
            try await Self.untilBlocked(0, fixture)
            try await fixture.push("job", to: "a")
            #expect(try await fixture.list("queue:a") == ["job"])
        }
    }

    @Test(
        "A busy process gives its place to an idle one: blocked calls end when a step got all it has to get",
        arguments: [1, 3]
    )
    func busy(claim: Int) async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let sources: [Source] = [.queue("a"), .queue("b")]
            async let woken = fixture.store.wait(for: sources, process: process, timeout: Self.long)
            try await Self.untilBlocked(2, fixture)
            try await fixture.push("1", to: "a")
            #expect(try await woken)
            let step = Step(
                process: process,
                lane: 1,
                number: 1,
                settlements: [],
                claim: claim,
                sources: sources,
                enough: 1
            )
            guard case .done(_, let claimed, _) = try await fixture.store.step(step) else {
                Issue.record("the step was not done")
                return
            }
            #expect(claimed.count == 1)
            try await Self.untilBlocked(0, fixture)
            try await fixture.push("2", to: "b")
            #expect(try await fixture.list("queue:b") == ["2"])
        }
    }

    @Test("A wait that another lane is in is not ended by a busy lane")
    func sharedSource() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            async let woken = fixture.store.wait(for: [.queue("b")], process: process, timeout: Self.long)
            try await Self.untilBlocked(1, fixture)
            _ = try await fixture.done(process, 1, claim: 0, from: [.queue("b")], lane: 2)
            try await fixture.push("x", to: "b")
            #expect(try await woken)
        }
    }

    @Test("Losing the server fails the wait; the next one works when it is back")
    func outage() async throws {
        try await StoreFixture.with(RedisServer.Options(isDurable: true)) { fixture in
            let process = try await fixture.register("p")
            async let woken = fixture.store.wait(for: [.queue("a")], process: process, timeout: Self.long)
            try await Self.untilBlocked(1, fixture)
            try await fixture.server.kill()
            do {
                _ = try await woken
                Issue.record("the wait ended without an error")
            } catch {
                #expect((error as? StoreError)?.code == .unavailable)
            }
            try await fixture.server.restart()
            async let again = Self.waitThroughOutage([.queue("a")], process, fixture)
            try await Self.untilBlocked(1, fixture)
            try await fixture.push("job", to: "a")
            #expect(try await again)
            #expect(try await fixture.done(process, 1, claim: 1, from: [.queue("a")]).claimed.count == 1)
        }
    }
}
