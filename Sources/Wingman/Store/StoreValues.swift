/// One incarnation of a worker process: `host:pid:nonce`. A process takes a new one after every fence.
public struct ProcessID: Hashable, Sendable, CustomStringConvertible {
    /// The text other Sidekiq programs see.
    public let rawValue: String

    /// Wraps an identity read back from a store.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The text itself.
    public var description: String { self.rawValue }
}

/// A job on its way into the store.
public struct PushedJob: Sendable, Equatable {
    /// The bare name of the queue.
    public var queue: String
    /// The job's JSON, exactly as it will be stored.
    public var payload: [UInt8]
    /// When to run it, in seconds since 1970; nil is now.
    public var runAt: Double?

    /// A job for `queue`, now or at `runAt`.
    public init(queue: String, payload: [UInt8], runAt: Double? = nil) {
        self.queue = queue
        self.payload = payload
        self.runAt = runAt
    }
}

/// Proof of one claim: names its lane, step, place in the step, time and source. A late or second answer is told by it.
public struct Token: Hashable, Sendable, CustomStringConvertible {
    /// The text kept by the store.
    public let rawValue: String

    /// Wraps a token made by a store.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The text itself.
    public var description: String { self.rawValue }
}

/// A job or message this process holds.
public struct Claimed: Sendable {
    /// What its settlement must show.
    public let token: Token
    /// Where it came from, and goes back to.
    public let source: Source
    /// The bytes as they were stored.
    public let payload: [UInt8]
    /// How many deaths of processes it is suspected of: zero but for few. See ``Store/isolate(_:process:)``.
    public let crashes: Int

    /// A claim, as a store answers it.
    public init(token: Token, source: Source, payload: [UInt8], crashes: Int = 0) {
        self.token = token
        self.source = source
        self.payload = payload
        self.crashes = crashes
    }
}

/// What becomes of a claimed job in the store.
public enum Disposition: Sendable {
    /// It ended; nothing is kept.
    case done
    /// To the retry set, due after `delay`.
    case retry(payload: [UInt8], delay: Duration)
    /// To the schedule, due after `delay`: a snooze.
    case schedule(payload: [UInt8], delay: Duration)
    /// Into ``Place/later(_:)`` of the plain list `list`, due after `delay`: a message that is tried again.
    case later(list: String, payload: [UInt8], delay: Duration)
    /// To the dead set, which is trimmed.
    case dead(payload: [UInt8])
    /// Back to the head of its source, unchanged, as if never claimed.
    case giveBack
    /// To the tail of a plain list (a dead-letter list).
    case append(list: String, payload: [UInt8])
}

/// How an execution counts in the statistics.
public enum Tally: Sendable {
    /// Not at all: given back, or a message that is not a job.
    case none
    /// Processed.
    case processed
    /// Processed and failed.
    case failed
}

/// The end of one claim.
public struct Settlement: Sendable {
    /// Whose end.
    public var token: Token
    /// Where it goes.
    public var disposition: Disposition
    /// How it counts.
    public var tally: Tally
    /// Done in the same step, only if the token is still held: ack and effects are one.
    public var effects: [Effect]

    /// The end of the claim `token`.
    public init(token: Token, disposition: Disposition, tally: Tally, effects: [Effect] = []) {
        self.token = token
        self.disposition = disposition
        self.tally = tally
        self.effects = effects
    }
}

/// What a store answered to one settlement.
public enum SettleAnswer: Sendable, Equatable {
    /// It was applied.
    case settled
    /// The token is not held (any more): another incarnation owns the job, nothing was changed.
    case stale
    /// The destination could not be written (its reason inside); the token is still held, settle again later.
    case failed(String)
}

/// One numbered settle-and-claim of a lane. A lane is one fetcher; it has one step in flight.
public struct Step: Sendable {
    /// Who.
    public var process: ProcessID
    /// Which of its fetchers, from 1.
    public var lane: Int
    /// The last acknowledged number plus one; the same again after a lost reply.
    public var number: Int
    /// At most ``limit``.
    public var settlements: [Settlement]
    /// How many to claim, at most ``limit``; zero is none.
    public var claim: Int
    /// Where to claim from, in this order.
    public var sources: [Source]
    /// With so many claimed the process has enough to do for now, although it asked for more to have them at hand: what comes
    /// to it by its waits goes back, for others.
    public var enough: Int

    /// The most settlements and the most claims of one step (Lua's unpack ends near 8,000).
    public static let limit = 500

    /// A step of `lane`. With `claim` it has enough, unless told otherwise.
    public init(
        process: ProcessID,
        lane: Int,
        number: Int,
        settlements: [Settlement],
        claim: Int,
        sources: [Source],
        enough: Int? = nil
    ) {
        self.process = process
        self.enough = enough ?? claim
        self.lane = lane
        self.number = number
        self.settlements = settlements
        self.claim = claim
        self.sources = sources
    }
}

/// The answer to a step.
public enum StepReply: Sendable {
    /// Done, or done before: one answer a settlement, in order, and what was claimed.
    ///
    /// `leaseExpired` says that nothing was claimed because the lease has run out (not yet fenced): beat, then go on.
    case done(answers: [SettleAnswer], claimed: [Claimed], leaseExpired: Bool)
    /// The process has no lease: its jobs were given to others. Cancel, drop the outcomes, take a new identity.
    case fenced
    /// The store has another last number than this lane: its tail was lost. Abandon.
    case gap(last: Int)
}
