import Foundation
import Supervision
import Synchronization
import TestSupport
import Testing
import WingmanTesting

@testable import Wingman
@testable import WingmanScheduler

@Suite("A scheduled job")
struct JobTests {
    let rig = Rig.manual()

    @Test("knows its occurrence, the one before, how late it is and what was missed")
    func context() async throws {
        let member = OccurrenceMember(
            PlannedOccurrence(at: 1_800_000_000, previous: 1_799_999_990, lateBy: 1_500, missed: 2, jid: "j", slot: 3),
            of: "sweep",
            overlap: .skip
        )
        let pushed = try #require(
            try await Client(store: self.rig.store).draft(
                Sweep(number: 7),
                jobID: "j",
                fields: [OccurrenceMember.name: member.json]
            )
        )
        let environment = self.rig.environment(ProcessLife(), [], self.rig.store)
        let context = JobContext(payload: try JobPayload(pushed.payload), environment: environment, queue: "default")
        let schedule = try #require(context.schedule)
        #expect(schedule.schedule == "sweep")
        #expect(schedule.scheduledAt.timeIntervalSince1970 == 1_800_000_000)
        #expect(schedule.previousScheduledAt?.timeIntervalSince1970 == 1_799_999_990)
        #expect(schedule.lateBy == .milliseconds(1_500))
        #expect(schedule.missed == 2)
        #expect(schedule.isWatched && !schedule.isReplaced)
        let plain = try #require(try await Client(store: self.rig.store).draft(Sweep()))
        let other = JobContext(payload: try JobPayload(plain.payload), environment: environment, queue: "default")
        #expect(other.schedule == nil)
    }

    @Test("has its occurrences as arguments if its type asks for them, as Sidetiq does it")
    func arguments() async throws {
        let process = self.rig.start { Cron("*/10 * * * * *", Billing.self) }
        await self.rig.time.advance(by: .seconds(25))
        let jobs = try await self.rig.jobs()
        let texts = jobs.map { String(decoding: $0.payload.arguments, as: UTF8.self) }
        #expect(texts.count >= 2)
        #expect(texts[0] == "[-1.0,\(jobs[0].at).0]" || texts[0] == "[-1,\(jobs[0].at)]")
        #expect(texts[1].hasPrefix("[\(jobs[0].at)"))
        await process.stop()
    }

    struct Billing: RecurringJob {
        var lastOccurrence: Double
        var currentOccurrence: Double
        func perform(_ context: JobContext) async throws {}
    }

    @Test("of a schedule that replaces is discarded when a newer one is there, before it begins or while it runs")
    func replaced() async throws {
        let process = self.rig.start { Every(.seconds(10)) { Sweep() }.overlap(.cancelPrevious) }
        await self.rig.time.advance(by: .seconds(25))
        let jobs = try await self.rig.jobs()
        try #require(jobs.count >= 2)
        let state = SchedulerState()
        state.keys = self.rig.keys
        let watch = ScheduleWatch(state: state)
        let begun = Observed()
        await #expect(throws: JobControl.self, "it was replaced before it began") {
            try await watch.perform(self.context(jobs[0], process)) { begun.note() }
        }
        #expect(begun.count == 0)
        // The newest runs, hears that it is replaced, and is discarded, not failed.
        await #expect(throws: JobControl.self) {
            try await watch.perform(self.context(jobs[jobs.count - 1], process)) {
                begun.note()
                let newer = Change([.put(Keys.key(Keys.current("Sweep")), Array("newer".utf8))])
                _ = try await self.rig.keys.apply(newer)
                try await TimerThread.shared.sleep(for: .seconds(60))
            }
        }
        #expect(begun.count == 1)
        await process.stop()
    }

    private final class Observed: Sendable {
        private let number = Atomic(0)
        var count: Int { self.number.load(ordering: .relaxed) }
        func note() { self.number.add(1, ordering: .relaxed) }
    }

    private func context(_ job: EnqueuedJob, _ process: Rig<ManualTime>.Process) -> JobContext {
        JobContext(payload: job.payload, environment: process.environment, queue: "default")
    }

    @Test("is enqueued again after the store has lost everything, and its schedule goes on")
    func flushed() async throws {
        let memory = try #require(self.rig.store as? MemoryStore)
        let process = self.rig.start { Every(.seconds(10)) { Sweep() } }
        await self.rig.time.advance(by: .seconds(25))
        memory.removeAll()
        await self.rig.time.advance(by: .seconds(60))
        #expect(try await self.rig.jobs().count >= 4)
        await process.stop()
    }

    @Test("that a client middleware refuses has had its chance, and is told in the history")
    func refused() async throws {
        struct Refuser: ClientMiddleware {
            func process(_ job: inout OutgoingJob) async throws -> PushVerdict { .refuse }
        }
        let process = self.rig.start(middleware: [Refuser()]) { Every(.seconds(10)) { Sweep() } }
        await self.rig.time.advance(by: .seconds(25))
        let record = try #require(try await self.rig.record("Sweep"))
        #expect(record.history.count >= 2)
        #expect(record.history.allSatisfy { $0.kind == .refused && $0.jid == nil })
        #expect(try await self.rig.jobs().isEmpty)
        await process.stop()
    }

    @Test("whose other keys somebody has spoilt is its own trouble")
    func spoiltKey() async throws {
        _ = try await self.rig.keys.apply(Change([.put(Keys.key(Keys.live("a")), [1])]))
        let process = self.rig.start {
            Every(.seconds(10), id: "a") { Sweep() }.overlap(.skip)
            Every(.seconds(1), id: "b") { Sweep() }
        }
        await self.rig.time.advance(by: .seconds(30))
        #expect(try await self.rig.jobs().filter { $0.member.id == "b" }.count >= 29)
        await process.stop()
    }

    @Test("whose record somebody has spoilt is reported, and others go on")
    func spoilt() async throws {
        let process = self.rig.start {
            Every(.seconds(10), id: "a") { Sweep() }
            Every(.seconds(10), id: "b") { Sweep() }
        }
        await self.rig.time.advance(by: .seconds(5))
        _ = try await self.rig.keys.apply(Change([.put(Keys.key(Keys.record("a")), Array("{\"next\":1e99".utf8))]))
        await self.rig.time.advance(by: .seconds(30))
        #expect(try await self.rig.jobs().filter { $0.member.id == "b" }.count >= 3)
        #expect(process.state.health(at: self.rig.time.now) == .degraded("a: \(LiveSchedule.unreadable)"))
        await process.stop()
    }
}
