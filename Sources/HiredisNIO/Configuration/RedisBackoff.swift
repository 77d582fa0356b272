/// The pauses between attempts: exponential, with full jitter, so that a fleet does not return in step.
public struct RedisBackoff: Sendable, Equatable {
    /// The ceiling of the first pause.
    public var first: Duration
    /// The ceiling of every pause.
    public var maximum: Duration

    /// - Parameters:
    ///   - first: the ceiling of the first pause.
    ///   - maximum: the ceiling of every pause.
    public init(first: Duration = .milliseconds(50), maximum: Duration = .seconds(5)) {
        self.first = first
        self.maximum = maximum
    }

    /// The longest that the pause after `failures` failed attempts may be: doubled each time, up to ``maximum``.
    public func ceiling(afterFailures failures: Int) -> Duration {
        var ceiling = self.first
        var left = failures - 1
        while left > 0, ceiling < self.maximum {
            ceiling *= 2
            left -= 1
        }
        return min(ceiling, self.maximum)
    }

    /// A pause between nothing and the ceiling, each length as likely.
    public func pause(
        afterFailures failures: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        self.ceiling(afterFailures: failures) * Double.random(in: 0...1, using: &generator)
    }

    /// A pause between nothing and the ceiling, by the system's generator.
    public func pause(afterFailures failures: Int) -> Duration {
        var generator = SystemRandomNumberGenerator()
        return self.pause(afterFailures: failures, using: &generator)
    }
}
