/// A watchdog over a child that must show signs of life by ``Incarnation/beat()``.
///
/// Beating costs an atomic store; the supervisor looks every `interval`. A machine that was halted (a clock that jumps) is
/// noticed and does not count as missed beats.
public struct Heartbeat: Sendable, Hashable {
    /// What a child that missed its beats has coming.
    public enum Consequence: Sendable, Hashable {
        /// It is cancelled, abandoned if need be, and started again as after a failure.
        case restart
        /// Its supervisor gives up.
        case escalate
    }

    /// How often the child is to beat.
    public var interval: Duration
    /// How many intervals without a beat are one too many.
    public var missed: Int
    /// What happens then.
    public var then: Consequence

    /// Creates a watchdog that acts after `missed` intervals without a beat.
    public init(every interval: Duration, missed: Int = 3, then: Consequence = .restart) {
        self.interval = interval
        self.missed = missed
        self.then = then
    }

    /// The time without a beat that is too long.
    var patience: Duration { self.interval * self.missed }
}
