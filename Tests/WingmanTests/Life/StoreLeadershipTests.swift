import TestSupport
import Testing

@testable import Wingman

@Suite("Who leads")
struct StoreLeadershipTests {
    private let time = ManualTime()
    private let store = ScriptedStore()
    private let life = ProcessLife()

    private func leadership() -> StoreLeadership {
        StoreLeadership(role: "poller", term: .seconds(3), store: self.store, life: self.life, time: self.time)
    }

    @Test("Without a lease nobody leads, and nothing is waited for")
    func noLease() async throws {
        var leadership = self.leadership()
        #expect(try await leadership.holds() == false)
    }

    @Test("The store is asked again after a third of the term, and after a fence")
    func asks() async throws {
        let asked = Counter64()
        self.store.with {
            $0.onLead = { _ in
                asked.add()
                return 1
            }
        }
        self.life.confirmCandidate(at: self.time.now)
        var leadership = self.leadership()
        #expect(try await leadership.holds() == true)
        #expect(try await leadership.holds() == true)
        #expect(asked.count == 1)
        await self.time.advance(by: .seconds(1))
        #expect(try await leadership.holds() == true)
        #expect(asked.count == 2)
        self.life.fence(self.life.candidate)
        self.life.confirmCandidate(at: self.time.now)
        #expect(try await leadership.holds() == true)
        #expect(asked.count == 3)
        await leadership.resign()
        await leadership.resign()
        #expect(self.store.with { $0.resigned } == ["poller"])
    }

    @Test("Another leader is asked about each time")
    func follower() async throws {
        self.store.with { $0.onLead = { _ in nil } }
        self.life.confirmCandidate(at: self.time.now)
        var leadership = self.leadership()
        #expect(try await leadership.holds() == false)
        await leadership.resign()
        #expect(self.store.with { $0.resigned }.isEmpty)
    }
}

@Suite("A loop's bell")
struct BellTests {
    private let time = ManualTime()

    private func turns(_ bell: Bell, _ counter: Counter64, pause: Duration) -> Task<Void, Never> {
        let time = self.time
        return Task(executorPreference: time.executor) {
            await Wingman.turns(bell: bell, on: time) {
                counter.add()
                return pause
            }
        }
    }

    @Test("A loop turns when its time has come or the bell rings, and ends when it is cancelled")
    func turning() async {
        let bell = Bell()
        let counter = Counter64()
        let task = self.turns(bell, counter, pause: .seconds(3))
        await self.time.advance(by: .seconds(7))
        #expect(counter.count == 3)
        bell.ring()
        await self.time.settle()
        #expect(counter.count == 4)
        task.cancel()
        await task.value
        #expect(counter.count == 4)
    }

    @Test("One that lies down while another sleeps wakes it")
    func twoSleepers() async {
        let bell = Bell()
        let counter = Counter64()
        let tasks = (0..<2).map { _ in
            Task(executorPreference: self.time.executor) {
                await bell.sleep(for: nil, on: self.time)
                counter.add()
            }
        }
        await self.time.settle()
        #expect(counter.count == 1)
        bell.ring()
        for task in tasks { await task.value }
        #expect(counter.count == 2)
    }

    @Test("A ring while nobody sleeps ends the next sleep, and only that")
    func ringBeforeSleep() async {
        let bell = Bell()
        bell.ring()
        bell.ring()
        let counter = Counter64()
        let task = self.turns(bell, counter, pause: .seconds(3))
        await self.time.settle()
        #expect(counter.count == 2)
        task.cancel()
        await task.value
    }
}
