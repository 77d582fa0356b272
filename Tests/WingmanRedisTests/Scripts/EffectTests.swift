import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("Effects of settlements")
struct EffectTests {
    private static let total = StoreKey("test", "total")
    private static let group = StoreKey("test", "group")
    private static let note = StoreKey("test", "note")

    private static func job(_ text: String) -> PushedJob { PushedJob(queue: "default", payload: Array(text.utf8)) }

    /// Claims one job and settles it with effects; the answer.
    private static func settle(
        _ fixture: StoreFixture,
        _ disposition: Disposition,
        _ effects: [Effect]
    ) async throws -> SettleAnswer {
        let process = try await fixture.register("p")
        try await fixture.push("job")
        let claimed = try await fixture.done(process, 1, claim: 1).claimed
        var settlement = claimed[0].settled(disposition)
        settlement.effects = effects
        let answers = try await fixture.done(process, 2, settle: [settlement]).answers
        #expect(try await fixture.done(process, 2, settle: [settlement]).answers == answers, "repeated")
        return answers[0]
    }

    @Test("All kinds of effects are applied with their settlement, once, in their order")
    func allKinds() async throws {
        try await StoreFixture.with { fixture in
            let answer = try await Self.settle(
                fixture,
                .retry(payload: Array("again".utf8), delay: .seconds(60)),
                [
                    .push(Self.job("pushed")), .push(PushedJob(queue: "x", payload: [65], runAt: 2e9)),
                    .add(Entry(payload: [66]), to: .dead), .add(Entry(payload: [67]), to: .list("plain")),
                    .append(list: "replies", payload: [68], expiry: .seconds(60)),
                    .put(Self.note, Array("v".utf8), expiry: .seconds(60)),
                    .count(Self.total, by: 5), .count(Self.total, by: -7),
                    .insert(Self.group, member: [1]), .insert(Self.group, member: [2]),
                    .remove(Self.group, member: [1]),
                ]
            )
            #expect(answer == .settled)
            #expect(try await fixture.list("queue:default") == ["pushed"])
            #expect(try await fixture.sortedSet("schedule") == ["A"])
            #expect(try await fixture.sortedSet("retry") == ["again"])
            #expect(try await fixture.sortedSet("dead") == ["B"])
            #expect(try await fixture.list("plain") == ["C"])
            #expect(try await fixture.list("replies") == ["D"])
            #expect(try await fixture.lifetime("replies") > 50_000)
            #expect(try await fixture.lifetime("wingman:key:test:note") > 50_000)
            #expect(
                try await fixture.store.values(of: [Self.total, Self.note]) == [Array("-2".utf8), Array("v".utf8)]
            )
            #expect(try await fixture.store.members(of: Self.group) == [[2]])
        }
    }

    @Test("An entry added to the dead set long ago is trimmed there like any other")
    func trimmed() async throws {
        try await StoreFixture.with { fixture in
            let answer = try await Self.settle(fixture, .done, [.add(Entry(payload: [66], at: 12.5), to: .dead)])
            #expect(answer == .settled)
            #expect(try await fixture.sortedSet("dead").isEmpty)
        }
    }

    static let impossible: [[Effect]] = [
        [.count(Self.group, by: 1)],
        [.put(Self.group, [])],
        [.insert(Self.note, member: [])],
        [.count(Self.note, by: 1)],
        [.put(Self.total, Array("9223372036854775807".utf8)), .count(Self.total, by: 1)],
        [.put(Self.total, Array("01".utf8)), .count(Self.total, by: 1)],
        [.whenEmpty(StoreKey("test", "none"), [.count(Self.group, by: 1)])],
        [.append(list: "queues", payload: [])],
        [.push(PushedJob(queue: "x", payload: [], runAt: .nan))],
    ]

    @Test("An effect that cannot be applied fails its settlement before anything is written", arguments: impossible)
    func cannotBeApplied(effects: [Effect]) async throws {
        try await StoreFixture.with { fixture in
            try await fixture.redis.send("SADD", "wingman:key:test:group", "m")
            try await fixture.redis.send("SET", "wingman:key:test:note", "text")
            let answer = try await Self.settle(fixture, .done, [.push(Self.job("pushed"))] + effects)
            #expect(answer.isFailure)
            #expect(try await !fixture.exists("queue:default"))
            #expect(try await !fixture.exists("wingman:key:test:total"))
            #expect(try await !fixture.exists("wingman:scratch"))
            #expect(try await fixture.hash("wingman:inflight:p").count == 1, "the token is kept")
        }
    }

    @Test("A destination of the wrong type fails before the effects", arguments: ["retry", "queue:default"])
    func wrongDestination(key: String) async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b")
            var settlements = try await fixture.done(process, 1, claim: 2).claimed.map { $0.settled(.giveBack, .none) }
            settlements[1].disposition = .retry(payload: [], delay: .zero)
            for index in settlements.indices { settlements[index].effects = [.count(Self.total, by: 1)] }
            try await fixture.redis.send("SET", key, "text")
            let answers = try await fixture.done(process, 2, settle: settlements).answers
            #expect(answers.map(\.isFailure) == [key == "queue:default", key == "retry"])
            #expect(try await fixture.store.values(of: [Self.total]) == [Array("1".utf8)])
        }
    }

    @Test("A stale settlement applies nothing")
    func stale() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let dispositions: [Disposition] = [.done, .giveBack, .dead(payload: [65])]
            let settlements = dispositions.map { disposition in
                Settlement(
                    token: .unknown,
                    disposition: disposition,
                    tally: .none,
                    effects: [.push(Self.job("pushed"))]
                )
            }
            #expect(try await fixture.done(process, 1, settle: settlements).answers == [.stale, .stale, .stale])
            #expect(try await !fixture.exists("queue:default"))
        }
    }

    @Test("When a set is empty is judged after the effects before it")
    func whenEmpty() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.redis.send("SADD", "wingman:key:test:group", "a", "b")
            let process = try await fixture.register("p")
            try await fixture.push("1", "2", "3")
            let claimed = try await fixture.done(process, 1, claim: 3).claimed
            let last: Effect = .whenEmpty(Self.group, [.push(Self.job("last"))])
            let effects: [[Effect]] = [
                [.remove(Self.group, member: Array("a".utf8)), last],
                [.remove(Self.group, member: Array("b".utf8)), .insert(Self.group, member: [1]), last],
                [.remove(Self.group, member: [1]), last],
            ]
            for (index, effects) in effects.enumerated() {
                var settlement = claimed[index].settled()
                settlement.effects = effects
                #expect(try await fixture.done(process, 2 + index, settle: [settlement]).answers == [.settled])
                #expect(try await fixture.list("queue:default") == (index == 2 ? ["last"] : []))
            }
            #expect(try await !fixture.exists("wingman:key:test:group"))
        }
    }

    @Test("A key may change its kind within one settlement")
    func changingKinds() async throws {
        try await StoreFixture.with { fixture in
            let answer = try await Self.settle(
                fixture,
                .done,
                [
                    .insert(Self.group, member: [1]), .remove(Self.group, member: [1]), .put(Self.group, [7]),
                    .delete(Self.group), .count(Self.group, by: 3), .delete(Self.group),
                    .insert(Self.group, member: [9]),
                ]
            )
            #expect(answer == .settled)
            #expect(try await fixture.store.members(of: Self.group) == [[9]])
        }
    }

    @Test("Jobs given back with effects keep their order")
    func giveBack() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("1", "2", "3", "4")
            var settlements = try await fixture.done(process, 1, claim: 4).claimed.map { $0.settled(.giveBack, .none) }
            settlements[1].effects = [.count(Self.total, by: 1)]
            settlements[3].effects = [.count(Self.total, by: 1)]
            let step = try await fixture.done(process, 2, settle: settlements.shuffled())
            #expect(step.answers == Array(repeating: .settled, count: 4))
            #expect(try await fixture.list("queue:default") == ["1", "2", "3", "4"])
            #expect(try await fixture.store.values(of: [Self.total]) == [Array("2".utf8)])
        }
    }

    @Test("Counters are exact to the ends of 64 bits", arguments: [Int.max - 1, Int.min + 1, 9_007_199_254_740_993])
    func largeCounters(start: Int) async throws {
        try await StoreFixture.with { fixture in
            let by = start < 0 ? -1 : 1
            let answer = try await Self.settle(
                fixture,
                .done,
                [.count(Self.total, by: start), .count(Self.total, by: by)]
            )
            #expect(answer == .settled)
            #expect(try await fixture.store.values(of: [Self.total]) == [Array("\(start + by)".utf8)])
        }
    }
}
