/// Why a child counts as failed.
public enum FailureReason: Sendable {
    /// Its `run()` returned although it is permanent.
    case returnedUnexpectedly
    /// Its `run()` threw.
    case threw(any Error)
    /// It threw, or its factory did, before it was ready.
    case startFailed(any Error)
    /// Its `run()` returned before it was ready.
    case returnedBeforeReady
    /// It did not get ready in time.
    case notReady(within: Duration)
    /// It showed no sign of life for this long.
    case heartbeatMissed(silence: Duration)

    /// The error behind it, if there was one.
    public var error: (any Error)? {
        switch self {
        case .threw(let error), .startFailed(let error): error
        case .returnedUnexpectedly, .returnedBeforeReady, .notReady, .heartbeatMissed: nil
        }
    }

    /// A label of few values, for metrics.
    var label: String {
        switch self {
        case .returnedUnexpectedly: "returned"
        case .threw: "threw"
        case .startFailed: "start_failed"
        case .returnedBeforeReady: "returned_before_ready"
        case .notReady: "not_ready"
        case .heartbeatMissed: "heartbeat_missed"
        }
    }
}

extension FailureReason: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .returnedUnexpectedly: "returned although it is permanent"
        case .threw(let error): "threw \(error)"
        case .startFailed(let error): "could not start: \(error)"
        case .returnedBeforeReady: "returned before it was ready"
        case .notReady(let limit): "was not ready within \(limit)"
        case .heartbeatMissed(let silence): "gave no sign of life for \(silence)"
        }
    }
}

/// One failure of one incarnation.
public struct FailureRecord: Sendable, CustomStringConvertible {
    /// Where the child stands in the tree: `wingman/plugins/mailer`.
    public let path: String
    /// Which incarnation it was; the first is 1.
    public let generation: UInt64
    /// When, on the timekeeper's scale.
    public let time: Duration
    /// Why.
    public let reason: FailureReason

    /// One line for people.
    public var description: String { "\(self.path) (incarnation \(self.generation)) \(self.reason)" }
}
