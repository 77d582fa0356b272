import Foundation
import Supervision
import Testing
import Wingman
import WingmanTesting

/// The examples of Sources/WingmanTesting/README.md, word for word.
@Suite("The README of the test kit")
struct ReadmeTests {
    private static func read(_ path: String) throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: tests.appendingPathComponent(path), encoding: .utf8)
    }

    /// What stands between two marks, as often as there is such a pair.
    private static func blocks(of text: String, from start: String, to end: String) -> [String] {
        text.components(separatedBy: start).dropFirst().compactMap { $0.components(separatedBy: end).first }
    }

    @Test("holds exactly the code that is run here")
    func examples() throws {
        let written = Self.blocks(
            of: try Self.read("../../Sources/WingmanTesting/README.md"),
            from: "```swift\n",
            to: "```"
        )
        let marks = (start: "        // exa" + "mple\n", end: "        // e" + "nd\n")
        let run = Self.blocks(of: try Self.read("ReadmeTests.swift"), from: marks.start, to: marks.end).map { block in
            block.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.hasPrefix("        ") ? String(line.dropFirst(8)) : String(line)
            }.joined(separator: "\n")
        }
        #expect(written.count == 6)
        #expect(written == run)
    }

    @Test("A pushed job is seen")
    func pushed() async throws {
        // example
        let store = MemoryStore()
        let shop = Shop(client: Client(store: store))
        try await shop.sell(item: 7, to: "ada@example.org")

        #expect(try await store.enqueued(Receipt.self).map(\.job) == [Receipt(item: 7, address: "ada@example.org")])
        #expect(try await store.scheduled(Reminder.self).count == 1)
        try await store.expectEnqueued(Receipt.self) { $0.item == 7 }
        // end
    }

    @Test("A job is performed in place")
    func performed() async throws {
        // example
        let mailer = Outbox()
        let tester = try await JobTester(
            values: { $0.put(mailer) },
            jobs: {
                Receipt.self
                Reminder.self
            }
        )
        let performed = try await tester.perform(Receipt(item: 7, address: "ada@example.org"))

        #expect(performed.outcome == .done)
        #expect(mailer.sent == ["ada@example.org"])
        // end
    }

    @Test("A failed job is retried when the clock is put forward")
    func retried() async throws {
        // example
        let tester = try await JobTester(values: { $0.put(Outbox(failing: 1)) }, jobs: { Receipt.self })
        try await tester.client.push(Receipt(item: 7, address: "ada@example.org"))

        let first = try await tester.drain()
        #expect(first.map(\.failure?.type) == ["OutboxFull"])
        #expect(try await tester.store.retrying(Receipt.self).count == 1)
        #expect(try await tester.drain().isEmpty)

        tester.advance(by: .seconds(3_600))
        #expect(try await tester.drain().map(\.outcome) == [.done])
        // end
    }

    @Test("A manual clock moves the store's")
    func manual() async throws {
        // example
        let time = ManualTime()
        let store = MemoryStore(time: time)
        let one = ProcessID(rawValue: "one:1:a")
        #expect(try await store.lead("cron", process: one, for: .seconds(10)) == 1)
        await time.advance(by: .seconds(11))
        let two = ProcessID(rawValue: "two:1:b")
        #expect(try await store.lead("cron", process: two, for: .seconds(10)) == 2)
        // end
    }

    @Test("A store fails as it is told")
    func faulty() async throws {
        // example
        let store = FaultyStore(MemoryStore())
        let client = Client(store: store)

        store.fail(.enqueue, by: .losingReply)
        await #expect(throws: StoreError.self) { try await client.push(Receipt(item: 7, address: "ada@example.org")) }
        #expect(try await store.enqueued(Receipt.self).count == 1, "the push was carried out, only nobody heard")

        store.isAway = true
        await #expect(throws: StoreError.self) { try await client.push(Receipt(item: 8, address: "ada@example.org")) }
        store.isAway = false
        // end
    }

    @Test("A store of one's own passes the suite")
    func ownStore() async throws {
        let fixture = SampleFixture()
        // example
        for check in StoreConformance.checks {
            try await check.run(on: fixture)
        }
        try await StoreComparison(fixture).run(seeds: 1...5)
        // end
    }
}
