import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("rescue.lua, abandon.lua, leave.lua")
struct RescueTests {
    @Test("What a dead process held runs again in the old order, before what came later")
    func order() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            for number in 1...30 { try await fixture.push("\(number)") }
            _ = try await fixture.done(process, 1, claim: 12)
            _ = try await fixture.done(process, 1, claim: 12, lane: 2)
            try await fixture.redis.send("LMOVE", "queue:default", "wingman:landing:p:queue:default", "RIGHT", "LEFT")
            try await fixture.redis.send("SADD", "wingman:sources:p", "queue:default")
            try await fixture.expire(process)
            let reply = try await fixture.store.rescue()
            #expect(reply.moved == 25)
            #expect(!reply.hasMore)
            #expect(reply.ended == [process])
            #expect(try await fixture.list("queue:default") == (1...30).map(String.init))
            #expect(try await fixture.store.rescue().moved == 0, "a second rescuer finds nothing")
            #expect(try await fixture.sortedSet("wingman:graves") == ["p"])
            #expect(try await !fixture.exists("wingman:seq:p"))
        }
    }

    @Test("A rescue moves at most five hundred and says that more is waiting")
    func limit() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let jobs = (0..<1_200).map { PushedJob(queue: "default", payload: Array("\($0)".utf8)) }
            try await fixture.store.enqueue(jobs)
            for number in 1...3 { _ = try await fixture.done(process, number, claim: 400) }
            try await fixture.expire(process)
            var moved: [Int] = []
            var hasMore = true
            while hasMore {
                let reply = try await fixture.store.rescue()
                moved.append(reply.moved)
                hasMore = reply.hasMore
            }
            #expect(moved == [500, 500, 200])
            #expect(try await fixture.list("queue:default") == (0..<1_200).map(String.init))
        }
    }

    @Test("A living process is left alone")
    func living() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a")
            _ = try await fixture.done(process, 1, claim: 1)
            try await fixture.redis.send("HDEL", "wingman:clock", "grace")
            #expect(try await fixture.store.rescue().moved == 0)
            #expect(try await fixture.hash("wingman:inflight:p").count == 1)
        }
    }

    @Test("A job that lands after its process was emptied is found in the grave")
    func grave() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.redis.send("SADD", "wingman:sources:p", "queue:default")
            try await fixture.expire(process)
            _ = try await fixture.store.rescue()
            let living = try await fixture.register("q")
            try await fixture.redis.send("HDEL", "wingman:clock", "grace")
            try await fixture.redis.send("LPUSH", "wingman:landing:p:queue:default", "late")
            #expect(try await fixture.store.rescue().moved == 1)
            #expect(try await fixture.done(living, 1, claim: 1).claimed.map(\.text) == ["late"])

            try await fixture.redis.send("ZADD", "wingman:graves", "1", "p")
            _ = try await fixture.store.rescue()
            #expect(try await !fixture.exists("wingman:graves"), "an hour later")
            #expect(try await !fixture.exists("wingman:sources:p"))
        }
    }

    @Test("A source that cannot be written keeps its jobs where they are, and the others are rescued")
    func brokenSource() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", to: "bad")
            try await fixture.push("b", to: "good")
            _ = try await fixture.done(process, 1, claim: 2, from: [.queue("bad"), .queue("good")])
            try await fixture.redis.send("SET", "queue:bad", "not a list")
            try await fixture.expire(process)
            let reply = try await fixture.store.rescue()
            #expect(reply.moved == 1)
            #expect(!reply.hasMore, "no rescuer turns in circles")
            #expect(try await fixture.list("queue:good") == ["b"])
            try await fixture.redis.send("DEL", "queue:bad")
            #expect(try await fixture.store.rescue().moved == 1)
            #expect(try await fixture.list("queue:bad") == ["a"])
        }
    }

    @Test("An abandoned process is fenced at once and emptied by the next rescue, twice asked or late")
    func abandon() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a")
            _ = try await fixture.done(process, 1, claim: 1)
            try await fixture.store.abandon(process)
            try await fixture.store.abandon(process)
            #expect(try await fixture.step(process, 2).isFenced)
            try await fixture.redis.send("HDEL", "wingman:clock", "grace")
            #expect(try await fixture.store.rescue().moved == 1)
            try await fixture.store.abandon(process)
            #expect(try await !fixture.exists("wingman:draining"))
            #expect(try await fixture.list("queue:default") == ["a"])
        }
    }

    @Test("A process leaves only when it holds nothing, and may ask twice")
    func leave() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a")
            let claimed = try await fixture.done(process, 1, claim: 1).claimed
            #expect(try await !fixture.store.leave(process))
            #expect(try await fixture.redis.send("SISMEMBER", "processes", "p").integer == 1)
            _ = try await fixture.done(process, 2, settle: [claimed[0].settled(.giveBack, .none)])
            #expect(try await fixture.store.leave(process))
            #expect(try await fixture.store.leave(process))
            for key in ["p", "p:work", "wingman:seq:p", "wingman:leases", "processes"] {
                #expect(try await !fixture.exists(key))
            }
            #expect(try await fixture.step(process, 3).isFenced)
        }
    }
}
