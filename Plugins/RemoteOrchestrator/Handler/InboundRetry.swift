/// What becomes of messages whose handling failed.
public struct InboundRetry: Hashable, Sendable {
    /// What a lane whose order counts does between two attempts.
    public enum WhenOrdered: String, Hashable, Sendable {
        /// It waits: nothing overtakes the message that failed. With ``InboundLanes/byKey(_:)`` only those of its key wait.
        case block
        /// It goes on, and the message comes again behind the others.
        case setAside
    }

    /// How often a message is tried before it is a dead letter; at least once.
    public var attempts: Int
    /// The delay after the first failure; doubled by each further one.
    public var firstDelay: Duration
    /// What delays grow to.
    public var longestDelay: Duration
    /// What a lane whose order counts does meanwhile.
    public var whenOrdered: WhenOrdered

    /// Five attempts, after 1, 2, 4 and 8 seconds, if nothing else is said.
    public init(
        attempts: Int = 5,
        firstDelay: Duration = .seconds(1),
        longestDelay: Duration = .seconds(300),
        whenOrdered: WhenOrdered = .block
    ) {
        self.attempts = attempts
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.whenOrdered = whenOrdered
    }

    /// The failure is the end.
    public static let never = InboundRetry(attempts: 1)

    /// How long to wait after the failure number `failures`, the first being 1: `firstDelay · 2ⁿ⁻¹`, at most
    /// ``longestDelay``, and up to a quarter of it more or less, so that what failed together is not tried together.
    func delay(after failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        // Doubled thirty times a second is 34 years; nothing overflows.
        let doubled = max(.zero, self.firstDelay) * (1 << max(0, min(failures - 1, 30)))
        return min(doubled, max(.zero, self.longestDelay)) * Double.random(in: 0.75...1.25, using: &generator)
    }
}

/// What a handler throws to say what becomes of a message it cannot handle.
public struct InboundFailure: Error, Hashable, Sendable, CustomStringConvertible {
    enum Kind: Hashable, Sendable {
        case dead
        case retry(after: Duration)
    }

    let kind: Kind
    /// What is wrong, for the dead letter and the one who waits for a reply.
    public let description: String

    /// No attempt will help: a dead letter.
    public static func dead(_ why: String) -> InboundFailure {
        InboundFailure(kind: .dead, description: why)
    }

    /// Try again after `delay`. It counts as an attempt.
    public static func retry(after delay: Duration, _ why: String = "to be tried again") -> InboundFailure {
        InboundFailure(kind: .retry(after: delay), description: why)
    }
}
