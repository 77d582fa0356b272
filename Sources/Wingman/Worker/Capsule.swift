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
    private let index: Int
    private let waitTimeout: Duration
    private let stopTimeout: Duration

    init(
        _ configuration: CapsuleConfiguration,
        index: Int,
        store: any Store,
        life: ProcessLife,
        time: any Timekeeper,
        server: ServerConfiguration,
        execution: Execution
    ) {
        self.configuration = configuration
        self.index = index
        self.store = store
        self.life = life
        self.time = time
        self.waitTimeout = server.lease.lease / 3
        self.stopTimeout = server.stopTimeout
        self.execution = execution
        var logger = execution.environment.logger
        logger[metadataKey: "capsule.name"] = "\(configuration.name)"
        self.logger = logger
        let manager = Manager(concurrency: configuration.concurrency, time: time, life: life)
        self.manager = manager
        life.onFence { _ in manager.cancelling { $0.fenced() } }
    }

    /// For jobs to end, to be cancelled, and for what is left to reach the store.
    var stopBudget: Duration { self.stopTimeout + Self.cancelGrace + .seconds(2) }

    /// Runs until it is stopped and empty.
    func run() async throws {
        if !self.life.isQuiet { self.manager.update { $0.resume() } }
        for slot in 0..<self.configuration.concurrency { self.spawn(slot) }
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask(name: "waiter") { await self.waiter.run() }
                await self.fetcher.run()
            }
            // Empty before the tree says stop: a permanent service returns only when told.
            await untilStopped()
        } onGracefulShutdown: {
            self.stop(within: self.stopTimeout)
        }
    }

    /// Puts a processor on `slot`; after a cancelled job it is replaced by a fresh one.
    private func spawn(_ slot: Int) {
        let processor = Processor(slot: slot, manager: self.manager, execution: self.execution, time: self.time)
        self.manager.start(slot: slot) { [weak self] in
            await processor.run()
            if Task.isCancelled { self?.spawn(slot) }
        }
    }

    private var fetcher: Fetcher {
        Fetcher(
            index: self.index,
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
        self.time.schedule(after: timeout) { manager.cancelling { $0.cancelAll(.stop) } }
        self.time.schedule(after: timeout + grace) { [logger] in
            let forsaken = manager.update { $0.forsake() }
            guard !forsaken.isEmpty else { return }
            logger.warning(
                "jobs did not end when cancelled: given back while they still run",
                metadata: ["jobs.forsaken": "\(forsaken.count)"]
            )
        }
    }
}
