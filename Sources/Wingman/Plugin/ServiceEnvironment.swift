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

    /// Messages from a list of the store, each claimed and settled like a job: what a dead process held comes back.
    ///
    /// - Parameter list: The list's key in the store; producers `LPUSH` to it.
    /// - Throws: ``ConfigurationError`` in client mode, which holds no lease.
    public func inbox(list: String) throws -> Inbox {
        guard let life else {
            throw ConfigurationError(["an inbox needs server mode: it holds messages under a lease"])
        }
        return Inbox(list: list, environment: self, life: life)
    }

    /// Pushes a recurring job once across all processes. See ``RecurringTick``.
    public func tick(_ tick: RecurringTick) async throws -> RecurringReply {
        try await self.store.tick(tick)
    }
}
