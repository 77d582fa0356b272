import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("An inbox that waits", .timeLimit(.minutes(1)))
struct InboxWaitTests {
    @Test("A ring ends the wait, with credit or without", arguments: [3, 0])
    func ring(credit: Int) async throws {
        let fixture = InboxFixture([])
        let waker = Notes<InboxWaker>()
        let returned = fixture.run { inbox in
            waker.add(inbox.waker)
            return try await inbox.exchange(upTo: credit)?.count
        }
        try await eventually("it waits") {
            await fixture.time.settle()
            return waker.all.count == 1 && (credit == 0 || fixture.store.with { $0.waits.count } == 1)
        }
        waker.all.first?.ring()
        #expect(try await returned.value == 0)
        #expect(fixture.steps.count == (credit == 0 ? 0 : 1))
    }

    @Test("A ring before the wait is not lost, and rings are one")
    func ringBefore() async throws {
        let fixture = InboxFixture([])
        let inbox = try fixture.inbox()
        inbox.waker.ring()
        inbox.waker.ring()
        #expect(try await inbox.exchange(upTo: 1)?.isEmpty == true)
        let (environment, hasReturned) = (fixture.environment, Counter64())
        let second = Task(executorPreference: fixture.time.executor) {
            let inbox = try environment.inbox(list: "requests")
            inbox.waker.ring()
            _ = try await inbox.exchange(upTo: 1)
            hasReturned.add()
            _ = try await inbox.exchange(upTo: 1)
            hasReturned.add()
        }
        await hasReturned.reach(1)
        await fixture.time.settle()
        #expect(hasReturned.count == 1, "the second exchange waits")
        fixture.life.quiet()
        try await second.value
    }

    @Test("One wait stands however often the owner is rung, and nothing is claimed before it ends")
    func standingWait() async throws {
        let fixture = InboxFixture(["a"])
        let (wakers, rounds) = (Notes<InboxWaker>(), Counter64())
        let task = fixture.run { inbox in
            wakers.add(inbox.waker)
            var bodies: [String] = []
            while let messages = try await inbox.exchange(upTo: 5) {
                bodies += messages.map(\.body.text)
                rounds.add()
            }
            return bodies
        }
        for round in 1...4 {
            await rounds.reach(round)
            try await eventually("it waits") { fixture.store.with { $0.waits.count } == 1 }
            await fixture.time.settle()
            wakers.all.first?.ring()
        }
        await rounds.reach(5)
        #expect(fixture.steps.count == 2, "one that found the message, one that found nothing")
        #expect(fixture.store.with { $0.waits.count } == 1)
        fixture.queue.push("b")
        fixture.store.signal()
        await rounds.reach(6)
        fixture.life.quiet()
        #expect(try await task.value == ["a", "b"])
    }

    @Test("What is settled while it is dry is settled at once, and the claim in that step finds what has come")
    func settlesWhileDry() async throws {
        let fixture = InboxFixture(["a"])
        let inbox = try fixture.inbox()
        let first = try #require(try await inbox.exchange(upTo: 2)?.first)
        inbox.waker.ring()
        #expect(try await inbox.exchange(upTo: 1)?.isEmpty == true)
        fixture.queue.push("b")
        #expect(try await inbox.exchange([Inbox.Settlement(first, .done)], upTo: 1)?.map(\.body.text) == ["b"])
        #expect(fixture.steps.map(\.claim) == [2, 1, 1])
    }

    @Test("A wait that fails is made again after a while, and settlements do not wait for that")
    func failedWait() async throws {
        let fixture = InboxFixture(["a"])
        let (wakers, rounds) = (Notes<InboxWaker>(), Counter64())
        fixture.store.with { $0.onWait = { throw StoreError.away } }
        let task = fixture.run { inbox in
            wakers.add(inbox.waker)
            let first = try await inbox.receive()
            let none = try await inbox.exchange(upTo: 1)
            rounds.add()
            if let first { try await inbox.settle(first, .done) }
            let second = try await inbox.receive()
            if let second { try await inbox.settle(second, .done) }
            return (none?.count, second?.body.text)
        }
        try await eventually("the wait failed") { fixture.store.with { $0.waits.count } == 1 }
        await fixture.time.settle()
        wakers.all.first?.ring()
        await rounds.reach(1)
        try await eventually("it is settled") { fixture.queue.ended.count == 1 }
        #expect(fixture.store.with { $0.waits.count } == 1, "time has not moved")
        fixture.queue.push("b")
        try await eventually("it looks again") {
            await fixture.time.advance(by: .seconds(1))
            return fixture.queue.queue.isEmpty
        }
        let (none, second) = try await task.value
        #expect(none == 0)
        #expect(second == "b")
    }

    @Test("Nothing is claimed without a lease, and the wait for one ends with it")
    func registration() async throws {
        let (time, life, store) = (ManualTime(), ProcessLife(), ScriptedStore())
        let queue = QueueScript(["a"])
        store.with { $0.onStep = { queue.reply(to: $0) } }
        let environment = ServiceEnvironment.sample(store, life: life, time: time)
        let received = Task(executorPreference: time.executor) {
            try await environment.inbox(list: "requests").receive()?.body.text
        }
        await time.settle()
        #expect(store.with { $0.steps.isEmpty })
        life.confirmCandidate(at: time.now)
        #expect(try await received.value == "a")
    }
}
