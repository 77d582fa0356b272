import ServiceLifecycle
import Supervision
import Wingman

/// The always-on loop of the scheduler, in every process.
struct SchedulerService: Service {
    let loop: SchedulerLoop

    init(
        plan: SchedulerPlan,
        environment: ServiceEnvironment,
        state: SchedulerState,
        metrics: SchedulerMetrics,
        making: LimitedCalls = LimitedCalls(name: "scheduler.jobs"),
        keys: (any ScheduleStore)? = nil
    ) {
        let keys = keys ?? environment.keys
        state.keys = keys
        self.loop = SchedulerLoop(
            plan: plan,
            keys: keys,
            environment: environment,
            state: state,
            claimer: Claimer(
                keys: keys,
                client: environment.client,
                time: environment.time,
                making: making,
                metrics: metrics,
                search: JobSearch(
                    counts: { try await environment.counts() },
                    entries: { try await environment.entries(in: $0, from: $1, limit: $2) },
                    inFlight: { try await environment.inFlight($0) }
                ),
                isQuiet: { environment.isQuiet }
            ),
            reconciler: Reconciler(plan: plan, keys: keys, logger: environment.logger)
        )
    }

    /// Runs until the process stops. In a quiet process it goes on living and enqueues nothing: others take over.
    func run() async throws {
        let loop = self.loop
        await cancelledWhenStopped { await loop.run() }
    }
}

/// Runs in one process at a time: the one whose scheduler enqueues at once, while the others leave it a second.
///
/// Exactness does not hang on it; it saves the others their attempts.
struct SchedulerLeader: Service {
    let state: SchedulerState

    func run() async throws {
        self.state.isLeader = true
        defer { self.state.isLeader = false }
        await untilStopped()
    }
}
