import ServiceLifecycle
import Wingman

/// The always-on loop of the scheduler: one independent task an entry, so that none can delay another.
struct SchedulerService: Service {
    let entries: [ScheduleEntry]
    let environment: ServiceEnvironment
    let gate: Gate

    /// Runs until the process stops. In a quiet process it goes on living and enqueues nothing: others take over.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for entry in self.entries {
                    group.addTask {
                        await EntryLoop(entry: entry, environment: self.environment, gate: self.gate).run()
                    }
                }
            }
        }
        // Returning early would look like the end of a permanent service, which is started again.
        try? await gracefulShutdown()
    }
}
