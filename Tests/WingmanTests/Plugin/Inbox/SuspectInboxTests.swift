import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("Suspects in inboxes", .timeLimit(.minutes(1)))
struct SuspectInboxTests {
    /// Reads its list, and acknowledges each message when its gate opens.
    private static func read(
        _ list: String,
        _ environment: ServiceEnvironment,
        _ notes: Notes<String>,
        _ gate: Gate
    ) -> Task<Void, any Error> {
        Task {
            let inbox = try environment.inbox(list: list)
            while let message = try await inbox.receive() {
                notes.add("\(message.body.text) \(message.crashes)")
                await gate.passage()
                try await inbox.settle(message, .done)
            }
            await inbox.close()
        }
    }

    /// Two lists of which the second holds a suspect, and the guard.
    private static func twoLists() -> (InboxFixture, [String: QueueScript], ServiceEnvironment) {
        let fixture = InboxFixture([])
        let store = fixture.store
        let queues = ["one": QueueScript(["a", "b"]), "two": QueueScript(["suspect"])]
        queues["two"]?.suspect(["suspect": 2])
        store.with { state in
            state.onStep = { step in
                guard case .list(let list)? = step.sources.first, let queue = queues[list] else { return .fenced }
                return queue.reply(to: step)
            }
        }
        return (fixture, queues, fixture.guarded)
    }

    @Test("A suspect is received when the whole process holds nothing else, and nothing is received beside it")
    func alone() async throws {
        let (fixture, queues, environment) = Self.twoLists()
        let (store, notes) = (fixture.store, Notes<String>())
        let gates = [Gate(), Gate()]
        let one = Self.read("one", environment, notes, gates[0])
        try await eventually("the first message") { notes.all == ["a 0"] }
        let two = Self.read("two", environment, notes, gates[1])
        try await eventually("the suspect to be claimed") { queues["two"]?.held == 1 }
        // That the store has claimed it is one thing, that the guard has heard of it another.
        let probe = try environment.inbox(list: "probe")
        try await eventually("everybody to hold still") { probe.isHeld }
        #expect(store.with { $0.isolated }.isEmpty)

        gates[0].open()
        try await eventually("the suspect") { notes.all == ["a 0", "suspect 2"] }
        #expect(store.with { $0.isolated }.count == 1)
        #expect(queues["one"]?.queue == ["b"])
        gates[1].open()
        try await eventually("normal work") { notes.all == ["a 0", "suspect 2", "b 0"] }

        fixture.life.quiet()
        try await one.value
        try await two.value
        #expect(queues.values.allSatisfy { $0.held == 0 })
    }

    @Test("A message that hangs keeps a suspect of another list waiting for ten minutes, and no longer")
    func besideOthers() async throws {
        let (fixture, queues, environment) = Self.twoLists()
        let (notes, gates, start) = (Notes<String>(), [Gate(), Gate()], fixture.time.now)
        let one = Self.read("one", environment, notes, gates[0])
        try await eventually("the first message") { notes.all == ["a 0"] }
        let two = Self.read("two", environment, notes, gates[1])
        try await eventually("the suspect to be claimed") { queues["two"]?.held == 1 }
        try await eventually("the suspect") {
            await fixture.time.advance(by: SuspectGate.patience)
            return notes.all == ["a 0", "suspect 2"]
        }
        #expect(fixture.time.now - start >= .seconds(600))
        #expect(fixture.store.with { $0.isolated }.isEmpty)
        for gate in gates { gate.open() }
        fixture.life.quiet()
        try await one.value
        try await two.value
        #expect(queues.values.allSatisfy { $0.held == 0 })
    }

    @Test("A suspect behind a message of its line keeps nobody waiting: it runs alone once that one has ended")
    func behindAnother() async throws {
        let fixture = InboxFixture(["first", "suspect", "last"])
        fixture.queue.suspect(["suspect": 1])
        let environment = fixture.guarded
        let reader = Task {
            let inbox = try environment.inbox(list: "requests")
            var received: [String] = []
            var settlements: [Inbox.Settlement] = []
            // All three could be taken at once.
            while let messages = try await inbox.exchange(settlements, upTo: 3), received.count < 3 {
                received += messages.map(\.body.text)
                settlements = messages.map { Inbox.Settlement($0, .done) }
            }
            await inbox.close()
            return received
        }
        try await eventually("all to be settled") { fixture.queue.ended.count == 3 }
        fixture.life.quiet()
        #expect(try await reader.value == ["first", "suspect", "last"])
        #expect(fixture.store.with { $0.isolated }.count == 1)
    }

    @Test("A suspect that the store does not know of is given up")
    func unknown() async throws {
        let fixture = InboxFixture(["suspect", "next"])
        fixture.queue.suspect(["suspect": 1])
        let environment = fixture.guarded
        fixture.store.with { state in
            state.onIsolate = { token in
                // Others have it.
                if let token { fixture.queue.lose(token) }
                return false
            }
        }
        let notes = Notes<String>()
        let gate = Gate()
        gate.open()
        let reader = Self.read("requests", environment, notes, gate)
        try await eventually("the next message") { notes.all == ["next 0"] }
        fixture.life.quiet()
        try await reader.value
        #expect(fixture.store.with { $0.isolated }.count == 1)
    }

    @Test("A quiet gives a waiting suspect back")
    func quiet() async throws {
        let fixture = InboxFixture(["suspect"])
        fixture.queue.suspect(["suspect": 1])
        fixture.store.with { $0.onIsolate = { _ in throw StoreError.away } }
        let environment = fixture.guarded
        let reader = Self.read("requests", environment, Notes(), Gate())
        try await eventually("the store to be asked") { fixture.store.with { $0.isolated.count } == 1 }
        fixture.life.quiet()
        try await reader.value
        #expect(fixture.queue.queue == ["suspect"])
        #expect(fixture.queue.held == 0)
    }
}
