/// How long to wait while the store does not answer, and when to say so: once at the start of an outage, once at its end.
struct Outage: Sendable, Equatable {
    private var failures = 0

    /// The first wait; each further one is twice as long, up to ``longest``.
    static let shortest: Duration = .milliseconds(500)
    /// Long enough to spare a store that recovers, short enough that an interval of a minute is hardly missed.
    static let longest: Duration = .seconds(30)

    /// Notes a failure.
    ///
    /// - Parameter jitter: A number from 0 to 1, so that many processes do not come back as one.
    /// - Returns: How long to wait, and whether this failure begins the outage.
    mutating func failed(jitter: Double) -> (wait: Duration, isFirst: Bool) {
        let exponent = min(self.failures, 6)
        self.failures = min(self.failures + 1, 1_000)
        let full = min(Self.shortest * (1 << exponent), Self.longest)
        return (full / 2 + full / 2 * min(max(jitter, 0), 1), self.failures == 1)
    }

    /// Notes an answer.
    ///
    /// - Returns: Whether it ends an outage.
    mutating func succeeded() -> Bool {
        defer { self.failures = 0 }
        return self.failures > 0
    }
}
