import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("step.lua")
struct StepTests {
    @Test("Jobs are claimed oldest first and held in flight under a token that names their source")
    func claims() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b", "c")
            try await fixture.push("x", to: "other")
            let step = try await fixture.done(process, 1, claim: 3, from: [.queue("other"), .queue("default")])
            #expect(step.claimed.map(\.text) == ["x", "a", "b"])
            #expect(step.claimed.map(\.source) == [.queue("other"), .queue("default"), .queue("default")])
            #expect(try await fixture.list("queue:default") == ["c"])
            let held = try await fixture.hash("wingman:inflight:p")
            #expect(held == Dictionary(uniqueKeysWithValues: step.claimed.map { ($0.token.rawValue, $0.text) }))
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
            #expect(try await fixture.list("queue:default") == ["c"])

            let settlements = [
                first.claimed[0].settled(), Settlement(token: .unknown, disposition: .done, tally: .processed),
            ]
            let settled = try await fixture.done(process, 2, settle: settlements)
            #expect(settled.answers == [.settled, .stale])
            #expect(try await fixture.done(process, 2, settle: settlements).answers == [.settled, .stale])
            #expect(try await fixture.redis.send("GET", "stat:processed").integer == 1)
        }
    }

    @Test("A number that does not follow is a gap and changes nothing", arguments: [1, 2, 4, 90])
    func gap(number: Int) async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            for number in 1...3 { _ = try await fixture.done(process, number) }
            try await fixture.push("a")
            let reply = try await fixture.step(process, number, claim: 1)
            #expect(number == 4 ? reply.gap == nil : reply.gap == 3)
            #expect(try await fixture.list("queue:default") == (number == 4 ? [] : ["a"]))
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
            let again = try await fixture.done(process, 2, settle: [first.claimed[0].settled()], claim: 1)
            #expect(again.leaseExpired, "the same answer")
            _ = try await fixture.store.rescue()
            #expect(try await fixture.step(process, 3).isFenced)
        }
    }

    @Test("Every disposition puts the job into its one place")
    func dispositions() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("done", "retry", "later", "dead", "back", "letter", "message")
            let claimed = try await fixture.done(process, 1, claim: 10).claimed
            let step = try await fixture.done(
                process,
                2,
                settle: [
                    claimed[0].settled(),
                    claimed[1].settled(.retry(payload: Array("retry!".utf8), delay: .seconds(60)), .failed),
                    claimed[2].settled(.schedule(payload: claimed[2].payload, delay: .seconds(60))),
                    claimed[3].settled(.dead(payload: claimed[3].payload), .failed),
                    claimed[4].settled(.giveBack, .none),
                    claimed[5].settled(.append(list: "letters", payload: claimed[5].payload), .none),
                    claimed[6].settled(.later(list: "box", payload: claimed[6].payload, delay: .seconds(60)), .none),
                ]
            )
            #expect(step.answers == Array(repeating: .settled, count: 7))
            #expect(try await fixture.sortedSet("wingman:later:box") == ["message"])
            #expect(try await fixture.sortedSet("retry") == ["retry!"])
            #expect(try await fixture.sortedSet("schedule") == ["later"])
            #expect(try await fixture.sortedSet("dead") == ["dead"])
            #expect(try await fixture.list("queue:default") == ["back"])
            #expect(try await fixture.list("letters") == ["letter"])
            #expect(try await !fixture.exists("wingman:inflight:p"))
            let counts = try await fixture.store.counts()
            #expect(counts.processed == 4)
            #expect(counts.failed == 2)
        }
    }

    @Test("Equal jobs stay two jobs in a sorted set: the twin gets a trailing space")
    func twins() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "a", "a")
            let claimed = try await fixture.done(process, 1, claim: 3).claimed
            let retries = claimed.map { $0.settled(.retry(payload: $0.payload, delay: .zero), .failed) }
            _ = try await fixture.done(process, 2, settle: retries)
            #expect(try await fixture.sortedSet("retry") == ["a", "a ", "a  "])
        }
    }

    @Test("A destination that cannot be written fails its own settlement only and keeps its token")
    func failures() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b", "c", "d")
            let claimed = try await fixture.done(process, 1, claim: 4).claimed
            try await fixture.redis.send("SET", "retry", "not a set")
            try await fixture.redis.send("SET", "queue:default", "not a list")
            let settlements = [
                claimed[0].settled(.giveBack, .none),
                claimed[1].settled(.retry(payload: claimed[1].payload, delay: .zero), .failed),
                claimed[2].settled(),
                claimed[3].settled(.append(list: "retry", payload: []), .none),
            ]
            let step = try await fixture.done(process, 2, settle: settlements, claim: 1)
            #expect(step.answers.map(\.isFailure) == [true, true, false, true])
            #expect(step.claimed.isEmpty)
            #expect(try await fixture.hash("wingman:inflight:p").count == 3)
            #expect(try await fixture.redis.send("GET", "stat:processed").integer == 1)
            let repeated = try await fixture.done(process, 2, settle: settlements, claim: 1)
            #expect(repeated.answers == step.answers)

            try await fixture.redis.send("DEL", "retry", "queue:default")
            let again = try await fixture.done(process, 3, settle: [settlements[0], settlements[1], settlements[3]])
            #expect(again.answers == [.settled, .settled, .failed(again.answers[2].text)], "retry is a set now")
            #expect(try await fixture.list("queue:default") == ["a"])
            #expect(try await fixture.sortedSet("retry") == ["b"])
        }
    }

    @Test("Jobs given back run again in their old order, whatever the order of the settlements")
    func giveBackOrder() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13")
            let first = try await fixture.done(process, 1, claim: 6).claimed
            let second = try await fixture.done(process, 2, claim: 6).claimed
            let settlements = (first + second).shuffled().map { $0.settled(.giveBack, .none) }
            _ = try await fixture.done(process, 3, settle: settlements)
            #expect(try await fixture.list("queue:default") == (1...13).map(String.init))
            #expect(try await fixture.store.counts().processed == 0)
        }
    }

    @Test("A claim ends at four megabytes")
    func largeJobs() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let large = String(repeating: "x", count: 1 << 20)
            for _ in 0..<40 { try await fixture.push(large) }
            let claimed = try await fixture.done(process, 1, claim: 40).claimed.count
            #expect(claimed < 40)
            #expect(claimed >= 4)
        }
    }

    @Test("Five hundred settlements and claims fit into one step")
    func largestStep() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let jobs = (0..<1_000).map { PushedJob(queue: "default", payload: Array("\($0)".utf8)) }
            try await fixture.store.enqueue(jobs)
            let first = try await fixture.done(process, 1, claim: 500).claimed
            let second = try await fixture.done(process, 2, settle: first.map { $0.settled() }, claim: 500)
            #expect(second.answers == Array(repeating: .settled, count: 500))
            #expect((first + second.claimed).map(\.text) == (0..<1_000).map(String.init))
            await #expect(throws: StoreError.self) { try await fixture.step(process, 3, claim: 501) }
        }
    }

    @Test("The dead set keeps ten thousand jobs, and none older than 180 days")
    func deadSet() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let fill = "for i = 1, 10050 do redis.call('ZADD', 'dead', redis.call('TIME')[1] - 100 + i / 1000, i) end"
            try await fixture.redis.send("EVAL", fill, "0")
            try await fixture.redis.send("ZADD", "dead", "1000", "ancient")
            try await fixture.push("a")
            let claimed = try await fixture.done(process, 1, claim: 1).claimed
            _ = try await fixture.done(
                process,
                2,
                settle: [claimed[0].settled(.dead(payload: claimed[0].payload), .failed)]
            )
            let dead = try await fixture.sortedSet("dead")
            #expect(dead.count == 10_000)
            #expect(dead.last == "a")
            #expect(!dead.contains("ancient"))
        }
    }

    @Test("Two lanes of a process do not disturb each other")
    func lanes() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b")
            let one = try await fixture.done(process, 1, claim: 1, lane: 1)
            let two = try await fixture.done(process, 1, claim: 1, lane: 2)
            #expect(one.claimed.map(\.text) == ["a"])
            #expect(two.claimed.map(\.text) == ["b"])
            #expect(
                try await fixture.done(process, 2, settle: [two.claimed[0].settled()], lane: 1).answers == [.settled]
            )
            guard case .alive(let lanes, _) = try await fixture.store.beat(.of(process, number: 2)) else {
                throw TestSupportError.process("refused")
            }
            #expect(lanes == [1: 2, 2: 1])
        }
    }

    @Test("Over maxmemory jobs are settled, claimed and beaten for, and pushes fail before they write anything")
    func fullMemory() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b")
            let claimed = try await fixture.done(process, 1, claim: 1).claimed
            try await fixture.redis.send("CONFIG", "SET", "maxmemory", "1")
            let settle = [claimed[0].settled(.retry(payload: claimed[0].payload, delay: .zero), .failed)]
            let step = try await fixture.done(process, 2, settle: settle, claim: 1)
            #expect(step.answers == [.settled])
            #expect(step.claimed.map(\.text) == ["b"])
            guard case .alive = try await fixture.store.beat(.of(process, number: 2)) else {
                throw TestSupportError.process("refused")
            }
            let error = await #expect(throws: StoreError.self) { try await fixture.push("c", to: "fresh") }
            #expect(error?.code == .full)
            #expect(error?.mayHaveRun == false)
            #expect(try await !fixture.exists("queue:fresh"))
            #expect(try await fixture.redis.send("SISMEMBER", "queues", "fresh").integer == 0)
            try await fixture.redis.send("CONFIG", "SET", "maxmemory", "0")
            try await fixture.push("c")
        }
    }
}

extension Token {
    static let unknown = Token(rawValue: "1:1:1:1700000000000000:queue:default")
}

extension SettleAnswer {
    var isFailure: Bool {
        if case .failed = self { return true }
        return false
    }

    var text: String {
        if case .failed(let text) = self { return text }
        return ""
    }
}
