internal import HiredisNIO
public import Logging
internal import Synchronization
public import Wingman

/// The store on Redis 7 or later, in Sidekiq's format: other Sidekiq programs push into it, read it and show it.
///
/// Three connections: one for beats and what keeps a process alive, one for steps, one for pushes, so that no bulk push
/// delays a beat; and one more for each source that is waited on. A connection is made when it is first needed.
///
/// Every call has a deadline. A lost connection is made again by itself; a call that was on its way fails with
/// ``Wingman/StoreError/mayHaveRun``. Sending a step, a beat, a rescue or a promotion again is harmless; the caller does
/// so, this store never does.
public final class RedisStore: Store {
    /// The URL without user and password.
    public let location: String

    let scripts: ScriptLibrary
    let logger: Logger
    /// Beats, leases, leadership, unblocking.
    let life: RedisClient
    /// Steps, due jobs, inspection.
    let work: RedisClient
    /// Pushes.
    let pushes: RedisClient
    let waits: LandingWaits

    private let notes = Mutex(Notes())

    private struct Notes {
        /// The terms under which this process leads, by role and process.
        var terms: [String: Int] = [:]
        /// What has been complained about: once each.
        var troubles: Set<String> = []
    }

    /// A store at a URL: `redis://`, `rediss://` or `redis+unix://`.
    ///
    /// - Throws: ``Wingman/StoreError`` saying which part of the URL is wrong.
    public convenience init(url: String, logger: Logger = Logger(label: "wingman.redis")) throws {
        let configuration: RedisConfiguration
        do throws(RedisError) {
            configuration = try RedisConfiguration(url: url)
        } catch {
            throw StoreError(error)
        }
        self.init(configuration, scripts: .standard, logger: logger)
    }

    init(_ configuration: RedisConfiguration, scripts: ScriptLibrary, logger: Logger) {
        var shown = configuration
        shown.credentials = nil
        self.location = shown.description
        self.scripts = scripts
        self.logger = logger
        self.life = Self.client(configuration, "wingman-life", scripts, logger, reports: true)
        self.work = Self.client(configuration, "wingman-work", scripts, logger)
        self.pushes = Self.client(configuration, "wingman-push", scripts, logger)
        self.waits = LandingWaits(client: self.life, scripts: scripts)
    }

    private static func client(
        _ configuration: RedisConfiguration,
        _ name: String,
        _ scripts: ScriptLibrary,
        _ logger: Logger,
        reports: Bool = false
    ) -> RedisClient {
        var configuration = configuration
        configuration.clientName = configuration.clientName ?? name
        return RedisClient(
            configuration,
            onEvent: { event in if reports { Self.report(event, to: logger) } },
            // Connect, load all scripts, only then beat and step: no step finds a script missing half-way.
            onConnect: { connection in try await connection.loadScripts(scripts.all) }
        )
    }

    private static func report(_ event: RedisClient.Event, to logger: Logger) {
        switch event {
        case .connected: break
        case .lost(let error): logger.warning("Redis connection lost", metadata: ["error": "\(error)"])
        case .reconnected(let after): logger.info("Redis is back", metadata: ["store.downtime": "\(after)"])
        }
    }

    /// Reads INFO: version 7 or later, no cluster, no replica; warns of an eviction policy and of missing persistence.
    public func open() async throws {
        let facts: ServerFacts
        do throws(RedisError) {
            try await self.work.connect()
            facts = ServerFacts(info: try await self.work.send("INFO").string ?? "")
        } catch {
            throw StoreError(error)
        }
        if let refusal = facts.refusal(at: self.location) { throw refusal }
        for warning in facts.warnings { self.logger.warning("\(warning)", metadata: ["store": "\(self.location)"]) }
    }

    /// Pending calls fail with ``Wingman/StoreError``.
    public func close() async {
        await self.waits.close()
        await self.life.close()
        await self.work.close()
        await self.pushes.close()
    }

    /// Calls a script, with the error an operator understands.
    func run(_ call: RedisScriptCall, on client: RedisClient) async throws(StoreError) -> RESPValue {
        do throws(RedisError) {
            return try await client.eval(call)
        } catch {
            throw StoreError(error)
        }
    }

    /// Logs each trouble with a source once: a step is made many times a second.
    func report(_ troubles: [String]) {
        for trouble in troubles {
            let isNew = self.notes.withLock { notes in
                // Texts are as many as sources; the limit is for a source list that changes without end.
                if notes.troubles.count >= 1_000 { notes.troubles.removeAll() }
                return notes.troubles.insert(trouble).inserted
            }
            guard isNew else { continue }
            self.logger.error("a source cannot be read and is skipped", metadata: ["error": "\(trouble)"])
        }
    }

    func remember(term: Int?, of role: String, _ process: ProcessID) {
        self.notes.withLock { $0.terms["\(role) \(process)"] = term }
    }

    func term(of role: String, _ process: ProcessID) -> Int? {
        self.notes.withLock { $0.terms["\(role) \(process)"] }
    }
}
