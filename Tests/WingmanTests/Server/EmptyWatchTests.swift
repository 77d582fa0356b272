import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Wingman

@Suite("Until empty")
struct EmptyWatchTests {
    @Test(
        "Queued, due and running jobs keep the process; what is for later, dead, or another's does not",
        arguments: [
            (StoreCounts(), true), (StoreCounts(queues: ["mine": 1]), false), (StoreCounts(queues: ["other": 9]), true),
            (StoreCounts(inFlight: 1), false), (StoreCounts(scheduled: 5), true),
            (StoreCounts(scheduled: 5, scheduledDue: 1), false), (StoreCounts(retries: 5), true),
            (StoreCounts(retries: 5, retriesDue: 1), false), (StoreCounts(dead: 3, processed: 10, failed: 3), true),
        ]
    )
    func isEmpty(_ counts: StoreCounts, _ expected: Bool) {
        #expect(EmptyWatch.isEmpty(counts, queues: ["mine"]) == expected)
    }

    @Test("Two empty looks stop the process, once, whatever is pushed and done meanwhile")
    func stopsOnce() async {
        let time = ManualTime()
        let store = ScriptedStore()
        let life = ProcessLife()
        let stops = Counter64()
        let looks = Counter64()
        store.with { state in
            state.onCounts = {
                looks.add()
                return StoreCounts(inFlight: [1, 2, 5, 9].contains(looks.count) ? 1 : 0)
            }
        }
        let watch = EmptyWatch(
            queues: ["default"],
            store: store,
            life: life,
            time: time,
            logger: quietLogger,
            stop: { stops.add() }
        )
        let task = Task(executorPreference: time.executor) { try await watch.run() }
        await time.advance(by: .seconds(2))
        #expect(looks.count == 0)
        life.confirmCandidate(at: time.now, lease: .seconds(100))
        await time.advance(by: .milliseconds(350))
        #expect(stops.count == 0)
        await time.advance(by: .seconds(5))
        #expect(looks.count > 12)
        #expect(stops.count == 1)
        task.cancel()
        _ = await task.result
    }
}
