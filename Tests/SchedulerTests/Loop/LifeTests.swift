import Supervision
import TestSupport
import Testing
import WingmanTesting

@testable import Wingman
@testable import WingmanScheduler

/// What operators and jobs do to a schedule: pause, skip, run, backfill, overlap; on a store in memory and a manual clock.
@Suite("The life of a schedule")
struct LifeTests {
    let rig = Rig.manual()

    // MARK: Operators

    @Test(
        "pauses, and goes on after the pause with the next occurrence, or as the catch-up policy says",
        arguments: [true, false]
    )
    func pause(catchesUp: Bool) async throws {
        let process = self.start()
        await self.rig.time.advance(by: .seconds(15))
        try await self.desk.pause("Sweep")
        let before = try await self.rig.jobs().count
        await self.rig.time.advance(by: .seconds(300))
        #expect(try await self.rig.jobs().count == before)
        _ = try await self.desk.resume("Sweep", catchesUp: catchesUp)
        await self.rig.time.advance(by: .seconds(2))
        let after = try await self.rig.jobs().count
        // Those of the last thirty seconds are still in time.
        #expect(catchesUp ? after > before : after <= before + 1)
        await self.rig.time.advance(by: .seconds(10))
        #expect(try await self.rig.jobs().count == after + 1)
        await process.stop()
    }

    @Test("leaves out what it is told to")
    func skip() async throws {
        let process = self.start()
        await self.rig.time.advance(by: .seconds(15))
        let before = try await self.rig.jobs().count
        try await self.desk.skip("Sweep", count: 2)
        await self.rig.time.advance(by: .seconds(40))
        let jobs = try await self.rig.jobs()
        #expect(jobs.count == before + 2)
        #expect(try await self.desk.history("Sweep").filter { $0.kind == "skipped" }.count == 2)
        await process.stop()
    }

    @Test("runs a job at once without moving what is next")
    func runNow() async throws {
        let process = self.start()
        await self.rig.time.advance(by: .seconds(15))
        let next = try await self.rig.record("Sweep")?.next
        let jid = try await self.desk.run("Sweep")
        #expect(try await self.rig.record("Sweep")?.next == next)
        #expect(try await self.rig.jobs().last?.jid == jid)
        await self.rig.time.advance(by: .seconds(10))
        #expect(try await self.rig.jobs().last?.at == next)
        await process.stop()
    }

    @Test("enqueues past occurrences on demand, with the jids they would have had")
    func backfill() async throws {
        let process = self.start()
        await self.rig.time.advance(by: .seconds(5))
        let from = self.rig.now - 1_000
        let range = Instant(secondsSince1970: from)..<Instant(secondsSince1970: from + 55)
        let found = try await self.desk.backfill("Sweep", in: range, limit: 3)
        #expect(found.count == 3)
        let jobs = try await self.rig.jobs().suffix(3)
        #expect(jobs.map(\.at) == found)
        #expect(jobs.map(\.jid) == found.map { OccurrenceID.make(schedule: "Sweep", at: $0 * 1_000) })
        await #expect(throws: ScheduleDesk.Refusal.self) {
            let future = Instant(secondsSince1970: self.rig.now + 100)..<Instant(secondsSince1970: self.rig.now + 200)
            return try await self.desk.backfill("Sweep", in: future, limit: 3)
        }
        await process.stop()
    }

    @Test("can be added, replaced and removed while processes run")
    func dynamic() async throws {
        let process = self.start()
        await self.rig.time.advance(by: .seconds(5))
        let text = Self.text("nightly", spec: "@every 20s")
        _ = try await self.desk.add(text, replacing: false)
        await self.rig.time.advance(by: .seconds(61))
        let jobs = try await self.rig.jobs(in: "low").filter { $0.member.id == "nightly" }
        #expect(jobs.count == 3)
        #expect(jobs.first.map { String(decoding: $0.payload.arguments, as: UTF8.self) } == "[1,-1.0,\(jobs[0].at).0]")
        await #expect(throws: ScheduleDesk.Refusal.self) { try await self.desk.add(text, replacing: false) }
        _ = try await self.desk.add(Self.text("nightly", spec: "@every 60s"), replacing: true)
        try await self.desk.remove("nightly")
        let before = try await self.rig.jobs(in: "low").count
        await self.rig.time.advance(by: .seconds(120))
        #expect(try await self.rig.jobs(in: "low").count == before)
        await #expect(throws: ScheduleDesk.Refusal.self) { try await self.desk.remove("Sweep") }
        await process.stop()
    }

    @Test("is listed with its state, its next occurrence in its zone and here, and its lag")
    func listing() async throws {
        let process = self.rig.start { Cron("*/10 * * * * * Europe/Berlin") { Sweep() } }
        await self.rig.time.advance(by: .seconds(15))
        let here = try Zone(named: "America/New_York")
        let desk = self.desk(knowing: process)
        let reports = try await desk.list(here: here)
        let report = try #require(reports.first)
        #expect(reports.count == 1)
        #expect(report.state == "waiting")
        #expect(report.zone == "Europe/Berlin")
        #expect(report.lag ?? 99 < 1)
        let next = try #require(report.next.flatMap { Instant($0) })
        let berlin = try Zone(named: "Europe/Berlin")
        #expect(report.nextInZone == berlin.wallTime(at: next).description)
        #expect(report.nextHere == here.wallTime(at: next).description)
        await process.stop()
    }

    @Test("is listed before any process has recorded it, with the occurrence that it begins with")
    func unrecorded() async throws {
        let report = try #require(try await self.desk.list(here: .utc).first)
        #expect(report.state == "unrecorded")
        let next = try #require(report.next.flatMap { Instant($0) }).secondsSince1970
        #expect(next % 10 == 0 && (1...10).contains(next - self.rig.now))
    }

    // MARK: Overlap

    @Test("leaves out occurrences while a job has not ended, whether it waits, runs or will be tried again")
    func overlapSkip() async throws {
        let process = self.rig.start { Every(.seconds(10)) { Sweep() }.overlap(.skip) }
        await self.rig.time.advance(by: .seconds(12))
        await self.rig.time.advance(by: .seconds(60))
        let jobs = try await self.rig.jobs()
        #expect(jobs.count == 1)
        #expect(try await self.rig.record("Sweep")?.history.last?.kind == .overlapped)
        // It ends as a worker would end it.
        try await self.end(jobs[0], as: .retrying)
        await self.rig.time.advance(by: .seconds(30))
        #expect(try await self.rig.jobs().count == 1)
        try await self.end(jobs[0], as: .done)
        await self.rig.time.advance(by: .seconds(10))
        #expect(try await self.rig.jobs().count == 2)
        #expect(try await self.desk.history("Sweep").contains { $0.jid == jobs[0].jid && $0.outcome == "done" })
        await process.stop()
    }

    @Test("keeps one occurrence waiting until the job has ended")
    func overlapBuffer() async throws {
        let process = self.rig.start { Every(.seconds(10)) { Sweep() }.overlap(.bufferOne) }
        await self.rig.time.advance(by: .seconds(45))
        let jobs = try await self.rig.jobs()
        #expect(jobs.count == 1)
        let buffered = try #require(try await self.rig.record("Sweep")?.buffered)
        try await self.end(jobs[0], as: .dead)
        await self.rig.time.advance(by: .seconds(2))
        let after = try await self.rig.jobs()
        #expect(after.count == 2)
        #expect(after.last?.at == buffered)
        await process.stop()
    }

    @Test("goes on when the job was deleted by hand")
    func overlapDeleted() async throws {
        let process = self.rig.start { Every(.seconds(10)) { Sweep() }.overlap(.skip) }
        await self.rig.time.advance(by: .seconds(15))
        let entries = try await self.rig.store.entries(in: .queue("default"), from: 0, limit: 10)
        #expect(try await self.rig.store.edit(entries.map { .delete($0) }, in: .queue("default")) == 1)
        await self.rig.time.advance(by: .seconds(60))
        #expect(try await !self.rig.jobs().isEmpty)
        await process.stop()
    }

    @Test("has only the newest job count where the one before is to be cancelled")
    func overlapCancel() async throws {
        let process = self.rig.start { Every(.seconds(10)) { Sweep() }.overlap(.cancelPrevious) }
        await self.rig.time.advance(by: .seconds(35))
        let jobs = try await self.rig.jobs()
        #expect(jobs.count >= 3)
        #expect(jobs.allSatisfy { $0.member.replaced == true })
        let current = try await self.rig.keys.values(of: [Keys.current("Sweep")]).first ?? nil
        #expect(current.map { String(decoding: $0, as: UTF8.self) } == jobs.last?.jid)
        await process.stop()
    }

    // MARK: Ends

    @Test("ends with its last occurrence and is listed as ended")
    func ends() async throws {
        let start = Instant(secondsSince1970: self.rig.now + 30)
        let text = "@every 10s; until \(String("\(start)".dropLast()))"
        let process = self.rig.start { Cron(text, id: "short") { Sweep() } }
        await self.rig.time.advance(by: .seconds(120))
        let count = try await self.rig.jobs().count
        #expect(count == 3)
        #expect(try await self.rig.record("short")?.isRetired == true)
        await process.stop()
    }

    // MARK: Parts

    private func start() -> Rig<ManualTime>.Process {
        self.rig.start { Every(.seconds(10)) { Sweep() } }
    }

    private static func text(_ id: String, spec: String) -> ScheduleText {
        ScheduleText(
            id: id,
            spec: spec,
            class: "Foreign",
            args: JSONFragment(text: "[ 1 ]"),
            queue: "low",
            occurrences: true
        )
    }

    private var desk: ScheduleDesk { self.desk(knowing: nil) }

    private func desk(knowing process: Rig<ManualTime>.Process?) -> ScheduleDesk {
        var faults: [String] = []
        let entries = Scheduler.planned([Every(.seconds(10)) { Sweep() }], SchedulePolicies(), faults: &faults)
        let plan = SchedulerPlan(
            entries: process == nil ? entries : [:],
            policies: SchedulePolicies(),
            deployment: Deployment(application: "app", generation: 1),
            vanishGrace: 1
        )
        return ScheduleDesk(keys: self.rig.keys, client: Client(store: self.rig.store), plan: plan)
    }

    /// What the worker's settlement does.
    private func end(_ job: EnqueuedJob, as kind: JobEnd.Kind) async throws {
        let environment = self.rig.start(leads: false) {}.environment
        let context = JobContext(payload: job.payload, environment: environment, queue: "default")
        let effects = JobEnds.effects(of: JobEnd(context: context, kind: kind), environment.keys)
        _ = try await environment.keys.apply(Change(effects))
    }
}
