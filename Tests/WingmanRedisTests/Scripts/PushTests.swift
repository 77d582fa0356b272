import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("push.lua, due.lua, promote.lua")
struct PushTests {
    @Test("One push fills several queues and the schedule, as Sidekiq's client does")
    func push() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.store.enqueue([
                PushedJob(queue: "a", payload: Array("1".utf8)),
                PushedJob(queue: "b", payload: Array("2".utf8)),
                PushedJob(queue: "a", payload: Array("3".utf8)),
                PushedJob(queue: "a", payload: Array("later".utf8), runAt: 4_000_000_000.25),
                PushedJob(queue: "a", payload: Array("later".utf8), runAt: 4_000_000_000.25),
            ])
            #expect(try await fixture.list("queue:a") == ["1", "3"])
            #expect(try await fixture.list("queue:b") == ["2"])
            #expect(try await Set(fixture.redis.send("SMEMBERS", "queues").texts) == ["a", "b"])
            let schedule = try await fixture.redis.send("ZRANGE", "schedule", "0", "-1", "WITHSCORES").texts
            #expect(schedule == ["later", "4000000000.25", "later ", "4000000000.25"])
            try await fixture.store.enqueue([])
        }
    }

    @Test("Hundreds of equal members of a set stay that many jobs, each the same JSON")
    func manyTwins() async throws {
        try await StoreFixture.with { fixture in
            let twins = Array(
                repeating: PushedJob(queue: "a", payload: Array("{}".utf8), runAt: 4_000_000_000),
                count: 500
            )
            try await fixture.store.enqueue(twins)
            try await fixture.store.enqueue(twins)
            let members = try await fixture.redis.send("ZRANGE", "schedule", "0", "-1").texts
            #expect(members.count == 1_000)
            #expect(members.allSatisfy { $0.split(whereSeparator: \.isWhitespace) == ["{}"] })
        }
    }

    @Test("A push that cannot be whole is refused before anything is written")
    func wholeOrNothing() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.redis.send("SET", "queue:bad", "not a list")
            let jobs = ["good", "bad"].map { PushedJob(queue: $0, payload: Array("x".utf8)) }
            let error = await #expect(throws: StoreError.self) { try await fixture.store.enqueue(jobs) }
            #expect(error?.message.contains("queue:bad is a string") == true)
            #expect(try await !fixture.exists("queue:good"))
            for time in [Double.nan, .infinity] {
                let job = PushedJob(queue: "good", payload: [], runAt: time)
                await #expect(throws: StoreError.self) { try await fixture.store.enqueue([jobs[0], job]) }
            }
            #expect(try await !fixture.exists("queue:good"))
        }
    }

    @Test("Due entries come oldest first, with the time until the next one")
    func due() async throws {
        try await StoreFixture.with { fixture in
            #expect(try await fixture.store.due(in: .retry, limit: 10).nextDue == nil)
            let now = try await fixture.redis.send("TIME")[0]?.double ?? 0
            for (name, at) in [("b", now - 5), ("a", now - 9), ("c", now + 100), ("d", now + 200)] {
                try await fixture.redis.send("ZADD", "schedule", "\(at)", name)
            }
            let reply = try await fixture.store.due(in: .schedule, limit: 10)
            #expect(reply.entries == [Array("a".utf8), Array("b".utf8)])
            let next = try #require(reply.nextDue)
            #expect(next > .seconds(10) && next <= .seconds(100))
            #expect(try await fixture.store.due(in: .schedule, limit: 1).entries == [Array("a".utf8)])
        }
    }

    @Test("Due entries are promoted once, in order; what is gone or not yet due again stays as it is")
    func promote() async throws {
        try await StoreFixture.with { fixture in
            let now = try await fixture.redis.send("TIME")[0]?.double ?? 0
            for (name, at) in [("a", now - 9), ("b", now - 8), ("c", now - 7), ("x", now - 6), ("d", now + 100)] {
                try await fixture.redis.send("ZADD", "retry", "\(at)", name)
            }
            func entry(_ name: String) -> [UInt8] { Array(name.utf8) }
            func push(_ name: String) -> Promotion {
                .push(entry: entry(name), queue: "default", payload: entry(name + "!"))
            }
            let promotions = [
                push("a"), push("b"), .drop(entry: entry("c")),
                .bury(entry: entry("x"), payload: entry("x!")), push("d"), push("gone"),
            ]
            #expect(try await fixture.store.promote(promotions, from: .retry) == 4)
            #expect(try await fixture.store.promote(promotions, from: .retry) == 0)
            #expect(try await fixture.list("queue:default") == ["a!", "b!"])
            #expect(try await fixture.sortedSet("retry") == ["d"])
            #expect(try await fixture.sortedSet("dead") == ["x!"])
            #expect(try await fixture.redis.send("SMEMBERS", "queues").texts == ["default"])
        }
    }

    @Test("An entry whose queue cannot be written stays due")
    func promoteFailure() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.redis.send("ZADD", "retry", "1", "a")
            try await fixture.redis.send("SET", "queue:bad", "not a list")
            let promotion = Promotion.push(entry: Array("a".utf8), queue: "bad", payload: Array("a".utf8))
            #expect(try await fixture.store.promote([promotion], from: .retry) == 0)
            #expect(try await fixture.sortedSet("retry") == ["a"])
        }
    }

    @Test("Messages that are tried again later are due and delivered to their list")
    func later() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.redis.send("ZADD", "wingman:later:box", "1", "m", "4000000000", "n")
            let due = try await fixture.store.due(in: .later("box"), limit: 10)
            #expect(due.entries == [Array("m".utf8)])
            let promotion = Promotion.deliver(entry: due.entries[0], list: "box", payload: Array("m!".utf8))
            #expect(try await fixture.store.promote([promotion], from: .later("box")) == 1)
            #expect(try await fixture.store.promote([promotion], from: .later("box")) == 0)
            #expect(try await fixture.list("box") == ["m!"])
            #expect(try await !fixture.exists("queues"))
            let left = try await fixture.store.entries(in: .later("box"), from: 0, limit: 9)
            #expect(left == [Entry(payload: Array("n".utf8), at: 4_000_000_000)])
        }
    }

    @Test("Counts see every place, by the store's clock")
    func counts() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b", "c")
            _ = try await fixture.done(process, 1, claim: 1)
            try await fixture.redis.send("SADD", "wingman:sources:p", "queue:default")
            try await fixture.redis.send("LMOVE", "queue:default", "wingman:landing:p:queue:default", "RIGHT", "LEFT")
            try await fixture.redis.send("ZADD", "schedule", "1", "x", "4000000000", "y")
            try await fixture.redis.send("ZADD", "retry", "1", "z")
            let counts = try await fixture.store.counts()
            let expected = StoreCounts(
                queues: ["default": 1],
                inFlight: 2,
                inFlightBySource: [.queue("default"): 2],
                scheduled: 2,
                scheduledDue: 1,
                retries: 1,
                retriesDue: 1
            )
            #expect(counts == expected)
        }
    }
}
