public import Logging
public import Supervision

/// What the host offers to services, lifecycle handlers and jobs while it runs.
public struct ServiceEnvironment: Sendable {
    /// The host's logger.
    public let logger: Logger
    /// Pushes jobs.
    public let client: Client
    /// The services of this process.
    public let services: ServiceDirectory
    /// The values the app put there.
    public let values: SharedValues
    /// Time that does not wait for the cooperative pool.
    public let time: any Timekeeper

    let store: any Store
    let life: ProcessLife?
    /// Lets suspects run alone; nil in client mode.
    var suspects: SuspectGuard?
    /// The server this is the environment of; empty in client mode.
    var server: ServerBox?
    /// Whose environment it is: a plugin's name, or `app`.
    let owner: String
    /// The fencing number of this time in office, for a service declared ``StartMoment/leader``: it grows with each
    /// leader, so that a store can tell the late write of a former one.
    public let term: UInt64?

    init(
        logger: Logger,
        client: Client,
        services: ServiceDirectory,
        values: SharedValues,
        time: any Timekeeper,
        store: any Store,
        life: ProcessLife?,
        suspects: SuspectGuard? = nil,
        server: ServerBox? = nil,
        owner: String = Self.app,
        term: UInt64? = nil
    ) {
        self.logger = logger
        self.client = client
        self.services = services
        self.values = values
        self.time = time
        self.store = store
        self.life = life
        self.suspects = suspects
        self.server = server
        self.owner = owner
        self.term = term
    }

    /// An environment outside of a server, in client mode: for a plugin's subcommands, and for tests of its services.
    ///
    /// - Parameters:
    ///   - plugin: Whose it is: keys, metrics and log lines are the plugin's.
    ///   - store: Where jobs and keys are.
    ///   - logger: Where to report.
    ///   - client: Pushes jobs; a subcommand gives ``Assembly/client(store:)``, whose jobs pass the plugins' middleware.
    ///   - time: What it waits by.
    ///   - values: The values the app would put there.
    ///   - term: The number of a time in office.
    public init(
        plugin: String,
        store: any Store,
        logger: Logger,
        client: Client? = nil,
        time: any Timekeeper = TimerThread.shared,
        values: SharedValues = SharedValues(),
        term: UInt64? = nil
    ) {
        let host = ServiceEnvironment(
            logger: logger,
            client: client ?? Client(store: store),
            services: ServiceDirectory(declared: [], registry: ServiceRegistry(time: time)),
            values: values,
            time: time,
            store: store,
            life: nil
        )
        self = host.owned(by: plugin, term: term)
    }

    /// The owner of what belongs to no plugin.
    static let app = "app"

    /// The same environment in the hands of a plugin.
    func owned(by plugin: String, term: UInt64? = nil) -> ServiceEnvironment {
        var logger = self.logger
        if plugin != Self.app { logger[metadataKey: "plugin.name"] = "\(plugin)" }
        return ServiceEnvironment(
            logger: logger,
            client: self.client,
            services: self.services,
            values: self.values,
            time: self.time,
            store: self.store,
            life: self.life,
            suspects: self.suspects,
            server: self.server,
            owner: plugin,
            term: term
        )
    }

    /// Whether the process takes nothing new any more: it is quiet, or stops. A service that is to act on it at once
    /// conforms to `Quieting`.
    public var isQuiet: Bool { self.life?.isQuiet ?? false }

    /// This process as the store and its pages name it; it takes a new name when it loses its lease. Nil in client mode.
    public var process: ProcessID? { self.life?.candidate.process }

    /// Whether the process's lease is known to hold, by the process's own clock. If not, others may have what it holds: who
    /// runs messages begins none. ``LifecycleMoment/beat`` tells when it holds again. False in client mode, which has none.
    public var holdsLease: Bool { self.life?.holdsLease(at: self.time.now) ?? false }

    /// What this plugin keeps in the store.
    public var keys: KeySpace { KeySpace(namespace: self.owner, store: self.store) }

    /// Makes this plugin's metrics.
    public var metrics: PluginMetrics { PluginMetrics(plugin: self.owner) }
}

/// What most services are made of.
extension ServiceEnvironment {
    /// Does `body` now and again after each `interval`, until the service is told to stop or is cancelled. The store's
    /// absence is waited out, with two lines of the log.
    ///
    /// ```swift
    /// func run() async throws {
    ///     try await self.environment.every(.seconds(10), "measure queues") { try await self.measure() }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - interval: From the end of one turn to the next.
    ///   - what: What is done, for the log of an absence.
    ///   - body: One turn. It is not interrupted by a stop, so it has to be short.
    /// - Throws: What `body` throws, if it is no ``StoreError``.
    public func every(_ interval: Duration, _ what: String, _ body: () async throws -> Void) async throws {
        var outage = Outage(what: what, logger: self.logger)
        var failure: (any Error)?
        await turns(bell: Bell(), on: self.time) {
            do {
                try await body()
                outage.end(at: self.time.now)
                return interval
            } catch let error as StoreError {
                return outage.failed(error, at: self.time.now)
            } catch {
                failure = error
                return nil
            }
        }
        if let failure { throw failure }
    }

    /// How long the next job of a queue has waited, by the clock of whoever pushed it; zero if there is none, or if it does
    /// not say when it came.
    public func latency(ofQueue name: String) async throws -> Duration {
        let next = try await self.entries(in: .queue(name), limit: 1).first
        guard let enqueued = next.flatMap({ try? JobPayload($0.payload) })?.enqueuedAt else { return .zero }
        return max(.zero, .seconds(WallClock.seconds()) - .milliseconds(enqueued.milliseconds))
    }
}
