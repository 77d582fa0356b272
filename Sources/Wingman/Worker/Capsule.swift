import Logging
import ServiceLifecycle
import Supervision
import Synchronization

/// A manager, its fetcher and its processors.
///
/// Fetcher and waiter run on the worker's own thread; processors are tasks of the cooperative pool, outside any graceful
/// shutdown: a job hears of a stop by cancellation only, after the drain.
final class Capsule: Service {
    /// How long cancelled jobs have to return before they are given back under way.
    static let cancelGrace = Duration.seconds(3)

    let configuration: CapsuleConfiguration
    let manager: Manager
    private let store: any Store
    private let life: ProcessLife
    private let time: any Timekeeper
    private let logger: Logger
    private let execution: Execution
    private let waitTimeout: Duration
    private let stopTimeout: Duration
    /// Of stops under way. They end with the run: a capsule that starts again is not stopped by its past.
    private let timers = Mutex<[ScheduledTimer]>([])
    /// Why the last run cannot go on.
    private let failure = Mutex<(any Error)?>(nil)

    init(
        _ configuration: CapsuleConfiguration,
        store: any Store,
        life: ProcessLife,
        time: any Timekeeper,
        server: ServerConfiguration,
        execution: Execution,
        suspects: SuspectGuard,
        cancellations: (any TaskExecutor)? = nil
    ) {
        self.configuration = configuration
        self.store = store
        self.life = life
        self.time = time
        self.waitTimeout = server.lease.lease / 3
        self.stopTimeout = server.stopTimeout
        self.execution = execution
        var logger = execution.environment.logger
        logger[metadataKey: "capsule.name"] = "\(configuration.name)"
        self.logger = logger
        let manager = Manager(
            concurrency: configuration.concurrency,
            time: time,
            life: life,
            cancellations: cancellations
        )
        self.manager = manager
        manager.join(suspects)
        life.onFence { fenced in manager.cancelling { $0.fenced(epoch: fenced.epoch) } }
    }

    /// For jobs to end, to be cancelled, and for what is left to reach the store.
    var stopBudget: Duration { self.stopTimeout + Self.cancelGrace + .seconds(2) }

    /// Runs until it is stopped and empty.
    ///
    /// - Throws: The store's error, if it is there and refuses every step: the tree starts the capsule again, and gives up
    ///   if that goes on.
    func run() async throws {
        self.failure.withLock { $0 = nil }
        let manager = self.manager
        let run = manager.update { $0.begin(isQuiet: self.life.isQuiet) }
        for slot in 0..<self.configuration.concurrency { self.spawn(slot, run: run) }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await self.fetch()
                guard self.failure.withLock({ $0 }) == nil else { return }
                // Empty before the tree says stop: a permanent service returns only when told.
                await untilStopped()
            } onGracefulShutdown: {
                self.stop(within: self.stopTimeout)
            }
        } onCancel: {
            manager.cancelling { $0.surrender() }
        }
        self.endStops()
        if let failure = self.failure.withLock({ $0 }) { throw failure }
        self.leaveBehind()
    }

    /// Fetches until there is nothing more to do. The waiter and a fetcher that waits for a new incarnation end with it.
    private func fetch() async {
        await withDiscardingTaskGroup { group in
            group.addTask(name: "waiter") { await self.waiter.run() }
            group.addTask(name: "fetcher") {
                do {
                    try await self.fetcher.run()
                } catch {
                    self.failure.withLock { $0 = error }
                    self.manager.cancelling { $0.surrender() }
                }
            }
            await self.manager.untilOver()
            group.cancelAll()
        }
    }

    /// A capsule that was cancelled while the store was away holds jobs that nobody here knows. A process that ends
    /// leaves them to its lease; one that goes on gives its identity up, or they would wait as long as it lives.
    private func leaveBehind() {
        guard self.manager.hasLeftBehind else { return }
        self.logger.warning("the capsule ended before the store took its jobs back: they are rescued later")
        if !self.life.isStopping { self.life.fence(self.life.candidate) }
    }

    private func endStops() {
        let timers = self.timers.withLock { timers in
            defer { timers = [] }
            return timers
        }
        for timer in timers { timer.cancel() }
    }

    /// Puts a processor on `slot`; after a cancelled job it is replaced by a fresh one.
    private func spawn(_ slot: Int, run: Int) {
        let processor = Processor(
            slot: slot,
            run: run,
            manager: self.manager,
            execution: self.execution,
            time: self.time
        )
        self.manager.start(slot: slot, run: run) { [weak self] in
            if await processor.work() { self?.spawn(slot, run: run) }
        }
    }

    private var fetcher: Fetcher {
        Fetcher(
            order: QueueOrder(self.configuration.queues),
            manager: self.manager,
            store: self.store,
            life: self.life,
            time: self.time,
            logger: self.logger
        )
    }

    private var waiter: Waiter {
        Waiter(
            timeout: self.waitTimeout,
            sources: self.configuration.queues.map { .queue($0.name) },
            manager: self.manager,
            store: self.store,
            life: self.life,
            time: self.time,
            logger: self.logger
        )
    }

    /// Takes nothing new; what has not started goes back.
    func quiet() {
        self.manager.update { $0.quiet(stopping: false) }
    }

    /// Takes nothing new; after `timeout` cancels what runs, and soon after gives back what does not listen. Called
    /// again it can only become sooner.
    ///
    /// All of it happens on the timer thread: computing jobs delay none of it.
    func stop(within timeout: Duration, grace: Duration = Capsule.cancelGrace) {
        self.manager.update { $0.quiet(stopping: true) }
        let manager = self.manager
        let cancel = self.time.schedule(after: timeout) { manager.cancelling { $0.cancelAll(.stop) } }
        let forsake = self.time.schedule(after: timeout + grace) { [logger] in
            let forsaken = manager.update { $0.forsake() }
            guard !forsaken.isEmpty else { return }
            logger.warning(
                "jobs did not end when cancelled: given back while they still run",
                metadata: ["jobs.forsaken": "\(forsaken.count)"]
            )
        }
        self.timers.withLock { $0 += [cancel, forsake] }
    }
}
