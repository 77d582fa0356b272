/// What a process says of itself at each beat.
public struct Beat: Sendable {
    /// Whether the process must be unknown to the store, or known.
    public enum Kind: Sendable {
        /// The first beat of an incarnation: refused if the identity is known in any way.
        case register
        /// Every later beat.
        case renew
    }

    /// One running job, as other Sidekiq programs show it.
    public struct Work: Sendable {
        /// A short unique name of the processor.
        public var thread: String
        /// The bare name of the queue.
        public var queue: String
        /// The job's JSON as claimed.
        public var payload: [UInt8]
        /// When it started, in seconds since 1970.
        public var startedAt: Int

        /// A running job.
        public init(thread: String, queue: String, payload: [UInt8], startedAt: Int) {
            self.thread = thread
            self.queue = queue
            self.payload = payload
            self.startedAt = startedAt
        }
    }

    /// Who beats.
    public var process: ProcessID
    /// First or later.
    public var kind: Kind
    /// 1, 2, 3 … within one incarnation. The same number is sent again, with the same ``executions``, until it is
    /// acknowledged: they are counted once, and signals are repeated.
    public var number: Int
    /// How long the lease lasts from now, by the store's clock.
    public var lease: Duration
    /// Sidekiq's `info` JSON, built once per incarnation.
    public var info: String
    /// How many jobs can run at once.
    public var concurrency: Int
    /// True once the process takes no new jobs.
    public var isQuiet: Bool
    /// Resident memory, in KiB.
    public var residentKiB: Int
    /// The round trip time of the beat before, in microseconds.
    public var roundTripMicroseconds: Int
    /// What runs now.
    public var work: [Work]
    /// Executions since the last acknowledged beat, for the metrics page.
    public var executions: [ExecutionMetric]

    /// A beat with everything Sidekiq's pages show.
    public init(
        process: ProcessID,
        kind: Kind,
        number: Int,
        lease: Duration,
        info: String,
        concurrency: Int,
        isQuiet: Bool,
        residentKiB: Int,
        roundTripMicroseconds: Int,
        work: [Work],
        executions: [ExecutionMetric]
    ) {
        self.process = process
        self.kind = kind
        self.number = number
        self.lease = lease
        self.info = info
        self.concurrency = concurrency
        self.isQuiet = isQuiet
        self.residentKiB = residentKiB
        self.roundTripMicroseconds = roundTripMicroseconds
        self.work = work
        self.executions = executions
    }
}

/// What one job class did since the last flush (Sidekiq's `j|…` and `h|…` keys).
public struct ExecutionMetric: Sendable, Equatable {
    /// The job class, the wrapped one where there is one.
    public var jobClass: String
    /// Executions.
    public var processed: Int
    /// Executions that failed.
    public var failed: Int
    /// Milliseconds spent by those that succeeded.
    public var milliseconds: Int
    /// Successful executions per bucket of Sidekiq's histogram, 26 of them.
    public var histogram: [Int]

    /// Figures of `jobClass`.
    public init(jobClass: String, processed: Int, failed: Int, milliseconds: Int, histogram: [Int]) {
        self.jobClass = jobClass
        self.processed = processed
        self.failed = failed
        self.milliseconds = milliseconds
        self.histogram = histogram
    }
}

/// The answer to a beat.
public enum BeatReply: Sendable {
    /// The lease is held. `lanes` has each lane's last step number; `signals` are those sent from Sidekiq's page.
    case alive(lanes: [Int: Int], signals: [String])
    /// The identity is in use (register), or was fenced (renew): take a new one.
    case refused
}

/// What a rescue did.
public struct RescueReply: Sendable {
    /// How many jobs went back to their sources.
    public var moved: Int
    /// True if more is waiting, to be moved or to be forgotten: call again at once.
    public var hasMore: Bool
    /// The processes whose leases had run out and that this call fenced.
    public var ended: [ProcessID]
    /// How many jobs went into quarantine, as the crash that this call found was their third.
    public var quarantined: Int
    /// When there may be something to rescue: the end of the grace, or the next lease to run out, from now by the store's
    /// clock. Nil if no process has a lease.
    public var nextLook: Duration?

    /// A report of one call.
    public init(
        moved: Int,
        hasMore: Bool,
        ended: [ProcessID] = [],
        quarantined: Int = 0,
        nextLook: Duration? = nil
    ) {
        self.moved = moved
        self.hasMore = hasMore
        self.ended = ended
        self.quarantined = quarantined
        self.nextLook = nextLook
    }
}

/// A set of jobs or messages by due time.
public enum DueSet: Hashable, Sendable {
    /// Failed jobs that will run again.
    case retry
    /// Jobs pushed for later.
    case schedule
    /// Messages of the plain list named, which will be tried again.
    case later(String)

    /// The sets of jobs.
    public static let jobs: [DueSet] = [.retry, .schedule]

    /// The same as a place.
    public var place: Place {
        switch self {
        case .retry: .retry
        case .schedule: .schedule
        case .later(let list): .later(list)
        }
    }
}

/// Due entries of a set.
public struct DueReply: Sendable {
    /// The payloads, oldest first.
    public var entries: [[UInt8]]
    /// How long until the next entry that is not yet due, by the store's clock; nil if there is none.
    public var nextDue: Duration?

    /// Entries that are due now.
    public init(entries: [[UInt8]], nextDue: Duration?) {
        self.entries = entries
        self.nextDue = nextDue
    }
}

/// One due entry and what becomes of it.
public enum Promotion: Sendable {
    /// Push `payload` to `queue`, then remove `entry`.
    case push(entry: [UInt8], queue: String, payload: [UInt8])
    /// Add `payload` behind all others of the plain list `list`, then remove `entry`.
    case deliver(entry: [UInt8], list: String, payload: [UInt8])
    /// Remove `entry`: middleware refused it.
    case drop(entry: [UInt8])
    /// Move `entry` to the dead set, as `payload`: it is not a job.
    case bury(entry: [UInt8], payload: [UInt8])
}

/// Sizes by place.
public struct StoreCounts: Sendable, Equatable {
    /// Queue name → length.
    public var queues: [String: Int]
    /// Jobs held by processes.
    public var inFlight: Int
    /// The same by where they came from.
    public var inFlightBySource: [Source: Int]
    /// Entries in the schedule, and how many of them are due.
    public var scheduled: Int
    /// Due now.
    public var scheduledDue: Int
    /// Entries in the retry set.
    public var retries: Int
    /// Due now.
    public var retriesDue: Int
    /// Entries in the dead set.
    public var dead: Int
    /// Jobs in quarantine.
    public var quarantined: Int
    /// Lifetime executions.
    public var processed: Int
    /// Lifetime failures.
    public var failed: Int

    /// Sizes by place.
    public init(
        queues: [String: Int] = [:],
        inFlight: Int = 0,
        inFlightBySource: [Source: Int] = [:],
        scheduled: Int = 0,
        scheduledDue: Int = 0,
        retries: Int = 0,
        retriesDue: Int = 0,
        dead: Int = 0,
        quarantined: Int = 0,
        processed: Int = 0,
        failed: Int = 0
    ) {
        self.queues = queues
        self.inFlight = inFlight
        self.inFlightBySource = inFlightBySource
        self.scheduled = scheduled
        self.scheduledDue = scheduledDue
        self.retries = retries
        self.retriesDue = retriesDue
        self.dead = dead
        self.quarantined = quarantined
        self.processed = processed
        self.failed = failed
    }
}

/// One process as the store shows it.
public struct ProcessReport: Sendable {
    /// Who.
    public var process: ProcessID
    /// Sidekiq's `info` JSON.
    public var info: String
    /// Jobs it runs.
    public var busy: Int
    /// True once it takes no new jobs.
    public var isQuiet: Bool
    /// Seconds since 1970 of its last beat.
    public var beatAt: Double

    /// A process as published.
    public init(process: ProcessID, info: String, busy: Int, isQuiet: Bool, beatAt: Double) {
        self.process = process
        self.info = info
        self.busy = busy
        self.isQuiet = isQuiet
        self.beatAt = beatAt
    }
}
