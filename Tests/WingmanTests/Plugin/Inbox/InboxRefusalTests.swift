import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("An inbox whose settlements are refused", .timeLimit(.minutes(1)))
struct InboxRefusalTests {
    /// A store where nothing can be appended to `graveyard`.
    private static func fixture(_ messages: [String]) -> InboxFixture {
        Self.fixture(messages) { if case .append("graveyard", _) = $0.disposition { true } else { false } }
    }

    /// A store that refuses some settlements.
    private static func fixture(
        _ messages: [String],
        refusing isFull: @escaping @Sendable (Wingman.Settlement) -> Bool
    ) -> InboxFixture {
        let fixture = InboxFixture(messages)
        let queue = fixture.queue
        fixture.store.with { state in
            state.onStep = { step in
                guard step.settlements.contains(where: isFull) else { return queue.reply(to: step) }
                var rest = step
                rest.settlements.removeAll(where: isFull)
                guard case .done(let answers, let claimed, _) = queue.reply(to: rest) else { return .fenced }
                var others = answers[...]
                let all = step.settlements.map {
                    isFull($0) ? SettleAnswer.failed("WRONGTYPE") : others.removeFirst()
                }
                return .done(answers: all, claimed: claimed, leaseExpired: false)
            }
        }
        return fixture
    }

    private static func tries(_ fixture: InboxFixture) -> Int {
        fixture.steps.flatMap(\.settlements).count { if case .append = $0.disposition { true } else { false } }
    }

    @Test("It is tried again after 1 s, 2 s and so on, and other messages go on meanwhile")
    func backoff() async throws {
        let fixture = Self.fixture(["bad", "b", "c"])
        let wakers = Notes<InboxWaker>()
        let task = fixture.run { inbox in
            wakers.add(inbox.waker)
            var bodies: [String] = []
            while let messages = try await inbox.exchange(upTo: 1) {
                bodies += messages.map(\.body.text)
                try await inbox.settle(
                    messages.map {
                        Inbox.Settlement($0, $0.body.text == "bad" ? .append(list: "graveyard", []) : .done)
                    }
                )
            }
            return (bodies, inbox.refusals.map(\.tries))
        }
        try await eventually("the others") {
            await fixture.time.settle()
            return fixture.queue.order == ["b", "c"]
        }
        #expect(Self.tries(fixture) == 1)
        for (seconds, tries) in [(1, 2), (1, 2), (1, 3), (3, 3), (1, 4)] {
            await fixture.time.advance(by: .seconds(seconds))
            try await eventually("\(tries) tries") {
                await fixture.time.settle()
                return Self.tries(fixture) == tries
            }
        }
        fixture.life.quiet()
        let (bodies, refusals) = try await task.value
        #expect(bodies == ["bad", "b", "c"])
        #expect(refusals == [4])
        try await eventually("it went back, for want of another place") { fixture.queue.queue == ["bad"] }
    }

    @Test("The owner is told, and may send the message elsewhere")
    func replaced() async throws {
        let fixture = Self.fixture(["bad"])
        let inbox = try fixture.inbox()
        let message = try #require(try await inbox.receive())
        let end = Inbox.Settlement(message, .append(list: "graveyard", []))
        #expect(try await inbox.exchange([end], upTo: 1)?.isEmpty == true)
        let refusal = try #require(inbox.refusals.first)
        #expect(refusal.reason == "WRONGTYPE")
        #expect(refusal.tries == 1)
        try await inbox.settle(refusal.settlement.message, .append(list: "elsewhere", []))
        #expect(inbox.refusals.isEmpty)
        #expect(fixture.queue.held == 0)
    }

    @Test("With 500 of them nothing more is claimed")
    func limit() {
        var ledger = InboxLedger()
        ledger.claimed((0..<500).map { Claimed(numbered: $0) })
        let messages = ledger.receiveReady()
        ledger.add(messages.map { Inbox.Settlement($0, .done) })
        #expect(ledger.claim(of: 3) == 3)
        let batch = ledger.batch(at: .zero)
        _ = ledger.answered(batch.ids.map { _ in .failed("no") }, to: batch.ids, at: .zero)
        #expect(ledger.claim(of: 3) == 0)
        #expect(!ledger.isBusy)
        #expect(ledger.nextTry == .seconds(1))
    }

    @Test("What is refused with its optional effects is made without them at once, and the owner learns it")
    func curtailed() async throws {
        let optional = Effect.append(list: "taken", payload: [1])
        let own = Effect.append(list: "free", payload: [2])
        let fixture = Self.fixture(["a", "b"]) { $0.effects == [optional, own] }
        let inbox = try fixture.inbox()
        let messages = try #require(try await inbox.exchange(upTo: 2))
        try await inbox.settle([
            Inbox.Settlement(messages[0], .done, effects: [own], ifPossible: [optional]),
            Inbox.Settlement(messages[1], .done, effects: [own]),
        ])
        #expect(fixture.queue.held == 0)
        #expect(inbox.refusals.isEmpty)
        #expect(inbox.takeCurtailed().map(\.message.body.text) == ["a"])
        #expect(inbox.takeCurtailed().isEmpty)
    }

    @Test("If it is the destination that is refused, the optional effects are not lost")
    func notCurtailed() {
        var ledger = InboxLedger()
        ledger.claimed([Claimed(numbered: 0)])
        let optional = Effect.append(list: "l", payload: [])
        ledger.add(ledger.receiveReady().map { Inbox.Settlement($0, .done, ifPossible: [optional]) })
        func tried(at time: Duration, _ answer: SettleAnswer) -> (effects: [Effect], refusals: Int)? {
            let batch = ledger.batch(at: time)
            guard !batch.isEmpty else { return nil }
            let findings = ledger.answered([answer], to: batch.ids, at: time)
            return (batch.settlements.flatMap(\.effects), findings.refusals.count)
        }
        let first = [tried(at: .zero, .failed("no")), tried(at: .zero, .failed("no")), tried(at: .zero, .settled)]
        #expect(first.map { $0?.effects } == [[optional], [], nil])
        #expect(first.map { $0?.refusals } == [0, 1, nil])
        let second = tried(at: .seconds(1), .settled)
        #expect(second?.effects == [optional])
        #expect(ledger.isEmpty && ledger.takeCurtailed().isEmpty)
    }

    @Test("Closing tries once more, then gives the message back")
    func close() async throws {
        let fixture = Self.fixture(["bad", "b"])
        let inbox = try fixture.inbox()
        let messages = try #require(try await inbox.exchange(upTo: 2))
        try await inbox.settle(messages[0], .append(list: "graveyard", []))
        #expect(await inbox.close())
        #expect(fixture.queue.queue == ["bad", "b"])
        #expect(Self.tries(fixture) == 2)
    }
}

extension Claimed {
    /// A claim told by a number.
    init(numbered number: Int, from source: String = "requests", crashes: Int = 0) {
        self.init(
            token: Token(rawValue: "\(number)"),
            source: .list(source),
            payload: Array("\(number)".utf8),
            crashes: crashes
        )
    }
}
