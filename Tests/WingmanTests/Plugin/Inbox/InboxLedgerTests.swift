import Testing

@testable import Wingman

@Suite("What an inbox holds")
struct InboxLedgerTests {
    /// A ledger of one incarnation whose owner has received messages 0 ..< count.
    private static func received(_ count: Int) -> (InboxLedger, [Inbox.Message]) {
        var ledger = InboxLedger()
        _ = ledger.began(epoch: 1)
        ledger.claimed((0..<count).map { Claimed(numbered: $0) }, areAlone: true)
        let messages = ledger.receiveReady()
        return (ledger, messages)
    }

    @Test("What comes behind a suspect goes back, the newest first, so that nothing is received before it")
    func behindSuspects() {
        var ledger = InboxLedger()
        let crashes = [0, 2, 1, 0, 3, 0]
        ledger.claimed(crashes.enumerated().map { Claimed(numbered: $0, crashes: $1) }, areAlone: true)
        let ready = ledger.receiveReady()
        #expect(ready.map(\.body.text) == ["0"])
        #expect(ledger.suspects.map(\.body.text) == ["1", "2"])
        #expect(ledger.claim(of: 5) == 0, "older ones wait")
        let batch = ledger.batch(at: .zero)
        #expect(batch.settlements.map(\.token.rawValue) == ["5", "4", "3"])
        _ = ledger.answered([.settled, .settled, .settled], to: batch.ids, at: .zero)
        let suspects = ["1", "1", "2"].map { ledger.receiveSuspect(Token(rawValue: $0)) }
        #expect(suspects.map { $0?.crashes } == [2, nil, 1])
        #expect(ledger.claim(of: 5) == 5)
    }

    @Test("A suspect that was handled and goes back is not received alone again, nor what is behind it, until its end")
    func acquitted() throws {
        var ledger = InboxLedger()
        let claims = (0..<2).map { Claimed(numbered: $0, crashes: 1) }
        for isAcquitted in [false, true] {
            ledger.claimed(claims, areAlone: true)
            let suspect = ledger.receiveSuspect(claims[0].token)
            let message = try #require(suspect)
            var settlement = Inbox.Settlement(message, .giveBack)
            settlement.isAcquitted = isAcquitted
            ledger.add([settlement])
            let batch = ledger.batch(at: .zero)
            #expect(batch.settlements.count == 2, "what is behind it goes back as well")
            _ = ledger.answered([.settled, .settled], to: batch.ids, at: .zero)
        }
        // Once it goes back before it is received.
        ledger.claimed(claims, areAlone: true)
        ledger.giveBackReady()
        let back = ledger.batch(at: .zero)
        _ = ledger.answered([.settled, .settled], to: back.ids, at: .zero)
        ledger.claimed(claims, areAlone: true)
        #expect(ledger.suspects.isEmpty)
        let received = ledger.receiveReady()
        #expect(received.map(\.crashes) == [1, 1])
        ledger.claimed([Claimed(numbered: 2, crashes: 1)], areAlone: true)
        #expect(ledger.suspects.isEmpty, "it is not over yet")
        ledger.add([Inbox.Settlement(received[0], .done)])
        let end = ledger.batch(at: .zero)
        _ = ledger.answered([.settled], to: end.ids, at: .zero)
        ledger.claimed([Claimed(numbered: 3, crashes: 1)], areAlone: true)
        #expect(ledger.suspects.count == 1)
    }

    @Test("Suspects that need not be alone are received in their order")
    func amongOthers() {
        var ledger = InboxLedger()
        ledger.claimed([0, 2, 0].enumerated().map { Claimed(numbered: $0, crashes: $1) }, areAlone: false)
        let ready = ledger.receiveReady()
        #expect(ready.map(\.crashes) == [0, 2, 0])
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
        ledger.claimed((0..<3).map { Claimed(numbered: $0, crashes: 1) }, areAlone: true)
        let first = ledger.receiveSuspect(Token(rawValue: "0"))
        ledger.add(first.map { [Inbox.Settlement($0, .giveBack)] } ?? [])
        #expect(ledger.suspects.isEmpty)
        #expect(ledger.batch(at: .zero).settlements.map(\.token.rawValue) == ["2", "1", "0"])
    }

    @Test("Another incarnation has lost what was received, and knows nothing of the rest")
    func lost() {
        var (ledger, messages) = Self.received(3)
        ledger.add([Inbox.Settlement(messages[0], .done)])
        ledger.claimed([Claimed(numbered: 7), Claimed(numbered: 8, crashes: 1)], areAlone: true)
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
