import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Wingman

@Suite("Until empty")
struct EmptyWatchTests {
    private let time = ManualTime()
    private let store = ScriptedStore()
    private let life = ProcessLife()
    private let stops = Counter64()

    private func watch(queues: Set<String> = ["mine"], lists: Set<String> = ["requests"]) -> EmptyWatch {
        EmptyWatch(
            queues: queues,
            lists: lists,
            store: self.store,
            life: self.life,
            time: self.time,
            logger: quietLogger,
            stop: { [stops] in stops.add() }
        )
    }

    /// Lets it look some times.
    private func look() async {
        self.life.confirmCandidate(at: self.time.now, lease: .seconds(100))
        let watch = self.watch()
        let task = Task(executorPreference: self.time.executor) { try await watch.run() }
        await self.time.advance(by: .seconds(1))
        task.cancel()
        _ = await task.result
    }

    @Test(
        "Jobs of its own queues keep the process, queued or in whoever's hands; others' do not",
        arguments: [
            (StoreCounts(), true), (StoreCounts(queues: ["mine": 1]), false), (StoreCounts(queues: ["other": 9]), true),
            (StoreCounts(inFlight: 1, inFlightBySource: [.queue("mine"): 1]), false),
            (StoreCounts(inFlight: 1, inFlightBySource: [.list("requests"): 1]), false),
            (StoreCounts(inFlight: 2, inFlightBySource: [.queue("other"): 1, .list("mine"): 1]), true),
            (StoreCounts(scheduled: 5), true), (StoreCounts(retries: 5), true),
            (StoreCounts(dead: 3, quarantined: 2, processed: 10, failed: 3), true),
        ]
    )
    func counts(_ counts: StoreCounts, _ expected: Bool) async {
        self.store.with { $0.onCounts = { counts } }
        await self.look()
        #expect(self.stops.count == (expected ? 1 : 0))
    }

    @Test("Messages of the lists that plugins declare, or that inboxes read, keep the process", arguments: 0...3)
    func messages(which: Int) async throws {
        let places: [Place] = [.list("requests"), .list("inbox"), .list("other"), .later("inbox")]
        let full = places[which]
        _ = try ServiceEnvironment.sample(self.store, life: self.life, time: self.time).inbox(list: "inbox")
        self.store.with { state in
            state.onEntries = { $0 == full ? [Entry(payload: [])] : [] }
            state.onDue = { set, _ in DueReply(entries: set.place == full ? [[]] : [], nextDue: nil) }
        }
        await self.look()
        #expect(self.stops.count == (which == 2 ? 1 : 0))
    }

    @Test(
        "Due jobs of its own queues keep the process, with or without a name",
        arguments: [
            (#"{"class":"A","args":[],"queue":"mine"}"#, false), (#"{"class":"A","args":[],"queue":"other"}"#, true),
            (#"{"class":"A","args":[]}"#, true), ("nonsense", true),
        ]
    )
    func due(entry: String, expected: Bool) async {
        let bytes = Array(entry.utf8)
        self.store.with { state in
            state.onCounts = { StoreCounts(retries: 1, retriesDue: 1) }
            state.onDue = { set, _ in DueReply(entries: set == .retry ? [bytes] : [], nextDue: nil) }
        }
        await self.look()
        #expect(self.stops.count == (expected ? 1 : 0))
    }

    @Test("Two empty looks stop the process, once, whatever is pushed and done meanwhile")
    func stopsOnce() async {
        let looks = Counter64()
        self.store.with { state in
            state.onCounts = {
                looks.add()
                return StoreCounts(queues: ["mine": [1, 2, 5, 9].contains(looks.count) ? 1 : 0])
            }
        }
        let watch = self.watch()
        let task = Task(executorPreference: self.time.executor) { try await watch.run() }
        await self.time.advance(by: .seconds(2))
        #expect(looks.count == 0)
        self.life.confirmCandidate(at: self.time.now, lease: .seconds(100))
        await self.time.advance(by: .milliseconds(350))
        #expect(self.stops.count == 0)
        await self.time.advance(by: .seconds(5))
        #expect(looks.count > 12)
        #expect(self.stops.count == 1)
        task.cancel()
        _ = await task.result
    }
}
