import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("Suspects and quarantine")
struct SuspectTests {
    /// A process claims all there is, isolates a job if told so, and its lease runs out; what it had claimed.
    @discardableResult
    private static func crash(
        _ fixture: StoreFixture,
        _ name: String,
        alone job: String? = nil,
        from sources: [Source] = [.queue("default")]
    ) async throws -> (claimed: [Claimed], reply: RescueReply) {
        let process = try await fixture.register(name)
        let claimed = try await fixture.done(process, 1, claim: 10, from: sources).claimed
        if let job, let claim = claimed.first(where: { $0.text == job }) {
            #expect(try await fixture.store.isolate(claim.token, process: process))
        }
        try await fixture.expire(process)
        return (claimed, try await fixture.store.rescue())
    }

    @Test("A job that ends three processes, the last two alone, is quarantined, and nothing else is")
    func culprit() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("culprit", "innocent")
            #expect(try await Self.crash(fixture, "h:1").claimed.map(\.crashes) == [0, 0])
            #expect(try await Self.crash(fixture, "h:2", alone: "culprit").claimed.map(\.crashes) == [1, 1])
            let third = try await Self.crash(fixture, "h:3", alone: "culprit")
            #expect(third.claimed.map(\.crashes) == [2, 1])
            #expect(third.reply.quarantined == 1)
            #expect(third.reply.moved == 1)
            #expect(try await fixture.sortedSet("wingman:quarantine") == ["culprit"])
            #expect(try await fixture.list("queue:default") == ["innocent"])
            #expect(try await fixture.store.counts().quarantined == 1)

            let process = try await fixture.register("h:4")
            let last = try await fixture.done(process, 1, claim: 10).claimed
            #expect(last.map(\.crashes) == [1])
            _ = try await fixture.done(process, 2, settle: last.map { $0.settled() })
            #expect(try await !fixture.exists("wingman:suspects"), "nothing is left of it")
        }
    }

    @Test("Shared crashes convict nobody, however many")
    func shared() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("a", "b")
            for number in 1...5 { try await Self.crash(fixture, "h:\(number)", alone: number == 2 ? "a" : nil) }
            let process = try await fixture.register("h:9")
            #expect(try await fixture.done(process, 1, claim: 10).claimed.map(\.crashes) == [2, 1])
        }
    }

    @Test("A repeated step answers the same counts, and a give-back keeps the suspicion")
    func repeated() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("a", "b")
            try await Self.crash(fixture, "h:1")
            let process = try await fixture.register("h:2")
            let claimed = try await fixture.done(process, 1, claim: 10).claimed
            #expect(try await fixture.done(process, 1, claim: 10).claimed.map(\.crashes) == [1, 1])
            let settlements = [claimed[0].settled(.giveBack, .none), claimed[1].settled(.dead(payload: [65]), .failed)]
            _ = try await fixture.done(process, 2, settle: settlements)
            let again = try await fixture.done(process, 3, claim: 10).claimed
            #expect(again.map(\.text) == ["a"])
            #expect(again.map(\.crashes) == [1])
            #expect(try await fixture.redis.send("ZCARD", "wingman:suspects").integer == 1)
        }
    }

    @Test("Every settlement but a give-back clears its job, also with effects, and no other")
    func cleared() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("a", "b", "c", "d", "e")
            try await Self.crash(fixture, "h:1")
            let process = try await fixture.register("h:2")
            let claimed = try await fixture.done(process, 1, claim: 4).claimed
            var settlements = [
                claimed[0].settled(), claimed[1].settled(.retry(payload: [65], delay: .zero), .failed),
                claimed[2].settled(.append(list: "letters", payload: [66]), .none), claimed[3].settled(),
            ]
            settlements[3].effects = [.put(StoreKey("test", "v"), [])]
            _ = try await fixture.done(process, 2, settle: settlements)
            let rest = try await fixture.done(process, 3, claim: 4).claimed
            #expect(rest.map(\.crashes) == [1])
            #expect(try await fixture.redis.send("ZCARD", "wingman:suspects").integer == 1)
        }
    }

    @Test("Whoever gives itself up convicts nobody")
    func abandoned() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("h:1")
            try await fixture.push("a")
            _ = try await fixture.done(process, 1, claim: 1)
            try await fixture.store.abandon(process)
            try await fixture.redis.send("HDEL", "wingman:clock", "grace")
            #expect(try await fixture.store.rescue().moved == 1)
            #expect(try await !fixture.exists("wingman:suspects"))
        }
    }

    @Test("What merely landed is no suspect")
    func landed() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("h:1")
            try await fixture.redis.send("SADD", "wingman:sources:h:1", "queue:default")
            try await fixture.redis.send("LPUSH", "wingman:landing:h:1:queue:default", "a")
            try await fixture.expire(process)
            #expect(try await fixture.store.rescue().moved == 1)
            #expect(try await !fixture.exists("wingman:suspects"))
        }
    }

    @Test("The loss of a machine convicts nobody; the death of some of its processes does", arguments: [false, true])
    func nodeLoss(hasSurvivor: Bool) async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("a", "b", "c")
            for name in ["m:1", "m:2", "other:1"] {
                let process = try await fixture.register(name)
                _ = try await fixture.done(process, 1, claim: 1)
            }
            if hasSurvivor { try await fixture.register("m:3") }
            for name in ["m:1", "m:2", "other:1"] { try await fixture.expire(ProcessID(rawValue: name)) }
            #expect(try await fixture.store.rescue().moved == 3)
            let process = try await fixture.register("n:1")
            let claimed = try await fixture.done(process, 1, claim: 3).claimed
            let crashes = Dictionary(uniqueKeysWithValues: claimed.map { ($0.text, $0.crashes) })
            #expect(crashes == ["a": hasSurvivor ? 1 : 0, "b": hasSurvivor ? 1 : 0, "c": 1])
        }
    }

    @Test("The verdict holds for all the calls that emptying a process takes")
    func verdict() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("h:1")
            let jobs = (0..<900).map { PushedJob(queue: "default", payload: Array("\($0)".utf8)) }
            try await fixture.store.enqueue(jobs)
            for number in 1...2 { _ = try await fixture.done(process, number, claim: 450) }
            try await fixture.expire(process)
            #expect(try await fixture.store.rescue().hasMore)
            #expect(try await !fixture.store.rescue().hasMore)
            #expect(try await fixture.redis.send("ZCARD", "wingman:suspects").integer == 900)
        }
    }

    @Test("A message is given back with its count, and never quarantined")
    func message() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.redis.send("LPUSH", "requests", "m")
            for number in 1...5 {
                let crash = try await Self.crash(fixture, "h:\(number)", alone: "m", from: [.list("requests")])
                #expect(crash.claimed.map(\.crashes) == [min(3, number - 1)])
                #expect(crash.reply.quarantined == 0)
            }
            #expect(try await !fixture.exists("wingman:quarantine"))
        }
    }

    @Test("A process isolates what it holds under a lease, one at a time, as often as it asks")
    func isolate() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("h:1")
            try await fixture.push("a", "b")
            let claimed = try await fixture.done(process, 1, claim: 2).claimed
            for claim in [claimed[0], claimed[0], claimed[1]] {
                #expect(try await fixture.store.isolate(claim.token, process: process))
            }
            #expect(try await fixture.hash("wingman:seq:h:1")["isolated"] == claimed[1].token.rawValue)
            #expect(try await !fixture.store.isolate(.unknown, process: process))
            _ = try await fixture.done(process, 2, settle: [claimed[0].settled()])
            #expect(try await !fixture.store.isolate(claimed[0].token, process: process))
            #expect(try await fixture.hash("wingman:seq:h:1")["isolated"] == claimed[1].token.rawValue)
            try await fixture.store.abandon(process)
            #expect(try await !fixture.store.isolate(claimed[1].token, process: process))
        }
    }

    @Test("A suspicion is forgotten 72 hours after the last crash")
    func forgotten() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.push("a")
            try await Self.crash(fixture, "h:1")
            let old = try await fixture.milliseconds() - 72 * 3_600_000 - 1_000
            let digest = try await fixture.redis.send("ZRANGE", "wingman:suspects", "0", "0").texts[0]
            try await fixture.redis.send("ZADD", "wingman:suspects", "\(old * 4 + 2)", digest)
            let crash = try await Self.crash(fixture, "h:2", alone: "a")
            #expect(crash.claimed.map(\.crashes) == [0])
            let process = try await fixture.register("h:3")
            #expect(try await fixture.done(process, 1, claim: 1).claimed.map(\.crashes) == [1])
            try await fixture.redis.send("ZADD", "wingman:suspects", "\(old * 4 + 2)", digest)
            _ = try await fixture.store.rescue()
            #expect(try await !fixture.exists("wingman:suspects"))
        }
    }

    @Test("A claim whose token is none of ours is buried, and its process ends")
    func foreign() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("h:1")
            try await fixture.redis.send("HSET", "wingman:inflight:h:1", "foreign", "job")
            try await fixture.expire(process)
            #expect(try await fixture.store.rescue().moved == 1)
            #expect(try await fixture.sortedSet("dead") == ["job"])
            #expect(try await fixture.sortedSet("wingman:graves") == ["h:1"])
        }
    }

    @Test("A rescue says when the next one may find something")
    func nextLook() async throws {
        try await StoreFixture.with { fixture in
            #expect(try await fixture.store.rescue().nextLook == nil, "no leases")
            _ = try await fixture.store.beat(.of(ProcessID(rawValue: "h:1"), .register, number: 1, lease: .seconds(50)))
            let inGrace = try #require(try await fixture.store.rescue().nextLook)
            #expect((.seconds(40)...(.seconds(51))).contains(inGrace), "nothing ends before the lease: \(inGrace)")
            try await fixture.redis.send("ZADD", "wingman:leases", "1", "h:0")
            let later = try #require(try await fixture.store.rescue().nextLook)
            #expect((.seconds(10)...(.seconds(21))).contains(later), "the grace is two fifths of a lease: \(later)")
            try await fixture.redis.send("HDEL", "wingman:clock", "grace")
            let after = try await fixture.store.rescue()
            #expect(after.ended.map(\.rawValue) == ["h:0"])
            #expect((.seconds(40)...(.seconds(51))).contains(try #require(after.nextLook)))
        }
    }
}
