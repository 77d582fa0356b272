/// Counts the failures of a connection's keeper and knows since when there is no connection. A value, without a clock.
struct RedisOutage {
    /// A connection that lasted this long was a success; a shorter one counts as another failure, so that a server which
    /// accepts and drops is not hammered.
    static let stableAfter: Duration = .seconds(5)

    /// Failures in a row.
    private(set) var failures = 0
    private var since: ContinuousClock.Instant?
    private var connectedAt: ContinuousClock.Instant?
    private var wasConnected = false

    /// A connection is ready.
    mutating func connected(at now: ContinuousClock.Instant) -> RedisClient.Event {
        defer {
            self.since = nil
            self.connectedAt = now
            self.wasConnected = true
        }
        guard self.wasConnected, let since else { return .connected }
        return .reconnected(after: since.duration(to: now))
    }

    /// The connection that was ready has ended.
    mutating func connectionEnded(at now: ContinuousClock.Instant) {
        if let connectedAt, connectedAt.duration(to: now) >= Self.stableAfter { self.failures = 0 }
        self.connectedAt = nil
    }

    /// An attempt failed, or the connection was lost.
    ///
    /// - Returns: whether this begins an outage.
    mutating func failed(at now: ContinuousClock.Instant) -> Bool {
        self.failures += 1
        guard self.since == nil else { return false }
        self.since = now
        return true
    }

    /// The pause before the next attempt.
    func nextPause(_ backoff: RedisBackoff) -> Duration {
        backoff.pause(afterFailures: self.failures)
    }
}
