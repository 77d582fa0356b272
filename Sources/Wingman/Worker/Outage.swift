import Logging

/// One absence of the store as one loop sees it: logs its begin and its end once, and gives the delays between tries.
struct Outage {
    private let what: String
    private let logger: Logger
    private let longestDelay: Duration
    private var failures = 0
    private var began = Duration.zero

    /// - Parameters:
    ///   - what: What could not be done, for the log.
    ///   - longestDelay: Beats need 1 s at most; so has everything else here.
    init(what: String, logger: Logger, longestDelay: Duration = .seconds(1)) {
        self.what = what
        self.logger = logger
        self.longestDelay = longestDelay
    }

    /// The last try failed.
    var isOpen: Bool { self.failures > 0 }

    /// Counts a failure at `now`.
    ///
    /// - Returns: How long to wait before the next try: from 25 ms, doubled, half of it random.
    mutating func failed(_ error: any Error, at now: Duration) -> Duration {
        if self.failures == 0 {
            self.began = now
            self.logger.warning(
                "store unavailable, trying again",
                metadata: ["store.call": "\(self.what)", "error": "\(error)"]
            )
        }
        self.failures += 1
        let delay = min(self.longestDelay, .milliseconds(25 << min(self.failures, 6)))
        return delay * Double.random(in: 0.5...1)
    }

    /// A try succeeded at `now`.
    mutating func end(at now: Duration) {
        guard self.failures > 0 else { return }
        self.failures = 0
        self.logger.info(
            "store available again",
            metadata: ["store.call": "\(self.what)", "store.downtime": "\((now - self.began).inSeconds) s"]
        )
    }
}
