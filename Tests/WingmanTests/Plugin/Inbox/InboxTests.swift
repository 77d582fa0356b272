import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("An inbox", .timeLimit(.minutes(1)))
struct InboxTests {
    @Test("Messages come one by one, the oldest first, and are gone when acknowledged")
    func receives() async throws {
        let fixture = InboxFixture(["a", "b", "c"])
        let inbox = try fixture.inbox()
        for expected in ["a", "b", "c"] {
            let message = try #require(try await inbox.receive())
            #expect(message.body.text == expected)
            #expect(fixture.queue.held == 1)
            try await inbox.settle(message, .done)
            #expect(fixture.queue.held == 0)
        }
        #expect(fixture.queue.stale == 0)
    }

    @Test("Each end is one settlement, with its effects")
    func ends() async throws {
        let fixture = InboxFixture(["a", "b", "c"])
        let inbox = try fixture.inbox()
        let messages = try #require(try await inbox.exchange(upTo: 3))
        #expect(messages.map(\.body.text) == ["a", "b", "c"])
        let key = StoreKey("app", "seen")
        try await inbox.settle([
            Inbox.Settlement(messages[0], .append(list: "graveyard", [9]), effects: [.count(key, by: 1)]),
            Inbox.Settlement(messages[1], .later(list: "requests", [8], in: .seconds(5))),
            Inbox.Settlement(messages[2], .giveBack),
        ])
        let settlements = try #require(fixture.steps.last?.settlements)
        #expect(settlements.map(\.effects) == [[.count(key, by: 1)], [], []])
        guard case .append("graveyard", [9])? = settlements.first?.disposition,
            case .later("requests", [8], .seconds(5)) = settlements[1].disposition,
            case .giveBack = settlements[2].disposition
        else { return #expect(Bool(false), "other dispositions: \(settlements)") }
        #expect(fixture.queue.queue == ["c"])
    }

    @Test("Settling and claiming is one step, and no claim is larger than the credit or than 500")
    func credit() async throws {
        let fixture = InboxFixture(["a", "b", "c", "d"])
        let inbox = try fixture.inbox()
        let first = try #require(try await inbox.exchange(upTo: 2))
        #expect(first.map(\.body.text) == ["a", "b"])
        let ends = first.map { Inbox.Settlement($0, .done) }
        #expect(try await inbox.exchange([ends[0]], upTo: 1)?.map(\.body.text) == ["c"])
        #expect(try await inbox.exchange([ends[1]], upTo: 0)?.isEmpty == true)
        #expect(try await inbox.exchange(upTo: 2_000)?.map(\.body.text) == ["d"])
        #expect(fixture.steps.map(\.claim) == [2, 1, 0, 500])
        #expect(fixture.steps.map(\.settlements.count) == [0, 1, 1, 0])
    }

    @Test("Several lists are claimed in their order, and a message knows its own")
    func lists() async throws {
        let fixture = InboxFixture([])
        fixture.store.with { state in
            state.onStep = { step in
                let claimed = step.sources.map { Claimed(token: Token(rawValue: $0.name), source: $0, payload: []) }
                return .done(answers: [], claimed: claimed, leaseExpired: false)
            }
        }
        let inbox = try fixture.environment.inbox(lists: ["high", "plain", "low"])
        let messages = try #require(try await inbox.exchange(upTo: 3))
        #expect(messages.map(\.list) == ["high", "plain", "low"])
        #expect(messages.map(\.id) == messages.map(\.id).sorted())
        #expect(fixture.life.inboxes == ["high", "plain", "low"])
    }

    @Test("A message settled twice, or of another inbox, is settled once")
    func settledTwice() async throws {
        let fixture = InboxFixture(["a", "b"])
        let (inbox, other) = (try fixture.inbox(), try fixture.inbox())
        let message = try #require(try await inbox.receive())
        let foreign = try #require(try await other.receive())
        try await inbox.settle([Inbox.Settlement(message, .giveBack), Inbox.Settlement(message, .done)])
        try await inbox.settle(message, .done)
        try await inbox.settle(foreign, .done)
        #expect(fixture.queue.order == ["a"])
        #expect(fixture.queue.held == 1)
        try await other.settle(foreign, .done)
        #expect(fixture.queue.stale == 0)
    }

    @Test("Effects on what is not the plugin's are refused, and nothing is settled")
    func foreignEffects() async throws {
        let fixture = InboxFixture(["a"])
        let inbox = try fixture.inbox()
        let message = try #require(try await inbox.receive())
        let effects: [[Effect]] = [
            [.delete(StoreKey("another", "key"))], [.add(Entry(payload: []), to: .dead)],
        ]
        for effects in effects {
            await #expect(throws: ConfigurationError.self) { try await inbox.settle(message, .done, effects: effects) }
        }
        #expect(fixture.steps.count == 1)
        try await inbox.settle(message, .done, effects: [.append(list: "replies", payload: [])])
        #expect(fixture.queue.held == 0)
    }

    @Test("It waits on the store while the list is empty")
    func waits() async throws {
        let fixture = InboxFixture([])
        let received = fixture.run { try await $0.receive()?.body.text }
        try await eventually("it waits") { fixture.store.with { $0.waits.count } == 1 }
        fixture.queue.push("a")
        fixture.store.signal()
        #expect(try await received.value == "a")
    }

    @Test("In client mode there is no inbox")
    func clientMode() {
        let environment = ServiceEnvironment.sample(ScriptedStore())
        #expect(throws: ConfigurationError.self) { try environment.inbox(list: "requests") }
    }

    @Test("An inbox has lists, each once", arguments: [[], ["a", "a"]])
    func noLists(lists: [String]) {
        let environment = InboxFixture([]).environment
        #expect(throws: ConfigurationError.self) { try environment.inbox(lists: lists) }
    }
}
