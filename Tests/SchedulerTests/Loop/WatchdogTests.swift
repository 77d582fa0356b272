import Logging
import Supervision
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanScheduler

@Suite("A loop of the scheduler that hangs")
struct WatchdogTests {
    @Test("is told by the health check, and is started again by its watchdog: nothing stays silent")
    func wedged() async throws {
        let rig = Rig.manual()
        let life = ProcessLife()
        let process = Rig<ManualTime>.Process(life: life, environment: rig.environment(life, [], rig.store))
        process.state.isLeader = true
        let supervisor = try self.supervisor(of: process, rig)
        let task = Task(executorPreference: rig.time.executor) { try await supervisor.run() }
        await rig.time.advance(by: .seconds(25))
        let before = try await rig.jobs().count
        #expect(before >= 2)
        #expect(process.state.health(at: rig.time.now) == .healthy)

        process.state.wedge()
        await rig.time.advance(by: .seconds(25))
        #expect(process.state.health(at: rig.time.now).word == "unhealthy")
        #expect(try await rig.jobs().count == before)
        // Thirty seconds of silence, the time of a stop that is not heard, and the start.
        await rig.time.advance(by: .seconds(60))
        #expect(process.state.health(at: rig.time.now) == .healthy)
        let after = try await rig.jobs()
        #expect(after.count > before + 2)
        #expect(Set(after.map(\.jid)).count == after.count)
        supervisor.stop()
        await rig.time.advance(by: .seconds(60))
        _ = try await task.value
    }

    private func supervisor(of process: Rig<ManualTime>.Process, _ rig: Rig<ManualTime>) throws -> Supervisor {
        var faults: [String] = []
        let plan = SchedulerPlan(
            entries: Scheduler.planned([Every(.seconds(10)) { Sweep() }], SchedulePolicies(), faults: &faults),
            policies: SchedulePolicies(),
            deployment: Deployment(application: "app", generation: 1),
            vanishGrace: 1
        )
        return try Supervisor(
            SupervisorSpecification("root") {
                ChildSpecification(
                    "scheduler",
                    heartbeat: Heartbeat(every: .seconds(5), missed: 6),
                    executor: rig.time.executor
                ) {
                    rig.service(process, plan)
                }
            },
            time: rig.time,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }
}
