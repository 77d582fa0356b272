import TestSupport
import Testing

@testable import Wingman

@Suite("The order of the queues")
struct QueueOrderTests {
    private func frequencies(_ queues: [QueueWeight], draws: Int = 20_000) -> [String: Double] {
        let order = QueueOrder(queues)
        var generator = SeededGenerator(seed: 7)
        var first: [String: Int] = [:]
        for _ in 0..<draws {
            let sources = order.next(using: &generator)
            first[sources.first?.name ?? "", default: 0] += 1
            if Set(sources) != Set(queues.map { Source.queue($0.name) }) { Issue.record("a queue is missing") }
            if Set(sources).count != sources.count { Issue.record("a queue is asked twice") }
        }
        return first.mapValues { Double($0) / Double(draws) }
    }

    @Test("Without weights the order is the one written, always")
    func strict() {
        let order = QueueOrder([QueueWeight("c"), QueueWeight("a"), QueueWeight("b"), QueueWeight("c")])
        var generator = SeededGenerator(seed: 1)
        #expect(order.mode == .strict)
        for _ in 0..<100 {
            #expect(order.next(using: &generator) == [.queue("c"), .queue("a"), .queue("b")])
        }
    }

    @Test("With weights of 1 every queue comes first as often as the others")
    func random() {
        let queues = ["a", "b", "c", "d"].map { QueueWeight($0, weight: 1) }
        #expect(QueueOrder(queues).mode == .random)
        for share in self.frequencies(queues).values { #expect(abs(share - 0.25) < 0.02) }
    }

    @Test("With other weights a queue comes first as often as its weight says")
    func weighted() {
        let queues = [QueueWeight("high", weight: 6), QueueWeight("middle", weight: 3), QueueWeight("low", weight: 1)]
        #expect(QueueOrder(queues).mode == .weighted)
        let shares = self.frequencies(queues)
        #expect(abs((shares["high"] ?? 0) - 0.6) < 0.02)
        #expect(abs((shares["middle"] ?? 0) - 0.3) < 0.02)
        #expect(abs((shares["low"] ?? 0) - 0.1) < 0.02)
    }

    @Test("A weight of 0 among others counts as 1, as in Sidekiq")
    func zeroAmongWeights() {
        let queues = [QueueWeight("a", weight: 3), QueueWeight("b")]
        #expect(QueueOrder(queues).mode == .weighted)
        #expect(abs((self.frequencies(queues)["a"] ?? 0) - 0.75) < 0.02)
    }

    @Test(
        "A queue is read from `name` and `name,weight`",
        arguments: [
            ("default", QueueWeight("default")), ("high,3", QueueWeight("high", weight: 3)),
            ("a-b_c:d.e,0", QueueWeight("a-b_c:d.e")), ("high,1000", QueueWeight("high", weight: 1_000)),
            ("mit Leerzeichen,2", QueueWeight("mit Leerzeichen", weight: 2)),
        ]
    )
    func parsing(_ text: String, _ expected: QueueWeight) throws {
        #expect(try QueueWeight(parsing: text) == expected)
    }

    @Test(
        "What is no queue is refused with its text",
        arguments: ["", ",", ",3", "a,", "a,b", "a,1,2", "a,-1", "a,1001", "a,1.5", "a, 1", "a,99999999999999999999"]
    )
    func refused(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) { try QueueWeight(parsing: text) }
        #expect(error?.description.contains("\"\(text)\"") == true)
    }
}
