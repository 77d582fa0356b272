import Wingman

/// How one attempt to handle a message ended.
enum Ending: Sendable, Equatable {
    /// The handler returned, with its reply's JSON if it has one.
    case replied([UInt8]?)
    /// A message with the same idempotency key was handled before, with this reply.
    case repeated([UInt8]?)
    /// The handler threw.
    case failed(FailedAttempt, InboundFailure.Kind?)
    /// No attempt will help.
    case refused(Refusal)
    /// Another message with the same idempotency key is being handled.
    case busy
    /// The service does not run at the moment.
    case unavailable
    /// This process stops, or has lost the message to another one.
    case interrupted
}

/// What becomes of a message after an attempt.
enum Verdict: Sendable, Equatable {
    /// It leaves the lane: where it goes, and what is done in the same step; the reply only if its list can be written.
    case settle(Destination, [Effect], reply: [Effect] = [], Fate)
    /// It stays at the head of the lane, and is tried again after a time.
    case rest(Duration, Fate)
    /// It goes back to the head of its list, as if it had never been claimed.
    case giveBack

    /// Where a message goes that leaves the lane.
    enum Destination: Sendable, Equatable {
        /// It ended.
        case done
        /// To the tail of a list.
        case append(list: String, [UInt8])
        /// Into the set of those that are tried again later, and from there to the tail of `list`.
        case later(list: String, [UInt8], in: Duration)
    }

    /// How a message counts in the metrics.
    enum Fate: Sendable, Hashable {
        case done
        case repeated
        case retried
        /// Nothing was tried.
        case postponed
        case dead(Refusal.Reason)

        /// The value of `outcome`.
        var word: String {
            switch self {
            case .done: "done"
            case .repeated: "repeated"
            case .retried: "retried"
            case .postponed: "postponed"
            case .dead: "dead"
            }
        }
    }
}
