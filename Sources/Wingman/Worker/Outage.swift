public import Logging

/// One absence of the store as one loop sees it: logs its begin and its end once, and gives the delays between tries.
///
/// ```swift
/// var outage = Outage(what: "count jobs", logger: environment.logger)
/// while !Task.isCancelled {
///     do {
///         …
///         outage.end(at: environment.time.now)
///     } catch {
///         let delay = outage.failed(error, at: environment.time.now)
///         try? await environment.time.sleep(for: delay)
///     }
/// }
/// ```
public struct Outage: Sendable {
    private let what: String
    private let logger: Logger
    private let longestDelay: Duration
    private var failures = 0
    private var began = Duration.zero

    /// - Parameters:
    ///   - what: What could not be done, for the log.
    ///   - logger: Where to say so.
    ///   - longestDelay: What delays grow to. The host's own loops must not be later than 1 s when the store is back.
    public init(what: String, logger: Logger, longestDelay: Duration = .seconds(1)) {
        self.what = what
        self.logger = logger
        self.longestDelay = longestDelay
    }

    /// The last try failed.
    public var isOpen: Bool { self.failures > 0 }

    /// The first delay, before its random part is taken off; each further one is twice as long.
    private static let shortestDelay = Duration.milliseconds(50)

    /// Counts a failure at `now`.
    ///
    /// - Returns: How long to wait before the next try: from 50 ms, doubled up to the longest, half of it random.
    public mutating func failed(_ error: any Error, at now: Duration) -> Duration {
        if self.failures == 0 {
            self.began = now
            self.logger.warning(
                "store unavailable, trying again",
                metadata: ["store.call": "\(self.what)", "error": "\(error)"]
            )
        }
        // Doubling sixteen times is almost an hour: nobody waits longer, and nothing overflows.
        let delay = min(self.longestDelay, Self.shortestDelay * (1 << min(self.failures, 16)))
        self.failures += 1
        return delay * Double.random(in: 0.5...1)
    }

    /// A try succeeded at `now`.
    public mutating func end(at now: Duration) {
        guard self.failures > 0 else { return }
        self.failures = 0
        self.logger.info(
            "store available again",
            metadata: ["store.call": "\(self.what)", "store.downtime": "\((now - self.began).inSeconds) s"]
        )
    }
}
