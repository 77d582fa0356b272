import Wingman

/// One schedule as a running process knows it: what it is, and what the store last said of it.
struct LiveSchedule: Sendable {
    /// Whether this process enqueues its occurrences.
    enum Standing: Sendable, Equatable {
        case active
        /// Another program or deployment has the say, and why.
        case aside(String)
        /// It cannot be read here, and why.
        case faulty(String)
    }

    let id: String
    /// Nil if it cannot be read here.
    var timing: Timing?
    let maker: JobMaker
    var standing = Standing.active
    var record: ScheduleRecord?
    /// The record as it is in the store.
    var bytes: [UInt8] = []
    /// How often in a row its job could not be made, and why.
    var failures = 0
    var lastFailure: String?
    /// Jobs that kept it from going on and were not to be found, and when that was first looked at.
    var missing: (jids: Set<String>, since: Int)?
    /// When it was last looked for them, in milliseconds since 1970.
    var searchedAt: Int?
    /// After a failure, in milliseconds since 1970: not before.
    var notBefore = 0

    /// When it has to be looked at, by the store's clock in milliseconds since 1970; nil: not by itself.
    func due(now: Int) -> Int? {
        guard self.standing == .active, let timing, let record else { return nil }
        switch FiringPlan(timing, record, now: now) {
        case .rest(let until): return until.map { max($0, self.notBefore) }
        case .advance: return max(now, self.notBefore)
        // The job before may end at any time; its end is not told.
        case .release: return max(now + Self.bufferedInterval, self.notBefore)
        }
    }

    /// What is wrong with it, if anything.
    var trouble: String? {
        switch self.standing {
        case .aside(let why), .faulty(let why): why
        case .active: self.lastFailure
        }
    }

    static let unreadable = "its record in the store cannot be read: remove it with `cron remove`"

    /// How often an occurrence that waits looks whether it may go, in milliseconds.
    static let bufferedInterval = 1_000

    /// Notes that its job could not be made.
    mutating func failed(_ error: any Error, now: Int) {
        self.failures += 1
        self.lastFailure = "\(error)"
        let delay = min(Self.longestDelay, 1_000 << min(self.failures - 1, 16))
        self.notBefore = now + delay
    }

    /// Notes that the job before has not ended.
    mutating func wait(searched: Bool, now: Int) {
        self.missing = nil
        if searched { self.searchedAt = now }
    }

    /// Notes that the jobs before are nowhere to be found: after a while that is looked at again, then they are gone.
    mutating func search(_ missing: Set<String>, now: Int) {
        self.searchedAt = now
        let since = self.missing?.since ?? now
        let isCertain = now - since >= Claimer.searchPatience
        self.missing = isCertain ? nil : (missing, since)
        self.notBefore = isCertain ? now : now + Claimer.searchPatience
    }

    mutating func succeeded() {
        self.failures = 0
        self.lastFailure = nil
        self.notBefore = 0
    }

    /// From a second, doubled each time, to five minutes.
    private static let longestDelay = 300_000
}

/// The store's clock as this process knows it: its last answer, and the time since.
struct StoreClock: Sendable {
    private var base = 0
    private var at = Duration.zero

    /// The store said so just now.
    mutating func set(_ milliseconds: Int, at now: Duration) {
        self.base = milliseconds
        self.at = now
    }

    /// What the store's clock shows, in milliseconds since 1970.
    func milliseconds(at now: Duration) -> Int {
        self.base + (now - self.at).wholeMilliseconds
    }
}
