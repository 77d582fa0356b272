import Supervision
import Synchronization
import TestSupport
import Testing
import WingmanTesting

@testable import Wingman
@testable import WingmanScheduler

@Suite("Schedulers in bad company")
struct ChaosTests {
    /// A thousand seconds, stepped through by hand; every process's calls lose requests and replies, processes die and are
    /// started again, whoever leads.
    @Test("enqueue each of a thousand occurrences exactly once, in order", arguments: [UInt64(1), 2, 3])
    func thousand(seed: UInt64) async throws {
        let rig = Rig.manual()
        let memory = try #require(rig.store as? MemoryStore)
        let entries: @Sendable () -> [ScheduleEntry] = { [Every(.seconds(1)) { Sweep() }.catchUp(.all(limit: 1_000))] }
        let start: (Int) -> Rig<ManualTime>.Process = { number in
            let plan = FaultyStore.Plan(
                seed: seed &* 1_000 &+ UInt64(number),
                lostRequests: 10,
                lostReplies: 10,
                calls: [.apply, .values, .members]
            )
            return rig.start(leads: number.isMultiple(of: 3), store: FaultyStore(memory.another(), plan: plan)) {
                entries()
            }
        }
        var processes = (0..<8).map { start($0) }
        let first = rig.now
        for round in 0..<100 {
            await rig.time.advance(by: .seconds(10))
            processes[round % 8].cancel()
            processes[round % 8] = start(8 + round)
        }
        await rig.time.advance(by: .seconds(60))
        for process in processes { await process.stop() }
        let jobs = try await rig.jobs()
        #expect(jobs.count >= 1_000)
        #expect(jobs.first.map { $0.at - first < 60 } == true)
        let begin = try #require(jobs.first?.at)
        #expect(jobs.map(\.at) == Array(begin..<begin + jobs.count))
        #expect(Set(jobs.map(\.jid)).count == jobs.count)
    }

    @Test("make few calls for ten thousand schedules while nothing is due")
    func idle() async throws {
        let rig = Rig.manual()
        let counter = CountingKeys(rig.keys)
        let process = rig.start(keys: counter) {
            for number in 0..<10_000 { Cron("0 4 1 1 *", id: "s\(number)") { Sweep() } }
        }
        await rig.time.advance(by: .seconds(3))
        #expect(try await rig.keys.ids().count == 10_000)
        let before = counter.calls
        await rig.time.advance(by: .seconds(60))
        // One a second, and what is done every half minute.
        #expect(counter.calls - before < 80)
        #expect(try await rig.jobs().isEmpty)
        await process.stop()
    }
}

/// Counts the calls that schedulers make.
private final class CountingKeys: ScheduleStore {
    private let base: any ScheduleStore
    private let count = Mutex(0)

    init(_ base: any ScheduleStore) {
        self.base = base
    }

    var calls: Int { self.count.withLock { $0 } }

    func values(of names: [String]) async throws -> [[UInt8]?] {
        self.count.withLock { $0 += 1 }
        return try await self.base.values(of: names)
    }

    func members(of name: String) async throws -> [[UInt8]] {
        self.count.withLock { $0 += 1 }
        return try await self.base.members(of: name)
    }

    func apply(_ change: Change) async throws -> ChangeReply {
        self.count.withLock { $0 += 1 }
        return try await self.base.apply(change)
    }
}
