public import Logging
import ServiceLifecycle
public import Supervision
import Synchronization

/// A worker process: the supervision tree over a store, and how it is told to go quiet and to stop.
///
/// Time, signals, heartbeat, claims and give-backs run on threads of their own; only jobs and plugins' services use the
/// cooperative pool. So jobs that compute delay neither a beat nor a stop.
public final class Server: Sendable {
    let parts: ServerParts
    let tree: Supervisor
    private let stopping = Mutex(StopState())

    private struct StopState {
        var isQuiet = false
        var isStopping = false
        var requests = 0
        /// Ends the process if a second stop does not; taken back where the server has ended and its program has not.
        var lastResort: ScheduledTimer?
    }

    /// Puts the process together; connects to nothing yet.
    ///
    /// - Parameters:
    ///   - assembly: The app.
    ///   - store: Where its jobs are.
    ///   - configuration: How to run.
    ///   - logger: Where to report.
    ///   - time: Timers and an executor outside the cooperative pool.
    /// - Throws: ``ConfigurationError`` with every fault, also those thrown by ``WingmanApp/prepare(_:)``.
    public init(
        _ assembly: Assembly,
        store: any Store,
        configuration: ServerConfiguration,
        logger: Logger,
        time: any Timekeeper = TimerThread.shared
    ) async throws {
        try configuration.validate()
        var values = SharedValues()
        try await assembly.prepare(&values)
        self.parts = ServerParts(
            assembly,
            store: store,
            configuration: configuration,
            values: values,
            logger: logger,
            time: time
        )
        do {
            self.tree = try Supervisor(
                ServerTree.specification(self.parts),
                time: time,
                registry: self.parts.registry,
                logger: logger
            )
        } catch let error as SupervisionError {
            throw ConfigurationError(error.faults.map(\.description))
        }
        self.parts.server.set(self)
    }

    /// Runs until the process is stopped.
    ///
    /// - Throws: ``StoreError`` if the store cannot be used at the start; the history of failures if a part that nothing
    ///   works without keeps failing.
    public func run() async throws {
        try await self.parts.store.open()
        let watcher = self.parts.configuration.handlesSignals ? self.watchSignals() : nil
        // To systemd the process is ready when its core runs and the lease is held.
        let notifier = SystemdNotifier(self.tree)
        defer {
            notifier?.cancel()
            watcher?.cancel()
            self.stopping.withLock { $0.lastResort.take() }?.cancel()
        }
        do {
            try await self.tree.run()
        } catch {
            await self.parts.store.close()
            throw error
        }
        // The tree has closed it, unless a stop came before its first child ran; a second time does nothing.
        await self.parts.store.close()
    }

    /// The tree as it is now.
    public var treeSnapshot: TreeNode { self.tree.tree() }

    // MARK: Quiet and stop

    /// Takes nothing new: producers first, then the queues. Running jobs go on; the process stays, shown as quiet.
    public func quiet() {
        let isFirst = self.stopping.withLock { state in
            defer { state.isQuiet = true }
            return !state.isQuiet
        }
        guard isFirst else { return }
        let parts = self.parts
        parts.logger.info("quiet: no new jobs are taken")
        parts.life.quiet()
        parts.reporter.quiet()
        parts.bell.ring()
        self.tree.quiet()
        self.tellCapsules { capsule in capsule.quiet() }
        parts.fire(.quiet)
    }

    /// Stops: quiet, then ``ServerConfiguration/stopTimeout`` for running jobs, then they are cancelled and given back.
    /// A second call ends the wait at once; a third ends the process.
    public func stop() {
        let request = self.stopping.withLock { state in
            state.requests += 1
            return state.requests
        }
        switch request {
        case 1:
            self.beginStop()
        case 2:
            self.parts.logger.warning("stopping now: running jobs are cancelled and given back")
            for capsule in self.parts.capsules { capsule.stop(within: .zero, grace: Self.secondStopGrace) }
            self.parts.time.schedule(after: Self.secondStopGrace * 2) { [tree] in tree.stopNow() }
            let lastResort = self.parts.time.schedule(after: Self.secondStopLimit) { Self.endProcess() }
            self.stopping.withLock { $0.lastResort = lastResort }
        default:
            Self.endProcess()
        }
    }

    /// The first stop, whoever asks for it: a signal, or the process itself once it is empty. An operator's first signal
    /// after the latter is no second request.
    func beginStop() {
        let isFirst = self.stopping.withLock { state in
            defer { state.isStopping = true }
            return !state.isStopping
        }
        guard isFirst else { return }
        self.parts.life.stop()
        let timeout = self.parts.configuration.stopTimeout
        self.parts.logger.info("stopping: running jobs have \(timeout.inSeconds) s")
        self.quiet()
        self.tellCapsules { capsule in capsule.stop(within: timeout) }
        self.parts.fire(.shutdown)
        self.tree.stop()
    }

    /// After a second stop request: for cancelled jobs to return, and for the give-back to reach the store.
    private static let secondStopGrace = Duration.milliseconds(200)
    private static let secondStopLimit = Duration.seconds(2)

    /// From the timer or signal thread, whatever the cooperative pool is doing. What is in flight is rescued.
    private static func endProcess() {
        Host.exitNow(status: 1)
    }

    /// Tells the capsules, which claim nothing from then on, and then the store to end the blocked waits; in the other
    /// order a wait that ends would be followed by a claim.
    private func tellCapsules(_ body: (Capsule) -> Void) {
        let parts = self.parts
        for capsule in parts.capsules { body(capsule) }
        // Unstructured: quiet and stop come from signal handlers and return at once.
        Task(executorPreference: parts.core) { await parts.stopWaiting(parts.life.candidate) }
    }

    // MARK: Signals

    private func watchSignals() -> SignalWatcher {
        SignalWatcher([.terminate, .interrupt, .quiet, .dump]) { [weak self] signal in
            self?.handle(signal)
        }
    }

    /// The same from the system and from Sidekiq's page.
    func handle(_ signal: ProcessSignal) {
        switch signal {
        case .terminate, .interrupt: self.stop()
        case .quiet: self.quiet()
        case .dump: Host.printError(self.treeSnapshot.text)
        default: break
        }
    }

    /// A signal sent from Sidekiq's page, by its name.
    func handle(named name: String) {
        switch name {
        case "TERM": self.handle(.terminate)
        case "TSTP": self.handle(.quiet)
        case "TTIN": self.handle(.dump)
        default: self.parts.logger.warning("unknown signal ignored", metadata: ["signal.name": "\(name)"])
        }
    }
}
