import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("edit.lua, pause.lua, signal.lua, executions.lua, and entries")
struct OperationTests {
    private static func entries(_ fixture: StoreFixture, _ place: Place, from offset: Int = 0, _ limit: Int = 100)
        async throws -> [String]
    {
        try await fixture.store.entries(in: place, from: offset, limit: limit)
            .map { String(decoding: $0.payload, as: UTF8.self) }
    }

    private static func entry(_ text: String, at time: Double? = nil) -> Entry {
        Entry(payload: Array(text.utf8), at: time)
    }

    @Test("Entries of a queue come next first, in portions")
    func queue() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("1", "2", "3", "4", "5")
            #expect(try await Self.entries(fixture, .queue("default")) == ["1", "2", "3", "4", "5"])
            #expect(try await Self.entries(fixture, .queue("default"), from: 1, 2) == ["2", "3"])
            #expect(try await Self.entries(fixture, .queue("default"), from: 4, .max) == ["5"])
            #expect(try await Self.entries(fixture, .queue("default"), from: 5).isEmpty)
            #expect(try await Self.entries(fixture, .queue("default"), from: 0, 0).isEmpty)
            #expect(try await Self.entries(fixture, .queue("none")).isEmpty)
        }
    }

    @Test("Entries of the ordered places come due first, of the dead newest first, with their times")
    func sets() async throws {
        try await StoreFixture.with { fixture in
            let now = Double(try await fixture.milliseconds()) / 1_000
            for place in [Place.retry, .schedule, .dead, .quarantine] {
                let effects = [3.5, 1.5, 2.5].map { Effect.add(Self.entry("\($0)", at: now + $0), to: place) }
                _ = try await fixture.store.apply(Change(effects))
                let expected = ["1.5", "2.5", "3.5"]
                let isReversed = place == .dead || place == .quarantine
                #expect(try await Self.entries(fixture, place) == (isReversed ? expected.reversed() : expected))
                #expect(try await Self.entries(fixture, place, from: 1, 1) == ["2.5"])
                let times = try await fixture.store.entries(in: place, from: 0, limit: 9).compactMap(\.at).sorted()
                for (time, wanted) in zip(times, [1.5, 2.5, 3.5]) { #expect(abs(time - now - wanted) < 0.001) }
            }
        }
    }

    @Test("Entries are deleted and moved only if they are there, one of several equal ones")
    func edits() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("a", "b", "a", "c")
            let found = try await fixture.store.edit(
                [
                    .delete(Self.entry("a")), .delete(Self.entry("x")),
                    .move(Self.entry("b"), to: .retry, as: Self.entry("b!", at: 77)),
                    .move(Self.entry("c"), to: .list("plain")), .move(Self.entry("y"), to: .dead),
                ],
                in: .queue("default")
            )
            #expect(found == 3)
            #expect(try await fixture.list("queue:default") == ["a"])
            #expect(try await fixture.list("plain") == ["c"])
            #expect(try await fixture.store.entries(in: .retry, from: 0, limit: 9) == [Self.entry("b!", at: 77)])
            #expect(try await !fixture.exists("dead"))

            let edit = EntryEdit.move(Self.entry("b!", at: 1), to: .queue("other"), as: Self.entry("b"))
            #expect(try await fixture.store.edit([edit], in: .retry) == 1, "the time is ignored")
            #expect(try await fixture.store.edit([edit], in: .retry) == 0)
            #expect(try await fixture.list("queue:other") == ["b"])
            #expect(try await fixture.redis.send("SISMEMBER", "queues", "other").integer == 1)
            #expect(try await fixture.store.edit([], in: .retry) == 0)
        }
    }

    @Test("An entry moved within its place stays one: at another time, or behind all others")
    func samePlace() async throws {
        try await StoreFixture.with { fixture in
            _ = try await fixture.store.apply(Change([.add(Self.entry("a", at: 2e9), to: .schedule)]))
            let edit = EntryEdit.move(Self.entry("a"), to: .schedule, as: Self.entry("a", at: 3e9))
            #expect(try await fixture.store.edit([edit], in: .schedule) == 1)
            #expect(try await fixture.store.entries(in: .schedule, from: 0, limit: 9) == [Self.entry("a", at: 3e9)])
            try await fixture.push("1", "2")
            #expect(
                try await fixture.store.edit([.move(Self.entry("1"), to: .queue("default"))], in: .queue("default"))
                    == 1
            )
            #expect(try await fixture.list("queue:default") == ["2", "1"])
        }
    }

    @Test("A place of the wrong type fails all edits of a call before any is done")
    func wrongType() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("a", "b")
            try await fixture.redis.send("SET", "dead", "text")
            let edits: [EntryEdit] = [.delete(Self.entry("a")), .move(Self.entry("b"), to: .dead)]
            await #expect(throws: StoreError.self) { _ = try await fixture.store.edit(edits, in: .queue("default")) }
            #expect(try await fixture.list("queue:default") == ["a", "b"])
            await #expect(throws: StoreError.self) { _ = try await fixture.store.edit([edits[0]], in: .dead) }
        }
    }

    @Test("Queues are paused and go on, also when memory is full")
    func pause() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.redis.send("CONFIG", "SET", "maxmemory", "1")
            for _ in 1...2 { try await fixture.store.setPaused(true, queue: "a") }
            try await fixture.store.setPaused(true, queue: "b")
            #expect(try await fixture.store.pausedQueues() == ["a", "b"])
            for _ in 1...2 { try await fixture.store.setPaused(false, queue: "a") }
            #expect(try await fixture.store.pausedQueues() == ["b"])
        }
    }

    @Test("A signal comes with the next beat, in the order sent")
    func signal() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("h:1")
            try await fixture.store.signal(process, "TSTP")
            try await fixture.store.signal(process, "TERM")
            #expect(try await fixture.lifetime("h:1-signals") > 50_000)
            guard case .alive(_, let signals) = try await fixture.store.beat(.of(process, number: 2)) else {
                throw TestSupportError.process("refused")
            }
            #expect(signals == ["TSTP", "TERM"])
        }
    }

    @Test("Executions are summed over the minutes asked for, with their histograms")
    func executions() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("h:1")
            var histogram = Array(repeating: 0, count: 26)
            (histogram[0], histogram[25]) = (2, 300)
            let metric = ExecutionMetric(
                jobClass: "A|b",
                processed: 4,
                failed: 1,
                milliseconds: 9,
                histogram: histogram
            )
            _ = try await fixture.store.beat(.of(process, number: 2, executions: [metric]))
            _ = try await fixture.store.beat(.of(process, number: 3, executions: [metric]))
            var sum = metric
            (sum.processed, sum.failed, sum.milliseconds) = (8, 2, 18)
            sum.histogram = metric.histogram.map { $0 * 2 }
            // The current minute may have ended since.
            #expect(try await fixture.store.executions(lastMinutes: 2) == [sum])
            #expect(try await fixture.store.executions(lastMinutes: 10_000) == [sum])

            for old in try await fixture.redis.send("KEYS", "j|*").texts { try await fixture.redis.send("DEL", old) }
            #expect(try await fixture.store.executions(lastMinutes: 2).isEmpty)
        }
    }

    @Test("Jobs in flight are counted by where they came from, landed ones among them")
    func inFlight() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("h:1")
            try await fixture.push("a", "b")
            try await fixture.redis.send("LPUSH", "requests", "m")
            _ = try await fixture.done(process, 1, claim: 2, from: [.list("requests"), .queue("default")])
            try await fixture.redis.send("SADD", "wingman:sources:h:1", "queue:default")
            try await fixture.redis.send("LMOVE", "queue:default", "wingman:landing:h:1:queue:default", "RIGHT", "LEFT")
            let counts = try await fixture.store.counts()
            #expect(counts.inFlightBySource == [.queue("default"): 2, .list("requests"): 1])
            #expect(counts.inFlight == 3)
        }
    }

    @Test("A job that landed is in flight, one whose arguments hold a jid is not")
    func landedIsInFlight() async throws {
        try await StoreFixture.with { fixture in
            _ = try await fixture.register("h:1")
            try await fixture.push(#"{"args":["other"],"jid": "mine"}"#, #"{"args":["jid","theirs"],"jid":"x"}"#)
            try await fixture.redis.send("SADD", "wingman:sources:h:1", "queue:default")
            #expect(try await fixture.store.inFlight(["mine", "theirs", "x"]).isEmpty)
            for _ in 0..<2 {
                try await fixture.redis.send(
                    "LMOVE",
                    "queue:default",
                    "wingman:landing:h:1:queue:default",
                    "RIGHT",
                    "LEFT"
                )
            }
            #expect(try await fixture.store.inFlight(["mine", "theirs", "x", "other"]) == ["mine", "x"])
        }
    }
}
