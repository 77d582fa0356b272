/// What a registered name stands for at the moment.
public enum RegistryState: Sendable, Hashable {
    /// An incarnation is there and ready.
    case running(generation: UInt64)
    /// One is being started or stopped, or will be started at `until` (on the timekeeper's scale) after a failure.
    case restarting(until: Duration?)
    /// It failed too often and is left alone for now.
    case parked
    /// There is no such name, or its service has ended.
    case absent
}
