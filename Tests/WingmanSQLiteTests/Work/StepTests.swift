import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

@Suite("Steps on SQLite")
struct StepTests {
    @Test("Jobs are claimed oldest first, from the sources in their order")
    func claims() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b", "c")
            try await fixture.push("x", to: "other")
            let step = try await fixture.done(process, 1, claim: 3, from: [.queue("other"), .queue("default")])
            #expect(step.claimed.map(\.text) == ["x", "a", "b"])
            #expect(step.claimed.map(\.source) == [.queue("other"), .queue("default"), .queue("default")])
            #expect(Set(step.claimed.map(\.token)).count == 3)
            #expect(try await fixture.texts(.queue("default")) == ["c"])
            #expect(try await fixture.store.counts().inFlight == 3)
        }
    }

    @Test("The same step again gives the same answer and does nothing again")
    func repeats() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b", "c")
            let first = try await fixture.done(process, 1, claim: 2)
            let again = try await fixture.done(process, 1, claim: 2)
            #expect(again.claimed.map(\.token) == first.claimed.map(\.token))
            #expect(again.claimed.map(\.payload) == first.claimed.map(\.payload))
            #expect(again.claimed.map(\.source) == first.claimed.map(\.source))
            #expect(try await fixture.texts(.queue("default")) == ["c"])

            let settlements = [
                first.claimed[0].settled(),
                Settlement(token: Token(rawValue: "1:1:1:77"), disposition: .done, tally: .processed),
            ]
            let settled = try await fixture.done(process, 2, settle: settlements)
            #expect(settled.answers == [.settled, .stale])
            #expect(try await fixture.done(process, 2, settle: settlements).answers == [.settled, .stale])
            #expect(try await fixture.store.counts().processed == 1)
            #expect(try await fixture.step(process, 1, claim: 2).gap == 2)
        }
    }

    @Test("A number that does not follow is a gap and changes nothing", arguments: [1, 2, 4, 90, Int.max, Int.min])
    func gap(number: Int) async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            for number in 1...3 { _ = try await fixture.done(process, number) }
            try await fixture.push("a")
            let reply = try await fixture.step(process, number, claim: 1)
            #expect(number == 4 ? reply.gap == nil : reply.gap == 3)
            #expect(try await fixture.texts(.queue("default")) == (number == 4 ? [] : ["a"]))
        }
    }

    @Test("Without a lease a step is fenced; under an expired one it settles and claims nothing")
    func leases() async throws {
        try await StoreFixture.with { fixture in
            #expect(try await fixture.step(ProcessID(rawValue: "nobody"), 1, claim: 1).isFenced)
            let process = try await fixture.register("p")
            try await fixture.push("a", "b")
            let first = try await fixture.done(process, 1, claim: 1)
            try await fixture.expire(process)
            let late = try await fixture.done(process, 2, settle: [first.claimed[0].settled()], claim: 1)
            #expect(late.answers == [.settled])
            #expect(late.leaseExpired)
            #expect(late.claimed.isEmpty)
            #expect(try await fixture.done(process, 2).leaseExpired, "the same answer")
            _ = try await fixture.store.rescue()
            #expect(try await fixture.step(process, 3).isFenced)
        }
    }

    @Test("Every disposition puts the job into its one place")
    func dispositions() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("done", "retry", "later", "dead", "back", "letter")
            let claimed = try await fixture.done(process, 1, claim: 10).claimed
            let step = try await fixture.done(
                process,
                2,
                settle: [
                    claimed[0].settled(),
                    claimed[1].settled(.retry(payload: bytes("retry!"), delay: .seconds(60)), .failed),
                    claimed[2].settled(.schedule(payload: claimed[2].payload, delay: .seconds(60))),
                    claimed[3].settled(.dead(payload: claimed[3].payload), .failed),
                    claimed[4].settled(.giveBack, .none),
                    claimed[5].settled(.append(list: "letters", payload: claimed[5].payload), .none),
                ]
            )
            #expect(step.answers == Array(repeating: .settled, count: 6))
            #expect(try await fixture.texts(.retry) == ["retry!"])
            #expect(try await fixture.texts(.schedule) == ["later"])
            #expect(try await fixture.texts(.dead) == ["dead"])
            #expect(try await fixture.texts(.queue("default")) == ["back"])
            #expect(try await fixture.texts(.list("letters")) == ["letter"])
            let counts = try await fixture.store.counts()
            #expect(counts.inFlight == 0)
            #expect(counts.processed == 4)
            #expect(counts.failed == 2)
            let retry = try await fixture.store.entries(in: .retry, from: 0, limit: 1)
            let due = Double(fixture.clock.milliseconds) / 1_000 + 60
            #expect(abs((retry[0].at ?? 0) - due) < 0.001)
        }
    }

    @Test("Jobs given back run again in their old order, before what waits, whatever the order of the settlements")
    func giveBackOrder() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b", "c", "d")
            let first = try await fixture.done(process, 1, claim: 2).claimed
            let second = try await fixture.done(process, 2, claim: 1).claimed
            let settlements = [first[1], second[0], first[0]].map { $0.settled(.giveBack, .none) }
            _ = try await fixture.done(process, 3, settle: settlements + [settlements[0]])
            #expect(try await fixture.texts(.queue("default")) == ["a", "b", "c", "d"])
        }
    }

    @Test("A token is settled once, by its own process, and never again although its row is used again")
    func tokens() async throws {
        try await StoreFixture.with { fixture in
            let (one, two) = (try await fixture.register("p1"), try await fixture.register("p2"))
            try await fixture.push("a", "b")
            let claim = try await fixture.done(one, 1, claim: 1).claimed[0]
            #expect(try await fixture.done(two, 1, settle: [claim.settled()]).answers == [.stale])
            #expect(
                try await fixture.done(one, 2, settle: [claim.settled(), claim.settled()]).answers == [
                    .settled, .stale,
                ]
            )
            let next = try await fixture.done(one, 3, claim: 1).claimed[0]
            #expect(next.token != claim.token)
            #expect(try await fixture.done(one, 4, settle: [claim.settled()]).answers == [.stale])
            #expect(try await fixture.store.counts().inFlight == 1)
        }
    }

    @Test(
        "Tokens that are none are stale",
        arguments: ["", ":::", "1:2:3", "a:1:1:1", "1:1:1:1:1", "99999999999999999999:1:1:1"]
    )
    func strangeTokens(text: String) async throws {
        #expect(HeldToken(Token(rawValue: text)) == nil)
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let settlement = Settlement(token: Token(rawValue: text), disposition: .done, tally: .processed)
            #expect(try await fixture.done(process, 1, settle: [settlement]).answers == [.stale])
        }
    }

    @Test("A paused queue gives nothing, also when it is named among others")
    func paused() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a")
            try await fixture.push("x", to: "other")
            try await fixture.store.setPaused(true, queue: "default")
            #expect(try await fixture.store.pausedQueues() == ["default"])
            let sources: [Source] = [.queue("default"), .queue("other")]
            #expect(try await fixture.done(process, 1, claim: 5, from: sources).claimed.map(\.text) == ["x"])
            try await fixture.store.setPaused(false, queue: "default")
            #expect(try await fixture.done(process, 2, claim: 5, from: sources).claimed.map(\.text) == ["a"])
        }
    }

    @Test("A claim of large jobs ends at four megabytes; the rest comes with the next")
    func largeClaims() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let large = String(repeating: "x", count: 1_500_000)
            try await fixture.push(large, large, large, large, "small")
            #expect(try await fixture.done(process, 1, claim: 500).claimed.count == 3)
            #expect(try await fixture.done(process, 2, claim: 500).claimed.count == 2)
        }
    }

    @Test("Recorded answers are read back as they were")
    func recordedAnswers() {
        let answers: [SettleAnswer] = [.settled, .stale, .failed("one: \u{e4}"), .settled, .failed("")]
        #expect(RecordedAnswers.answers(RecordedAnswers.text(answers)) == answers)
        #expect(RecordedAnswers.answers("") == [])
    }
}
