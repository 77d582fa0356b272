import Supervision
import TestSupport
import Testing
import WingmanTesting

@testable import Wingman
@testable import WingmanScheduler

/// Whole schedulers on a store in memory and a manual clock: every second is stepped through.
@Suite("The scheduler's loop")
struct LoopTests {
    let rig = Rig.manual()

    @Test("enqueues each occurrence once and in time, whatever the number of processes")
    func once() async throws {
        let processes = (0..<8).map { number in
            self.rig.start(leads: number == 0) {
                Every(.seconds(10)) { Sweep() }
                Cron("*/20 * * * * *", id: "cron") { Sweep() }
            }
        }
        await self.rig.time.advance(by: .seconds(65))
        let jobs = try await self.rig.jobs()
        let sweeps = jobs.filter { $0.member.id == "Sweep" }
        #expect((6...7).contains(sweeps.count))
        #expect(zip(sweeps, sweeps.dropFirst()).allSatisfy { $1.at - $0.at == 10 })
        #expect(sweeps.allSatisfy { $0.at % 10 == 0 && $0.member.late < 10 && $0.member.missed == 0 })
        #expect(zip(sweeps, sweeps.dropFirst()).allSatisfy { $1.member.previous == $0.at })
        #expect(Set(jobs.map(\.jid)).count == jobs.count)
        #expect(jobs.filter { $0.member.id == "cron" }.count >= 3)
        await self.stop(processes)
    }

    @Test("has followers enqueue a second later when nobody leads")
    func followers() async throws {
        let processes = (0..<3).map { _ in self.rig.start(leads: false) { Every(.seconds(10)) { Sweep() } } }
        await self.rig.time.advance(by: .seconds(45))
        let jobs = try await self.rig.jobs()
        #expect(jobs.count == 4)
        #expect(jobs.allSatisfy { (1_000..<2_100).contains($0.member.late) })
        await self.stop(processes)
    }

    @Test("does not suffer from poison among a hundred schedules")
    func poison() async throws {
        struct Unmakeable: Error {}
        let process = self.rig.start {
            Every(.seconds(1), id: "poison") { () throws -> Sweep in throw Unmakeable() }
            for number in 0..<99 { Every(.seconds(1), id: "s\(number)") { Sweep() } }
        }
        await self.rig.time.advance(by: .seconds(10))
        let jobs = try await self.rig.jobs()
        #expect(jobs.count == 990)
        #expect(jobs.allSatisfy { $0.member.late < 10 })
        // It is tried again after 1, 2, 4 … seconds.
        #expect(self.rig.log.messages.filter { $0 == "scheduled job cannot be made" }.count == 4)
        #expect(process.state.health(at: self.rig.time.now) == .degraded("poison: Unmakeable()"))
        await process.stop()
    }

    @Test("does not wait for a schedule whose job takes for ever to be made")
    func hangingMiddleware() async throws {
        struct Hang: ClientMiddleware {
            func process(_ job: inout OutgoingJob) async throws -> PushVerdict {
                if job.jobClass == "Hang" { try await TimerThread.shared.sleep(for: .seconds(3_600)) }
                return .push
            }
        }
        struct Hanging: Job {
            static let name = "Hang"
            func perform(_ context: JobContext) async throws {}
        }
        let process = self.rig.start(middleware: [Hang()]) {
            Every(.seconds(60)) { Hanging() }
            Every(.seconds(1)) { Sweep() }
        }
        await self.rig.time.advance(by: .seconds(120))
        let jobs = try await self.rig.jobs()
        // While it hangs the first time the others wait for its limit; later it is told by itself that it still runs.
        #expect(jobs.count >= 118)
        #expect(jobs.allSatisfy { $0.member.late <= LimitedCalls.limit.wholeMilliseconds })
        await process.stop()
    }

    @Test(
        "decides by the policy what was missed while no process ran",
        arguments: [(CatchUp.skip, 0), (.latest, 1), (.all(limit: 2), 2)]
    )
    func absence(policy: CatchUp, expected: Int) async throws {
        let start: () -> Rig<ManualTime>.Process = {
            self.rig.start { Every(.seconds(10)) { Sweep() }.catchUp(policy).grace(.zero) }
        }
        let first = start()
        await self.rig.time.advance(by: .seconds(15))
        await first.stop()
        let before = try await self.rig.jobs().count
        let toBoundary = 10 - self.rig.now % 10
        await self.rig.time.advance(by: .seconds(20 + toBoundary + 5))
        let second = start()
        await self.rig.time.advance(by: .seconds(1))
        #expect(try await self.rig.jobs().count - before == expected)
        await self.rig.time.advance(by: .seconds(10))
        #expect(try await self.rig.jobs().count - before == expected + 1)
        await second.stop()
    }

    @Test("begins a new schedule with its next occurrence, and keeps the phase over restarts")
    func phase() async throws {
        for _ in 0..<3 {
            let process = self.rig.start { Every(.minutes(7)) { Sweep() } }
            await self.rig.time.advance(by: .seconds(500))
            await process.stop()
        }
        let jobs = try await self.rig.jobs()
        #expect(!jobs.isEmpty)
        #expect(jobs.allSatisfy { $0.at % 420 == 0 })
        #expect(Set(jobs.map(\.at)).count == jobs.count)
    }

    @Test("follows the store's clock when it jumps forward, and never repeats when it jumps back")
    func clockJumps() async throws {
        let store = try #require(self.rig.store as? MemoryStore)
        let process = self.rig.start { Every(.seconds(60)) { Sweep() } }
        await self.rig.time.advance(by: .seconds(120))
        store.advance(by: .seconds(3_600))
        await self.rig.time.advance(by: .seconds(3))
        var jobs = try await self.rig.jobs()
        #expect(jobs.count == 3)
        #expect(jobs.last?.member.missed == 59)
        store.advance(by: .seconds(-3_600))
        await self.rig.time.advance(by: .seconds(600))
        jobs = try await self.rig.jobs()
        #expect(jobs.count == 3)
        await self.rig.time.advance(by: .seconds(3_600))
        jobs = try await self.rig.jobs()
        #expect(Set(jobs.map(\.at)).count == jobs.count)
        #expect(jobs.count > 3)
        await process.stop()
    }

    @Test("keeps still once the process is quiet, while others go on")
    func quiet() async throws {
        let quiet = self.rig.start { Every(.seconds(1)) { Sweep() } }
        await self.rig.time.advance(by: .seconds(3))
        quiet.life.quiet()
        let before = try await self.rig.jobs().count
        await self.rig.time.advance(by: .seconds(5))
        #expect(try await self.rig.jobs().count == before)
        #expect(quiet.state.tickAge(at: self.rig.time.now) ?? .seconds(99) <= .seconds(1))
        let other = self.rig.start { Every(.seconds(1)) { Sweep() } }
        await self.rig.time.advance(by: .seconds(2))
        #expect(try await self.rig.jobs().count >= before + 6)
        await self.stop([quiet, other])
    }

    @Test("does not flip-flop between an old and a new deployment, nor enqueue twice")
    func rollingDeployment() async throws {
        let old = (0..<2).map { _ in self.rig.start(generation: 1) { Every(.seconds(10)) { Sweep() } } }
        await self.rig.time.advance(by: .seconds(25))
        let new = self.rig.start(generation: 2) { Every(.seconds(20)) { Sweep() } }
        await self.rig.time.advance(by: .seconds(5))
        let again = self.rig.start(generation: 1) { Every(.seconds(10)) { Sweep() } }
        let before = try await self.rig.jobs().count
        await self.rig.time.advance(by: .seconds(120))
        let jobs = try await self.rig.jobs().dropFirst(before)
        #expect(jobs.allSatisfy { $0.at % 20 == 0 })
        #expect(jobs.count == 6)
        #expect(try await self.rig.record("Sweep")?.spec == "@every 20s")
        #expect(self.rig.log.messages.filter { $0 == "schedule changed" }.count == 1)
        // The new one is taken back: once it has been silent for a while the old one has the say again.
        await new.stop()
        await self.rig.time.advance(by: .seconds(180))
        #expect(try await self.rig.record("Sweep")?.spec == "@every 10s")
        await self.stop(old + [again])
    }

    @Test("removes what a later deployment has no more, after its grace")
    func vanished() async throws {
        let old = self.rig.start(generation: 1) {
            Every(.seconds(10), id: "old") { Sweep() }
            Every(.seconds(10), id: "both") { Sweep() }
        }
        await self.rig.time.advance(by: .seconds(15))
        let new = self.rig.start(generation: 2, vanishGrace: .seconds(120)) {
            Every(.seconds(10), id: "both") { Sweep() }
        }
        await self.rig.time.advance(by: .seconds(60))
        #expect(try await self.rig.record("old")?.vanishedAt != nil)
        #expect(try await self.rig.jobs().filter { $0.member.id == "old" }.count >= 6)
        await self.rig.time.advance(by: .seconds(120))
        #expect(try await self.rig.record("old") == nil)
        #expect(try await self.rig.keys.ids() == ["both"])
        #expect(try await self.rig.record("both")?.vanishedAt == nil)
        await self.stop([old, new])
    }

    private func stop(_ processes: [Rig<ManualTime>.Process]) async {
        for process in processes { await process.stop() }
    }
}
