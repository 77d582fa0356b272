import Testing

@testable import Wingman

@Suite("What an inbox holds")
struct InboxLedgerTests {
    /// A ledger of one incarnation whose owner has received messages 0 ..< count.
    private static func received(_ count: Int) -> (InboxLedger, [Inbox.Message]) {
        var ledger = InboxLedger()
        _ = ledger.began(epoch: 1)
        ledger.claimed((0..<count).map { Claimed(numbered: $0) })
        let messages = ledger.receiveReady()
        return (ledger, messages)
    }

    /// Answers everything that is to be settled now.
    ///
    /// - Returns: The settlements' tokens.
    private static func settle(_ ledger: inout InboxLedger) -> [String] {
        let batch = ledger.batch(at: .zero)
        _ = ledger.answered(batch.ids.map { _ in .settled }, to: batch.ids, at: .zero)
        return batch.settlements.map(\.token.rawValue)
    }

    private static func claims(_ crashes: [Int]) -> [Claimed] {
        crashes.enumerated().map { Claimed(numbered: $0, crashes: $1) }
    }

    /// By the parity of the number that a message is.
    private static let byParity = Inbox.Order.byKey { body in Int(body.text).map { $0 % 2 == 0 ? "even" : "odd" } }

    @Test("In an ordered inbox a suspect waits for what is older, and what is newer waits for it")
    func behindSuspects() throws {
        var ledger = InboxLedger()
        ledger.claimed(Self.claims([0, 2, 1, 0, 3, 0]))
        #expect(ledger.nextSuspects.isEmpty, "an older one is ready")
        let ready = ledger.receiveReady()
        #expect(ready.map(\.body.text) == ["0"])
        #expect(ledger.nextSuspects.isEmpty, "an older one is received")
        #expect(ledger.claim(of: 5) == 0, "older ones wait")
        ledger.add([Inbox.Settlement(ready[0], .done)])
        #expect(Self.settle(&ledger) == ["0"])
        #expect(ledger.nextSuspects.map(\.body.text) == ["1"])
        #expect(ledger.isBusy, "what is no suspect is held")
        ledger.giveBackReady()
        #expect(Self.settle(&ledger) == ["5", "4", "3"])
        #expect(!ledger.isBusy)
        for number in ["1", "2"] {
            #expect(ledger.nextSuspects.map(\.body.text) == [number])
            let suspect = ledger.receiveSuspect(Token(rawValue: number))
            #expect(ledger.receiveSuspect(Token(rawValue: number)) == nil)
            ledger.add([Inbox.Settlement(try #require(suspect), .done)])
            #expect(Self.settle(&ledger) == [number])
        }
        #expect(ledger.isEmpty)
        #expect(ledger.claim(of: 5) == 5)
    }

    @Test("By key a suspect waits only for its key, and only its key for it")
    func byKey() {
        var ledger = InboxLedger(Self.byParity)
        ledger.claimed(Self.claims([0, 1, 1, 0, 0]))
        #expect(ledger.nextSuspects.map(\.body.text) == ["1"])
        let ready = ledger.receiveReady()
        #expect(ready.map(\.body.text) == ["0"], "the others wait for suspects of their keys")
        #expect(ledger.claim(of: 5) == 1)
        // The older one of its key goes back: the suspect of that key does, the other one stays.
        ledger.add([Inbox.Settlement(ready[0], .giveBack)])
        #expect(Self.settle(&ledger) == ["4", "2", "0"])
        #expect(ledger.nextSuspects.map(\.body.text) == ["1"])
        ledger.giveBackReady()
        #expect(Self.settle(&ledger) == ["3"])
        #expect(ledger.nextSuspects.map(\.body.text) == ["1"])
    }

    @Test("What waited for a suspect that was received is ready: its owner keeps the order then")
    func movesOn() {
        var ledger = InboxLedger(Self.byParity)
        ledger.claimed(Self.claims([1, 0, 0]))
        let first = ledger.receiveReady()
        #expect(first.map(\.body.text) == ["1"])
        let suspect = ledger.receiveSuspect(Token(rawValue: "0"))
        #expect(suspect != nil)
        let second = ledger.receiveReady()
        #expect(second.map(\.body.text) == ["2"])
    }

    @Test("Where order is no matter, suspects wait for nobody and nobody for them")
    func concurrent() {
        var ledger = InboxLedger(.concurrent)
        ledger.claimed(Self.claims([0, 1, 0, 1]))
        #expect(ledger.nextSuspects.map(\.body.text) == ["1", "3"])
        let ready = ledger.receiveReady()
        #expect(ready.map(\.body.text) == ["0", "2"])
        ledger.add(ready.map { Inbox.Settlement($0, .giveBack) })
        #expect(Self.settle(&ledger) == ["2", "0"])
        #expect(ledger.nextSuspects.map(\.body.text) == ["1", "3"])
        ledger.giveBackSuspect(Token(rawValue: "3"))
        #expect(Self.settle(&ledger) == ["3"])
    }

    @Test(
        "A suspect that was handled and goes back is not received alone again until its end, which those behind it wait for"
    )
    func acquitted() throws {
        var ledger = InboxLedger()
        let claims = Self.claims([1, 1])
        for isAcquitted in [false, true] {
            ledger.claimed(claims)
            let suspect = ledger.receiveSuspect(claims[0].token)
            var settlement = Inbox.Settlement(try #require(suspect), .giveBack)
            settlement.isAcquitted = isAcquitted
            ledger.add([settlement])
            #expect(Self.settle(&ledger) == ["1", "0"], "what is behind it goes back as well")
        }
        // Once it goes back before it is received.
        ledger.claimed(claims)
        ledger.giveBackReady()
        #expect(Self.settle(&ledger) == ["1", "0"])
        ledger.claimed(claims)
        let received = ledger.receiveReady()
        #expect(received.map(\.body.text) == ["0"])
        #expect(ledger.nextSuspects.isEmpty, "it is not over yet")
        ledger.add([Inbox.Settlement(received[0], .done)])
        #expect(Self.settle(&ledger) == ["0"])
        #expect(ledger.nextSuspects.map(\.body.text) == ["1"])
        ledger.giveBackUnreceived()
        #expect(Self.settle(&ledger) == ["1"])
        ledger.claimed([claims[0]])
        #expect(ledger.nextSuspects.count == 1, "the acquittal ended with the message")
    }

    @Test("Suspects that need not be alone are received in their order")
    func amongOthers() {
        var ledger = InboxLedger(isolatesSuspects: false)
        ledger.claimed(Self.claims([0, 2, 0]))
        let ready = ledger.receiveReady()
        #expect(ready.map(\.crashes) == [0, 2, 0])
    }

    @Test("What is refused for its optional effects is not given back before it was tried without them")
    func curtailed() {
        var (ledger, messages) = Self.received(1)
        let reply = Effect.append(list: "replies:1", payload: [1])
        ledger.add([Inbox.Settlement(messages[0], .append(list: "dead", [2]), ifPossible: [reply])])
        func answer(_ answer: SettleAnswer) -> Int {
            let batch = ledger.batch(at: ledger.nextTry ?? .zero)
            _ = ledger.answered([answer], to: batch.ids, at: .zero)
            return batch.settlements.map(\.effects.count).reduce(0, +)
        }
        // Both destinations are bad at first; at the end the dead letters' is mended.
        #expect([answer(.failed("reply")), answer(.failed("dead"))] == [1, 0])
        #expect(answer(.failed("reply")) == 1)
        ledger.giveBackRefused()
        #expect(answer(.settled) == 0)
        #expect(ledger.takeCurtailed().count == 1)
        messages = []
    }

    @Test("All goes back the newest first, over as many batches as it takes; what was settled stays settled")
    func givesAllBack() {
        var (ledger, messages) = Self.received(1_201)
        ledger.add([Inbox.Settlement(messages[700], .done)])
        ledger.giveBackAll()
        var tokens: [String] = []
        while true {
            let batch = ledger.batch(at: .zero)
            guard !batch.isEmpty else { break }
            #expect(batch.ids.count <= 500)
            tokens += batch.settlements.map(\.token.rawValue)
            _ = ledger.answered(batch.ids.map { _ in .settled }, to: batch.ids, at: .zero)
        }
        let others = (0...1_200).reversed().filter { $0 != 700 }.map(String.init)
        #expect(tokens == ["700"] + others)
        #expect(ledger.isEmpty)
    }

    @Test("Messages given back in one call keep their order, whatever the order of the call")
    func givesBackInOrder() {
        var (ledger, messages) = Self.received(4)
        let ends = [1, 3, 0].map { Inbox.Settlement(messages[$0], .giveBack) }
        ledger.add(ends + [Inbox.Settlement(messages[2], .done)])
        #expect(ledger.batch(at: .zero).settlements.map(\.token.rawValue) == ["2", "3", "1", "0"])
        messages = []
    }

    @Test("A message that goes back takes along the suspects claimed behind it: none is received before it")
    func takesAlong() {
        var ledger = InboxLedger()
        ledger.claimed(Self.claims([1, 1, 1]))
        let first = ledger.receiveSuspect(Token(rawValue: "0"))
        ledger.add(first.map { [Inbox.Settlement($0, .giveBack)] } ?? [])
        #expect(ledger.waiting.isEmpty)
        #expect(ledger.batch(at: .zero).settlements.map(\.token.rawValue) == ["2", "1", "0"])
    }

    @Test("Another incarnation has lost what was received, and knows nothing of the rest")
    func lost() {
        var (ledger, messages) = Self.received(3)
        ledger.add([Inbox.Settlement(messages[0], .done)])
        ledger.claimed([Claimed(numbered: 7), Claimed(numbered: 8, crashes: 1)])
        let hasLost = [1, 2].map { ledger.began(epoch: $0) }
        #expect(hasLost == [false, true])
        let lost = [ledger.takeLost(), ledger.takeLost()]
        #expect(lost.map { $0.map(\.body.text) } == [["0", "1", "2"], []])
        #expect(ledger.isEmpty)
        #expect(!ledger.isBusy)
        ledger.add([Inbox.Settlement(messages[1], .done)])
        #expect(ledger.batch(at: .zero).isEmpty)
    }

    @Test("A stale answer is a lost message, a refused one is told at the first try, and then ever more rarely")
    func answers() {
        var (ledger, messages) = Self.received(2)
        ledger.add(messages.map { Inbox.Settlement($0, .done) })
        var batch = ledger.batch(at: .zero)
        let first = ledger.answered([.stale, .failed("full")], to: batch.ids, at: .zero)
        #expect(first.stale == 1)
        #expect(first.refusals.map(\.tries) == [1])
        let lost = ledger.takeLost()
        #expect(lost.map(\.body.text) == ["0"])
        var told: [Int] = []
        for _ in 2...9 {
            let now = ledger.nextTry ?? .zero
            #expect(ledger.batch(at: now - .milliseconds(1)).isEmpty)
            batch = ledger.batch(at: now)
            told += ledger.answered([.failed("full")], to: batch.ids, at: now).refusals.map(\.tries)
        }
        #expect(told == [2, 4, 8])
        #expect(ledger.refusals.map(\.tries) == [9])
        let pauses = [1, 2, 4, 8, 16, 32, 60, 60, 60]
        #expect(ledger.nextTry == .seconds(pauses.reduce(0, +)))
    }
}
