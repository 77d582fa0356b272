/// How an execution ended.
enum Outcome: Sendable {
    /// The work is done.
    case done
    /// It failed and will run again; `payload` carries the failure.
    case retry(payload: [UInt8], delay: Duration)
    /// It asked to run again later; not a failure.
    case snooze(payload: [UInt8], delay: Duration)
    /// It will not run again and is kept where people see it.
    case dead(payload: [UInt8])
    /// It will not run again and is not kept.
    case discard(failed: Bool)
    /// The process stops: it goes back to the head of its queue, and this attempt never was.
    case interrupted

    /// What the store is told.
    func settlement(of token: Token) -> Settlement {
        switch self {
        case .done:
            Settlement(token: token, disposition: .done, tally: .processed)
        case .retry(let payload, let delay):
            Settlement(token: token, disposition: .retry(payload: payload, delay: delay), tally: .failed)
        case .snooze(let payload, let delay):
            Settlement(token: token, disposition: .schedule(payload: payload, delay: delay), tally: .processed)
        case .dead(let payload):
            Settlement(token: token, disposition: .dead(payload: payload), tally: .failed)
        case .discard(let failed):
            Settlement(token: token, disposition: .done, tally: failed ? .failed : .processed)
        case .interrupted:
            Settlement(token: token, disposition: .giveBack, tally: .none)
        }
    }
}

/// What a job throws to choose its own end instead of failing.
public enum JobControl: Error, Sendable {
    /// Run again after a while; no failure, no attempt counted.
    case snooze(for: Duration)
    /// Stop trying: to the dead set, with `reason` as its message.
    case kill(reason: String)
    /// Stop trying and keep nothing; not a failure.
    case discard(reason: String)
}

/// Why a running job was cancelled by us.
enum CancelReason: Sendable {
    /// The process stops.
    case stop
    /// Its timeout has passed.
    case timeout
    /// The incarnation that claimed it lost its lease.
    case fence
}
