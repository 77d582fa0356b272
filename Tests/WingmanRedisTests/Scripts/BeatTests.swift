import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("beat.lua")
struct BeatTests {
    @Test("An identity that is known in any way cannot be registered again")
    func register() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            #expect(try await fixture.store.beat(.of(process, .register, number: 1)).isRefused)
            try await fixture.push("a")
            _ = try await fixture.done(process, 1, claim: 1)
            try await fixture.store.abandon(process)
            #expect(try await fixture.store.beat(.of(process, .register, number: 1)).isRefused, "draining")
            try await fixture.expire(process)
            _ = try await fixture.store.rescue()
            #expect(try await fixture.store.beat(.of(process, .register, number: 1)).isRefused, "in a grave")
        }
    }

    @Test("A lease that expired is revived as long as nobody fenced it")
    func revive() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.expire(process)
            #expect(try await !fixture.store.beat(.of(process, number: 2)).isRefused)
            #expect(try await fixture.done(process, 1, claim: 1).leaseExpired == false)
            try await fixture.expire(process)
            _ = try await fixture.store.rescue()
            #expect(try await fixture.store.beat(.of(process, number: 3)).isRefused)
            #expect(try await fixture.store.beat(.of(ProcessID(rawValue: "nobody"), number: 1)).isRefused)
        }
    }

    @Test("Sidekiq's pages find the process, its running jobs and its figures, in the forms of versions 6 and 8")
    func heartbeat() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let payload = Array(#"{"class":"A","args":["\\ \"x\" é"]}"#.utf8)
            let work = Beat.Work(thread: "t1", queue: "default", payload: payload, startedAt: 1_700_000_000)
            _ = try await fixture.store.beat(.of(process, number: 2, work: [work]))
            #expect(try await fixture.redis.send("SMEMBERS", "processes").texts == ["p"])
            let shown = try await fixture.hash("p")
            #expect(Set(shown.keys) == ["info", "concurrency", "busy", "beat", "quiet", "rss", "rtt_us"])
            #expect(shown["busy"] == "1")
            #expect(shown["quiet"] == "false")
            let json =
                #"{"queue":"default","payload":"{\"class\":\"A\",\"args\":[\"\\\\ \\\"x\\\" é\"]}","run_at":1700000000}"#
            #expect(try await fixture.hash("p:work") == ["t1": json])
            #expect(try await fixture.hash("p:workers") == ["t1": json])
            for key in ["p", "p:work", "p:workers"] {
                #expect(try await fixture.redis.send("TTL", key).integer ?? 0 > 50)
            }
            _ = try await fixture.store.beat(.of(process, number: 3))
            #expect(try await !fixture.exists("p:work"))
            #expect(try await fixture.store.processes().map(\.process) == [process])
        }
    }

    @Test("All signals arrive at the next beat, again if its answer was lost, and never twice otherwise")
    func signals() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.redis.send("LPUSH", "p-signals", "TSTP")
            try await fixture.redis.send("LPUSH", "p-signals", "TERM")
            #expect(try await fixture.store.beat(.of(process, number: 2)).signals == ["TSTP", "TERM"])
            #expect(try await fixture.store.beat(.of(process, number: 2)).signals == ["TSTP", "TERM"])
            try await fixture.redis.send("LPUSH", "p-signals", "TTIN")
            #expect(try await fixture.store.beat(.of(process, number: 1)).signals == [], "a late duplicate")
            #expect(try await fixture.store.beat(.of(process, number: 3)).signals == ["TTIN"])
            #expect(try await fixture.store.beat(.of(process, number: 4)).signals == [])
        }
    }

    @Test("Executions are counted once per beat number, in Sidekiq's metrics keys")
    func metrics() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            var histogram = Array(repeating: 0, count: 26)
            histogram[3] = 2
            histogram[25] = 70_000
            let metric = ExecutionMetric(
                jobClass: "Billing::Charge",
                processed: 3,
                failed: 1,
                milliseconds: 120,
                histogram: histogram
            )
            for _ in 1...3 { _ = try await fixture.store.beat(.of(process, number: 2, executions: [metric])) }
            _ = try await fixture.store.beat(.of(process, number: 1, executions: [metric]))
            // The minute may turn between two reads; every form ends in it, so the key is found by its shape.
            let keys = try await fixture.redis.send("KEYS", "[jh]|*").texts.sorted()
            try #require(keys.count == 3)
            let expected = ["Billing::Charge|p": "3", "Billing::Charge|f": "1", "Billing::Charge|ms": "120"]
            #expect(keys[0].wholeMatch(of: /h\|Billing::Charge-\d{1,2}-\d{1,2}:\d{1,2}/) != nil)
            #expect(keys[1].wholeMatch(of: /j\|\d{6}\|\d{1,2}:\d/) != nil)
            #expect(keys[2].wholeMatch(of: /j\|\d{6}\|\d{1,2}:\d\d/) != nil)
            #expect(keys[2].dropLast() == keys[1])
            #expect(try await fixture.hash(keys[1]) == expected)
            #expect(try await fixture.hash(keys[2]) == expected)
            let buckets = try await fixture.redis.send("BITFIELD_RO", keys[0], "GET", "u16", "#3", "GET", "u16", "#25")
            #expect(buckets.array?.map(\.integer) == [2, 65_535], "saturates")
        }
    }

    @Test("Days since 1970 become dates as every calendar has them")
    func calendar() async throws {
        try await StoreFixture.with { fixture in
            let script = """
                \(try await fixture.fragment("_calendar"))
                local y, m, d = civil(tonumber(ARGV[1]))
                return string.format('%04d-%02d-%02d', y, m, d)
                """
            let dates = [
                0: "1970-01-01", 58: "1970-02-28", 59: "1970-03-01", 789: "1972-02-29", 11_016: "2000-02-29",
                20_454: "2026-01-01", 20_818: "2026-12-31", 47_540: "2100-02-28", 47_541: "2100-03-01",
            ]
            for (days, date) in dates {
                #expect(try await fixture.redis.send("EVAL", script, "0", "\(days)").string == date)
            }
        }
    }

    @Test("After an outage, or when the clock went back, nobody is rescued until all could beat")
    func grace() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let other = try await fixture.register("q")
            try await fixture.push("a")
            _ = try await fixture.done(process, 1, claim: 1)
            try await fixture.expire(process)

            try await fixture.redis.send("HSET", "wingman:clock", "last", "1000")
            #expect(try await fixture.store.rescue().moved == 0, "nobody has beaten since the outage")
            _ = try await fixture.store.beat(.of(other, number: 2))
            #expect(try await fixture.store.rescue().moved == 0, "the grace after it")

            try await fixture.redis.send("HDEL", "wingman:clock", "grace")
            try await fixture.redis.send("HSET", "wingman:clock", "last", "9000000000000")
            #expect(try await fixture.store.rescue().moved == 0, "the clock went back")
            _ = try await fixture.store.beat(.of(other, number: 3))
            #expect(try await fixture.store.rescue().moved == 0, "the grace after it")
            try await fixture.redis.send("HDEL", "wingman:clock", "grace")
            #expect(try await fixture.store.rescue().moved == 0, "every lease began anew when the clock went back")
            try await fixture.expire(process)
            #expect(try await fixture.store.rescue().moved == 1)
        }
    }
}

extension BeatReply {
    var isRefused: Bool {
        if case .refused = self { return true }
        return false
    }

    var signals: [String]? {
        if case .alive(_, let signals) = self { return signals }
        return nil
    }
}
