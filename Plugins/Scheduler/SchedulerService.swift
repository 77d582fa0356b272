import ServiceLifecycle
import Wingman

/// The always-on loop of the scheduler: one independent task an entry, so that none can delay another.
///
/// It runs on a thread of its own, the makers of jobs included: one that blocks delays the schedule and nothing else.
struct SchedulerService: Service {
    let entries: [ScheduleEntry]
    let environment: ServiceEnvironment
    let gate: Gate

    /// Runs until the process stops. In a quiet process it goes on living and enqueues nothing: others take over.
    func run() async throws {
        await cancelledWhenStopped {
            await withDiscardingTaskGroup { group in
                for entry in self.entries {
                    group.addTask {
                        await EntryLoop(entry: entry, environment: self.environment, gate: self.gate).run()
                    }
                }
            }
        }
    }
}
