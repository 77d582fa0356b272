import Logging
import Supervision
import TestSupport
import Testing
import WingmanTesting

@testable import Wingman
@testable import WingmanScheduler

@Suite("The scheduler's services")
struct StopTests {
    private let rig = Rig(store: MemoryStore(), time: TimerThread.shared)

    @Test("leave nothing running, started and stopped from ten tasks fifty times, and make no second job meanwhile")
    func stress() async throws {
        var faults: [String] = []
        let plan = SchedulerPlan(
            entries: Scheduler.planned([Every(.seconds(1)) { Sweep() }], SchedulePolicies(), faults: &faults),
            policies: SchedulePolicies(),
            deployment: Deployment(application: "app", generation: 1),
            vanishGrace: 1
        )
        let environment = self.rig.environment(ProcessLife(), [], self.rig.store)
        let unclean = try await startStopStress {
            let process = Rig<TimerThread>.Process(life: ProcessLife(), environment: environment)
            return try Supervisor(
                SupervisorSpecification("root", giveUp: .park(retryAfter: .seconds(60))) {
                    ChildSpecification("scheduler", stop: patientStop, executor: self.rig.time) {
                        self.rig.service(process, plan)
                    }
                    ChildSpecification("leader", stop: patientStop, executor: self.rig.time) {
                        SchedulerLeader(state: process.state)
                    }
                },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        }
        #expect(unclean.isEmpty, "\(unclean.first ?? "")")
        let jids = try await self.rig.jobs().map(\.jid)
        #expect(Set(jids).count == jids.count)
    }
}
