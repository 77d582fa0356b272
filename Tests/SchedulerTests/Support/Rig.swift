import Logging
import Supervision
import Synchronization
import TestSupport
import WingmanTesting

@testable import Wingman
@testable import WingmanScheduler

/// A job that schedules of tests enqueue.
struct Sweep: Job {
    static let name = "Sweep"
    var number: Int?
    func perform(_ context: JobContext) async throws {}
}

/// Schedulers of several processes on one store, without the rest of a server.
struct Rig<Time: Timekeeper & TaskExecutor> {
    let store: any Store
    let time: Time
    let log = LogRecord()

    /// One process's scheduler.
    final class Process: Sendable {
        let state = SchedulerState()
        let life: ProcessLife
        let environment: ServiceEnvironment
        private let task = Mutex<Task<Void, Never>?>(nil)

        init(life: ProcessLife, environment: ServiceEnvironment) {
            self.life = life
            self.environment = environment
        }

        func run(on executor: any TaskExecutor, _ loop: SchedulerLoop) {
            self.task.withLock { $0 = Task(executorPreference: executor) { await loop.run() } }
        }

        func cancel() { self.task.withLock { $0?.cancel() } }

        /// Ends the loop and waits for it.
        func stop() async {
            let task = self.task.withLock { $0 }
            task?.cancel()
            await task?.value
        }
    }

    /// Starts a scheduler.
    func start(
        application: String = "app",
        generation: Int = 1,
        vanishGrace: Duration = .seconds(900),
        leads: Bool = true,
        middleware: [any ClientMiddleware] = [],
        store: (any Store)? = nil,
        keys: (any ScheduleStore)? = nil,
        @ScheduleBuilder _ entries: () -> [ScheduleEntry]
    ) -> Process {
        let life = ProcessLife()
        let environment = self.environment(life, middleware, store ?? self.store)
        let process = Process(life: life, environment: environment)
        process.state.isLeader = leads
        var faults: [String] = []
        let plan = SchedulerPlan(
            entries: Scheduler.planned(entries(), SchedulePolicies(), faults: &faults),
            policies: SchedulePolicies(),
            deployment: Deployment(application: application, generation: generation),
            vanishGrace: vanishGrace.wholeMilliseconds
        )
        precondition(faults.isEmpty, "\(faults)")
        process.run(on: self.time, self.service(process, plan, keys: keys).loop)
        return process
    }

    /// The service of a process.
    func service(_ process: Process, _ plan: SchedulerPlan, keys: (any ScheduleStore)? = nil) -> SchedulerService {
        let time = self.time
        return SchedulerService(
            plan: plan,
            environment: process.environment,
            state: process.state,
            metrics: SchedulerMetrics(process.environment.metrics),
            making: LimitedCalls(thread: { time }),
            keys: keys
        )
    }

    func environment(_ life: ProcessLife, _ middleware: [any ClientMiddleware], _ store: any Store)
        -> ServiceEnvironment
    {
        let handler = self.log.handler
        return ServiceEnvironment(
            logger: Logger(label: "test", factory: { _ in handler }),
            client: Client(store: store, middleware: middleware),
            services: ServiceDirectory(declared: [], registry: ServiceRegistry(time: self.time)),
            values: SharedValues(),
            time: self.time,
            store: store,
            life: life,
            owner: Keys.namespace
        )
    }

    var keys: CommandKeys { CommandKeys(store: self.store) }

    /// What an operator has whose program knows no schedules.
    var desk: ScheduleDesk {
        let plan = SchedulerPlan(
            entries: [:],
            policies: SchedulePolicies(),
            deployment: Deployment(application: "app", generation: 1),
            vanishGrace: 1
        )
        return ScheduleDesk(keys: self.keys, client: Client(store: self.store), plan: plan)
    }

    func record(_ id: String) async throws -> ScheduleRecord? {
        try await self.keys.records(of: [id])[id]?.record
    }

    /// The jobs that were enqueued, those that were first first.
    func jobs(in queue: String = "default") async throws -> [EnqueuedJob] {
        try await self.store.entries(in: .queue(queue), from: 0, limit: 100_000).compactMap { EnqueuedJob($0.payload) }
    }
}

/// What a test looks at of an enqueued job.
struct EnqueuedJob: Hashable {
    let jid: String
    let payload: JobPayload
    let member: OccurrenceMember

    init?(_ bytes: [UInt8]) {
        guard let payload = try? JobPayload(bytes), let jid = payload.jobID,
            let json = (try? JSONObjectView(bytes))?.value(of: OccurrenceMember.name),
            let member = OccurrenceMember(json: Array(json))
        else { return nil }
        self.jid = jid
        self.payload = payload
        self.member = member
    }

    var at: Int { self.member.at }
}

extension Rig where Time == ManualTime {
    /// On a store in memory whose clock follows the manual one.
    static func manual() -> Rig {
        let time = ManualTime()
        let store = MemoryStore(time: time)
        // 2027-01-15T08:00:00Z, and a little: whole seconds come just before the manual clock's.
        store.advance(by: .microseconds(Int64((1_800_000_000.0001 - store.now) * 1_000_000)))
        return Rig(store: store, time: time)
    }

    /// The store's clock, in seconds since 1970.
    var now: Int { Int((self.store as? MemoryStore)?.now ?? 0) }
}
