internal import DequeModule
internal import Wingman

/// What a store holds, as a value: the whole contract of ``Wingman/Store`` without locks, tasks or a clock of its own.
///
/// Its methods are the store's calls. A method that throws has changed nothing.
struct MemoryState: Sendable {
    typealias Bytes = [UInt8]

    /// Microseconds since 1970, as of this call.
    private(set) var now: Int

    // Jobs and messages, next to run first.
    var lists: [Source: Deque<Bytes>] = [:]
    var listExpiries: [String: Int] = [:]
    /// Queues that were ever pushed to.
    var queues: Set<String> = []
    var ordered: [OrderedPlace: [TimedEntry]] = [:]
    var paused: Set<String> = []

    // Processes.
    var processes: [ProcessID: ProcessState] = [:]
    /// Fenced and not yet emptied, in the order of fencing.
    var draining: [FencedProcess] = []
    /// Emptied or gone → when, in milliseconds: their identities stay in use for an hour.
    var graves: [ProcessID: Int] = [:]
    /// The last beat of anyone.
    var lastBeat: (milliseconds: Int, lease: Int)?
    /// Milliseconds: nobody is rescued before.
    var graceEnd = 0
    var signals: [ProcessID: [(word: String, expiry: Int)]] = [:]
    /// What processes say of themselves, until when.
    var published: [ProcessID: (report: ProcessReport, expiry: Int)] = [:]
    var suspicions: [Bytes: Suspicion] = [:]

    // Coordination and statistics.
    var leaders: [String: (process: ProcessID, term: Int, expiry: Int)] = [:]
    var terms: [String: Int] = [:]
    var recurring: [String: (specification: String, next: Int)] = [:]
    var processed = 0
    var failed = 0
    /// Minute since 1970 → class → figures.
    var executions: [Int: [String: ExecutionMetric]] = [:]

    /// What plugins keep.
    var keys: [StoreKey: StoredValue] = [:]

    private var serials = 0

    init(now: Int) {
        self.now = now
    }

    var milliseconds: Int { self.now.quotient(by: 1_000) }
    var seconds: Double { Double(self.now) / 1_000_000 }

    /// A number greater than all before: who is newer has the greater one.
    mutating func nextSerial() -> Int {
        self.serials += 1
        return self.serials
    }

    /// The time of this call; what has run out by then is gone.
    mutating func arrive(at now: Int) {
        self.now = now
        for (list, expiry) in self.listExpiries where expiry <= now {
            self.listExpiries[list] = nil
            self.lists[.list(list)] = nil
        }
        self.keys = self.keys.filter { $0.value.expiry.map { $0 > now } ?? true }
        self.leaders = self.leaders.filter { $0.value.expiry > now }
        self.suspicions = self.suspicions.filter { $0.value.expiry > now }
        self.published = self.published.filter { $0.value.expiry > now }
        self.signals = self.signals.compactMapValues { words in
            let kept = words.filter { $0.expiry > now }
            return kept.isEmpty ? nil : kept
        }
        let firstMinute = now.quotient(by: 60_000_000) - Self.keptMinutes
        self.executions = self.executions.filter { $0.key >= firstMinute }
    }

    private static let keptMinutes = 480  // Sidekiq keeps eight hours
}

/// A place ordered by time.
enum OrderedPlace: Hashable {
    case retry
    case schedule
    case later(String)
    case dead
    case quarantine

    init(_ set: DueSet) {
        self =
            switch set {
            case .retry: .retry
            case .schedule: .schedule
            case .later(let list): .later(list)
            }
    }
}

/// An entry of an ordered place. Of equal times the one that came first is first.
struct TimedEntry {
    /// Seconds since 1970.
    var at: Double
    var serial: Int
    var payload: [UInt8]
}

/// A process with a lease.
struct ProcessState {
    /// Milliseconds since 1970.
    var leaseEnd: Int
    var lanes: [Int: RecordedStep] = [:]
    var held: [Token: HeldJob] = [:]
    var isolated: Token?
    var beats = 0
    /// What the last beat brought, for its repetition.
    var lastSignals: [String] = []
}

/// A process that lost its lease and is being emptied.
struct FencedProcess {
    var process: ProcessID
    /// Milliseconds since 1970.
    var fencedAt: Int
    /// Whether its death counts against what it held.
    var convicts: Bool
    var isolated: Token?
    var held: [Token: HeldJob]
}

/// A claimed job.
struct HeldJob {
    /// Greater in those claimed later.
    var serial: Int
    var source: Source
    var payload: [UInt8]
}

/// What a lane was answered last.
struct RecordedStep {
    var number: Int
    var answers: [SettleAnswer]
    var claimed: [Claimed]
    var leaseExpired: Bool
}

/// How many deaths a payload is suspected of.
struct Suspicion {
    var crashes: Int
    var expiry: Int
}

/// What a key holds.
struct StoredValue {
    enum Content {
        /// Also a counter, as its decimal text.
        case value([UInt8])
        case set(Set<[UInt8]>)
    }

    var content: Content
    var expiry: Int?
}

extension Int {
    /// Rounded down, also below zero.
    func quotient(by divisor: Int) -> Int {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
