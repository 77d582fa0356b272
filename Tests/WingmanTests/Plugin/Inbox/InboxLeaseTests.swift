import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("An inbox without its lease", .timeLimit(.minutes(1)))
struct InboxLeaseTests {
    @Test("A message of an incarnation that ended is not settled, and its unreceived neighbours are not handed out")
    func fence() async throws {
        let fixture = InboxFixture([])
        let first = fixture.life.candidate
        fixture.store.with { state in
            state.onStep = { step in
                guard step.process == first.process else { return .done(answers: [], claimed: [], leaseExpired: false) }
                let claimed = ["a", "b"].map {
                    Claimed(token: Token(rawValue: $0), source: .list("requests"), payload: Array($0.utf8))
                }
                return .done(answers: [], claimed: claimed, leaseExpired: false)
            }
        }
        let inbox = try fixture.inbox()
        let message = try #require(try await inbox.exchange(upTo: 2)?.first)
        fixture.life.fence(first)
        fixture.life.confirmCandidate(at: fixture.time.now)
        fixture.life.quiet()
        #expect(try await inbox.receive() == nil)
        let steps = fixture.store.with { $0.steps.count }
        await inbox.close()
        try await inbox.settle(message, .done)
        #expect(fixture.store.with { $0.steps.count } == steps)
    }

    @Test("Messages of an earlier incarnation are dropped when the next one claims")
    func dropsOldMessages() async throws {
        let fixture = InboxFixture([])
        let first = fixture.life.candidate
        fixture.store.with { state in
            state.onStep = { step in
                let names = step.process == first.process ? ["a", "b"] : ["c"]
                let claimed = names.map {
                    Claimed(token: Token(rawValue: $0), source: .list("requests"), payload: Array($0.utf8))
                }
                return .done(answers: [], claimed: claimed, leaseExpired: false)
            }
        }
        let inbox = try fixture.inbox()
        #expect(try await inbox.exchange(upTo: 2)?.map(\.body.text) == ["a", "b"])
        fixture.life.fence(first)
        fixture.life.confirmCandidate(at: fixture.time.now)
        #expect(try await inbox.exchange(upTo: 1)?.map(\.body.text) == ["c"])
    }
    @Test("A fence ends the wait, and tells the owner which messages are others' now", arguments: [3, 0])
    func lost(credit: Int) async throws {
        let fixture = InboxFixture(["a", "b", "c"])
        let hasReceived = Counter64()
        let task = fixture.run { inbox in
            let messages = try await inbox.exchange(upTo: 3) ?? []
            try await inbox.settle(messages[1], .done)
            hasReceived.add()
            let none = try await inbox.exchange(upTo: credit)
            let lost = inbox.takeLost().map(\.body.text)
            // A handler that ends late: its message is another's.
            try await inbox.settle(messages[0], .done)
            return (none?.count, lost, inbox.takeLost().count)
        }
        await hasReceived.reach(1)
        await fixture.time.settle()
        let steps = fixture.steps.count
        fixture.life.fence(fixture.life.candidate)
        let (none, lost, again) = try await task.value
        #expect(none == 0)
        #expect(lost == ["a", "c"])
        #expect(again == 0)
        #expect(fixture.steps.count <= steps + 1, "at most the claim that found nothing")
        #expect(fixture.queue.order == ["b"])
        #expect(fixture.queue.stale == 0)
    }

    @Test("A closed inbox of a lost lease does not say that everything is back")
    func closeAfterFence() async throws {
        let fixture = InboxFixture(["a"])
        let inbox = try fixture.inbox()
        _ = try await inbox.receive()
        fixture.life.fence(fixture.life.candidate)
        #expect(await !inbox.close())
    }

    @Test("An inbox of one identity settles nothing under the next: it says so, and not that everything is back")
    func pinned() async throws {
        let fixture = InboxFixture(["a"])
        let first = fixture.life.candidate
        let inbox = try fixture.environment.inbox(lists: ["requests"], as: first.process)
        let message = try #require(try await inbox.receive())
        fixture.life.fence(first)
        fixture.life.confirmCandidate(at: fixture.time.now)
        do {
            try await inbox.settle(message, .done)
            Issue.record("it was settled")
        } catch let error as InboxFenced {
            #expect(error.process == first.process)
        }
        #expect(inbox.takeLost().map(\.body.text) == ["a"])
        #expect(await !inbox.close())
        #expect(fixture.steps.count == 1)
    }

    @Test("A settlement under way when the lease is lost is told as lost, and nothing is settled in the next name")
    func fencedStep() async throws {
        let fixture = InboxFixture(["a"])
        let first = fixture.life.candidate
        let inbox = try fixture.inbox()
        let message = try #require(try await inbox.receive())
        fixture.store.with { $0.onStep = { _ in .fenced } }
        try await inbox.settle(message, .done)
        #expect(fixture.life.candidate != first)
        try await inbox.settle(message, .done)
        #expect(inbox.takeLost().map(\.body.text) == ["a"])
        #expect(fixture.steps.map(\.process) == [first.process, first.process])
    }

    @Test("A store that is there and refuses every step ends the owner")
    func broken() async throws {
        let fixture = InboxFixture(["a"])
        fixture.store.with { $0.onStep = { _ in throw StoreError(.unexpected, "no such script") } }
        let task = fixture.run { try await $0.receive()?.body.text }
        try await eventually("it gives up") {
            fixture.life.confirmCandidate(at: fixture.time.now)
            await fixture.time.advance(by: .seconds(1))
            return !fixture.store.with { $0.abandoned.isEmpty }
        }
        await #expect(throws: StoreError.self) { try await task.value }
    }

    @Test("The conversation with the store begins anew with each incarnation")
    func numbers() async throws {
        let fixture = InboxFixture(["a", "b"])
        let inbox = try fixture.inbox()
        for _ in 0..<2 {
            _ = try await inbox.receive()
            fixture.life.fence(fixture.life.candidate)
            fixture.life.confirmCandidate(at: fixture.time.now)
        }
        #expect(fixture.steps.map(\.number) == [1, 1])
        #expect(Set(fixture.steps.map(\.process)).count == 2)
        #expect(Set(fixture.steps.map(\.lane)).count == 2)
    }
}
