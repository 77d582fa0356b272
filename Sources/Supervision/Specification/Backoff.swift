/// How long to wait before a restart.
public struct Backoff: Sendable, Hashable {
    /// How delays are spread so that what failed together does not return together.
    public enum Jitter: String, Sendable, Hashable, Codable {
        /// Exactly the computed delay.
        case none
        /// Half of it, and at random up to the other half.
        case equal
        /// At random from nothing to all of it.
        case full
    }

    /// The delay before the first restart.
    public var minimum: Duration
    /// What the delay never exceeds.
    public var maximum: Duration
    /// By how much each further delay is longer than the one before; at least 1.
    public var factor: Double
    /// How the delays are spread.
    public var jitter: Jitter
    /// How long a child must run without interruption for the delays to begin anew. Having started is not enough.
    public var resetAfter: Duration

    /// Delays that grow by `factor` from `minimum` to `maximum`.
    public static func exponential(
        minimum: Duration = .milliseconds(100),
        maximum: Duration = .seconds(30),
        factor: Double = 2,
        jitter: Jitter = .equal,
        resetAfter: Duration = .seconds(60)
    ) -> Self {
        Self(minimum: minimum, maximum: maximum, factor: factor, jitter: jitter, resetAfter: resetAfter)
    }

    /// The same delay before each restart.
    public static func constant(_ delay: Duration, resetAfter: Duration = .seconds(60)) -> Self {
        Self(minimum: delay, maximum: delay, factor: 1, jitter: .none, resetAfter: resetAfter)
    }

    /// Restarts at once. Only with a low ``Intensity``: nothing else slows a crash loop down.
    public static let none = Self.constant(.zero)

    /// The delay after `attempt` restarts without a reset, before jitter.
    ///
    /// - Parameter attempt: 0 before the first restart.
    public func nominalDelay(attempt: Int) -> Duration {
        var delay = self.minimum
        // Stops as soon as the maximum is reached: at most some hundred steps however large `attempt` is.
        for _ in 0..<max(0, attempt) where self.factor > 1 {
            if delay >= self.maximum || delay == .zero { break }
            delay = delay * self.factor
        }
        return min(delay, self.maximum)
    }

    /// The delay after `attempt` restarts without a reset.
    ///
    /// - Parameters:
    ///   - attempt: 0 before the first restart.
    ///   - random: A number from 0 up to 1, which spreads the delay.
    public func delay(attempt: Int, random: Double) -> Duration {
        let nominal = self.nominalDelay(attempt: attempt)
        return switch self.jitter {
        case .none: nominal
        case .equal: nominal / 2 + nominal / 2 * random
        case .full: nominal * random
        }
    }

    /// The time that `count` restarts in a row are expected to take.
    func expectedTime(ofRestarts count: Int) -> Duration {
        let share =
            switch self.jitter {
            case .none: 1.0
            case .equal: 0.75
            case .full: 0.5
            }
        return (0..<count).reduce(.zero) { $0 + self.nominalDelay(attempt: $1) * share }
    }
}
