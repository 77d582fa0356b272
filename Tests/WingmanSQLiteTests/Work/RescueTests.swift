import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

@Suite("The lives of processes on SQLite")
struct RescueTests {
    @Test("A process is registered once, renews, leaves, and its name stays taken for an hour")
    func life() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("host:1:a")
            #expect(try await !fixture.store.beat(.of(process, .register, number: 1)).isAlive)
            #expect(try await fixture.store.beat(.of(process, number: 2)).isAlive)
            #expect(try await fixture.store.processes().map(\.process) == [process])
            try await fixture.push("a")
            let claim = try await fixture.done(process, 1, claim: 1).claimed[0]
            #expect(try await !fixture.store.leave(process))
            _ = try await fixture.done(process, 2, settle: [claim.settled()])
            #expect(try await fixture.store.leave(process))
            #expect(try await fixture.store.leave(process))
            #expect(try await fixture.store.processes().isEmpty)
            #expect(try await !fixture.store.beat(.of(process, number: 3)).isAlive)
            #expect(try await !fixture.store.beat(.of(process, .register, number: 1)).isAlive)
            try await fixture.passGrace()
            fixture.clock.advance(by: .seconds(3_700))
            let other = try await fixture.register("host:2:b")
            for number in 2...4 {
                fixture.clock.advance(by: .seconds(250))
                _ = try await fixture.store.beat(.of(other, number: number))
            }
            _ = try await fixture.store.rescue()
            #expect(try await fixture.store.beat(.of(process, .register, number: 1)).isAlive)
        }
    }

    @Test("What a dead process held goes back to the heads of its sources, oldest first")
    func rescue() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.passGrace()
            let process = try await fixture.register("host:1:a")
            try await fixture.push("a", "b", "c")
            try await fixture.push("x", to: "other")
            let sources: [Source] = [.queue("default"), .queue("other")]
            _ = try await fixture.done(process, 1, claim: 2, from: sources)
            _ = try await fixture.done(process, 2, claim: 2, from: sources)
            #expect(try await fixture.store.rescue().moved == 0)
            try await fixture.expire(process)
            let reply = try await fixture.store.rescue()
            #expect(reply.moved == 4)
            #expect(reply.ended == [process])
            #expect(!reply.hasMore)
            #expect(reply.nextLook != nil)
            #expect(try await fixture.texts(.queue("default")) == ["a", "b", "c"])
            #expect(try await fixture.texts(.queue("other")) == ["x"])
            #expect(try await fixture.store.rescue().moved == 0)
        }
    }

    @Test("Rescue moves at most 500 jobs a call and says that more is waiting")
    func portions() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.passGrace()
            let process = try await fixture.register("host:1:a")
            let jobs = (0..<1_200).map { PushedJob(queue: "default", payload: bytes("\($0)")) }
            try await fixture.store.enqueue(jobs)
            for number in 1...3 { _ = try await fixture.done(process, number, claim: 400) }
            try await fixture.expire(process)
            var replies: [RescueReply] = []
            repeat { replies.append(try await fixture.store.rescue()) } while replies[replies.count - 1].hasMore
            #expect(replies.map(\.moved) == [500, 500, 200])
            #expect(
                try await fixture.store.entries(in: .queue("default"), from: 0, limit: 2_000).map(\.payload)
                    == jobs.map(\.payload)
            )
        }
    }

    @Test("Nobody is rescued in the grace after an outage, nor before anyone has beaten")
    func grace() async throws {
        try await StoreFixture.with { fixture in
            let (one, two) = (
                try await fixture.register("host:1:a", lease: .seconds(15)),
                try await fixture.register("host:2:b", lease: .seconds(15))
            )
            try await fixture.push("a")
            _ = try await fixture.done(one, 1, claim: 1)
            fixture.clock.advance(by: .seconds(60))
            #expect(try await fixture.store.rescue().ended.isEmpty, "nobody has beaten since")
            #expect(try await fixture.store.beat(.of(two, number: 2, lease: .seconds(15))).isAlive)
            #expect(try await fixture.store.rescue().ended.isEmpty, "grace")
            fixture.clock.advance(by: .seconds(5))
            let wait = try await fixture.store.rescue().nextLook
            #expect(wait == .seconds(1))
            fixture.clock.advance(by: .seconds(1))
            #expect(try await fixture.store.beat(.of(two, number: 3, lease: .seconds(15))).isAlive)
            let reply = try await fixture.store.rescue()
            #expect(reply.ended == [one])
            #expect(reply.moved == 1)
        }
    }

    @Test("A clock that goes back re-arms every lease and gives a grace")
    func clockGoesBack() async throws {
        try await StoreFixture.with { fixture in
            let (one, two) = (
                try await fixture.register("host:1:a", lease: .seconds(15)),
                try await fixture.register("host:2:b", lease: .seconds(15))
            )
            fixture.clock.advance(by: .seconds(-3_600))
            #expect(try await fixture.store.rescue().ended.isEmpty)
            #expect(try await fixture.store.beat(.of(two, number: 2, lease: .seconds(15))).isAlive)
            for number in 3...4 {
                fixture.clock.advance(by: .seconds(7))
                #expect(try await fixture.store.beat(.of(two, number: number, lease: .seconds(15))).isAlive)
                #expect(try await fixture.store.rescue().ended.isEmpty)
            }
            fixture.clock.advance(by: .seconds(2))
            #expect(try await fixture.store.rescue().ended == [one])
        }
    }

    @Test("An abandoned process loses its lease at once; what it held is not suspected")
    func abandon() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.passGrace()
            let process = try await fixture.register("host:1:a")
            try await fixture.push("a")
            _ = try await fixture.done(process, 1, claim: 1)
            try await fixture.store.abandon(process)
            try await fixture.store.abandon(process)
            #expect(try await fixture.step(process, 2).isFenced)
            #expect(try await fixture.store.rescue().moved == 1)
            let next = try await fixture.register("host:2:b")
            #expect(try await fixture.done(next, 1, claim: 1).claimed[0].crashes == 0)
        }
    }

    @Test("The third crash of a job that ran alone moves it to the quarantine; others are acquitted")
    func quarantine() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.passGrace()
            try await fixture.push("good", "poison")
            var crashes: [[Int]] = []
            for attempt in 1...3 {
                let process = try await fixture.register("host\(attempt):1:a")
                let claimed = try await fixture.done(process, 1, claim: 2).claimed
                crashes.append(claimed.map(\.crashes))
                #expect(try await fixture.done(process, 1, claim: 2).claimed.map(\.crashes) == claimed.map(\.crashes))
                let poison = try #require(claimed.first { $0.text == "poison" })
                #expect(try await fixture.store.isolate(poison.token, process: process))
                #expect(try await fixture.store.isolate(poison.token, process: process))
                if attempt == 3, let good = claimed.first(where: { $0.text == "good" }) {
                    _ = try await fixture.done(
                        process,
                        2,
                        settle: [good.settled(.retry(payload: good.payload, delay: .zero))]
                    )
                }
                try await fixture.expire(process)
                let reply = try await fixture.store.rescue()
                #expect(reply.quarantined == (attempt == 3 ? 1 : 0))
            }
            #expect(crashes == [[0, 0], [1, 1], [1, 2]])
            #expect(try await fixture.texts(.quarantine) == ["poison"])
            #expect(try await fixture.store.counts().quarantined == 1)
            let last = try await fixture.register("host4:1:a")
            try await fixture.push("good", "poison")
            #expect(
                try await fixture.done(last, 1, claim: 2).claimed.map(\.crashes) == [0, 0],
                "all suspicions are over"
            )
        }
    }

    @Test("A message that crashes its process three times is given back with its count")
    func messages() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.passGrace()
            _ = try await fixture.store.apply(Change([.append(list: "requests", payload: bytes("m"))]))
            for attempt in 1...5 {
                let process = try await fixture.register("host\(attempt):1:a")
                let claim = try await fixture.done(process, 1, claim: 1, from: [.list("requests")]).claimed[0]
                #expect(claim.crashes == min(attempt - 1, 3))
                #expect(try await fixture.store.isolate(claim.token, process: process))
                try await fixture.expire(process)
                #expect(try await fixture.store.rescue().quarantined == 0)
            }
        }
    }

    @Test("Node loss convicts nobody; a suspicion is forgotten after 72 hours")
    func nodeLoss() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.passGrace()
            let (one, two) = (try await fixture.register("h1:1:a"), try await fixture.register("h1:2:b"))
            try await fixture.push("a", "b")
            _ = try await fixture.done(one, 1, claim: 1)
            _ = try await fixture.done(two, 1, claim: 1)
            try await fixture.expire(one)
            try await fixture.expire(two)
            #expect(try await fixture.store.rescue().moved == 2)
            let three = try await fixture.register("h2:1:c")
            #expect(try await fixture.done(three, 1, claim: 2).claimed.map(\.crashes) == [0, 0])
            try await fixture.expire(three)
            _ = try await fixture.store.rescue()
            fixture.clock.advance(by: .seconds(72 * 3_600 - 1))
            let four = try await fixture.register("h3:1:d")
            let claimed = try await fixture.done(four, 1, claim: 2).claimed
            #expect(claimed.map(\.crashes) == [1, 1])
            _ = try await fixture.done(four, 2, settle: claimed.map { $0.settled(.giveBack, .none) })
            fixture.clock.advance(by: .seconds(2))
            _ = try await fixture.store.beat(.of(four, number: 2))
            #expect(try await fixture.done(four, 3, claim: 2).claimed.map(\.crashes) == [0, 0])
        }
    }

    @Test("A beat counts its executions once, and repeats the signals it brought")
    func beats() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            let metric = ExecutionMetric(
                jobClass: "Job",
                processed: 3,
                failed: 1,
                milliseconds: 20,
                histogram: [0, 2] + Array(repeating: 0, count: 24)
            )
            try await fixture.store.signal(process, "TSTP")
            let beat = Beat.of(process, number: 2, executions: [metric])
            #expect(try await fixture.store.beat(beat).signals == ["TSTP"])
            #expect(try await fixture.store.beat(beat).signals == ["TSTP"])
            #expect(try await fixture.store.beat(.of(process, number: 3, executions: [metric])).signals == [])
            #expect(try await fixture.store.beat(beat).signals == [], "late")
            var sum = metric
            sum.processed = 6
            sum.failed = 2
            sum.milliseconds = 40
            sum.histogram[1] = 4
            #expect(try await fixture.store.executions(lastMinutes: 60) == [sum])
            fixture.clock.advance(by: .seconds(120))
            #expect(try await fixture.store.executions(lastMinutes: 1) == [])
            _ = try await fixture.done(process, 1, lane: 4)
            #expect(try await fixture.store.beat(.of(process, number: 4)).lanes == [4: 1])
        }
    }

    @Test("One process leads at a time, under terms that grow; only the leader of a term ends it")
    func leadership() async throws {
        try await StoreFixture.with { fixture in
            let (one, two) = (ProcessID(rawValue: "a"), ProcessID(rawValue: "b"))
            let store = fixture.store
            #expect(try await store.lead("r", process: one, for: .seconds(10)) == 1)
            #expect(try await store.lead("r", process: two, for: .seconds(10)) == nil)
            fixture.clock.advance(by: .seconds(9))
            #expect(try await store.lead("r", process: one, for: .seconds(10)) == 1)
            fixture.clock.advance(by: .seconds(10))
            #expect(try await store.lead("r", process: two, for: .seconds(10)) == 2)
            try await store.resign("r", process: one)
            #expect(try await store.lead("r", process: one, for: .seconds(10)) == nil)
            try await store.resign("r", process: two)
            #expect(try await store.lead("r", process: one, for: .seconds(10)) == 3)
            fixture.clock.advance(by: .seconds(-3_600))
            #expect(try await store.lead("r", process: two, for: .seconds(10)) == nil)
            fixture.clock.advance(by: .seconds(10))
            #expect(
                try await store.lead("r", process: two, for: .seconds(10)) == 4,
                "a clock set back keeps nobody in office"
            )
        }
    }
}
