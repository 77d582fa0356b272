import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("step.lua: what has landed")
struct LandedStepTests {
    @Test("What landed is newer than what is given back, and goes back before it")
    func landedBeforeGivenBack() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("1", "2", "5")
            let claimed = try await fixture.done(process, 1, claim: 2).claimed
            try await fixture.redis.send("RPUSH", "wingman:landing:p:queue:default", "4", "3")
            let stale = Settlement(token: .unknown, disposition: .giveBack, tally: .none)
            #expect(try await fixture.done(process, 2, settle: [stale]).answers == [.stale])
            #expect(try await fixture.list("queue:default") == ["5"], "a stale one moves nothing")
            let settlements = claimed.map { $0.settled(.giveBack, .none) }
            let step = try await fixture.done(process, 3, settle: settlements, claim: 3)
            #expect(step.claimed.map(\.text) == ["1", "2", "3"])
            #expect(try await fixture.list("queue:default") == ["4", "5"])
        }
    }

    @Test("Nothing is claimed from a paused queue, and what had landed from it goes back")
    func paused() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("b", "c")
            try await fixture.redis.send("LPUSH", "wingman:landing:p:queue:default", "a")
            try await fixture.redis.send("SADD", "paused", "default", "listed")
            try await fixture.redis.send("LPUSH", "listed", "message")
            let step = try await fixture.done(process, 1, claim: 5, from: [.queue("default"), .list("listed")])
            #expect(step.claimed.map(\.text) == ["message"], "pausing concerns queues, not lists")
            #expect(try await fixture.list("queue:default") == ["a", "b", "c"])
        }
    }

    @Test("What landed is claimed first")
    func landing() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("b")
            try await fixture.redis.send("LPUSH", "wingman:landing:p:queue:default", "a")
            let step = try await fixture.done(process, 1, claim: 2)
            #expect(step.claimed.map(\.text) == ["a", "b"])
            #expect(Set(step.claimed.map(\.token)).count == 2)
        }
    }
}
