import DequeModule

/// What a capsule's manager knows, and every decision it takes: who gets which job, what is settled and claimed next,
/// when the capsule is empty. A plain value; ``Manager`` guards it and does what its methods return.
struct ManagerState {
    /// A claimed job on its way through this process.
    struct Work: Sendable {
        let claimed: Claimed
        let epoch: Int
    }

    /// A job on a processor.
    struct Running {
        let work: Work
        let startedAt: Duration
        var cancelReason: CancelReason?
    }

    /// What the capsule does with new work.
    enum Phase: Sendable {
        case running
        /// Nothing new is claimed or started; what runs goes on.
        case quiet
        /// As quiet; the capsule ends once it is empty.
        case stopping
    }

    /// What the fetcher does next.
    enum Plan: Sendable {
        case step(settlements: [Settlement], claim: Int)
        /// Nothing to do until something changes.
        case rest
        /// The capsule is empty and stops.
        case finish
    }

    let concurrency: Int
    private(set) var phase = Phase.running
    private(set) var running: [Int: Running] = [:]
    private(set) var ready: Deque<Work> = []
    private(set) var readAhead = ReadAhead()
    /// False after a claim found less than it asked for; true again once the store has signalled.
    private(set) var mayHaveWork = true
    private var outbox: [Settlement] = []
    /// Settlements whose destination could not be written; they are tried again after a pause.
    private var deferred: [Settlement] = []
    /// Settlements sent with a step that has no answer yet.
    private var underway = 0
    /// Jobs of earlier incarnations are nobody's business any more.
    private(set) var epoch = 0

    init(concurrency: Int) {
        self.concurrency = concurrency
        self.running.reserveCapacity(concurrency)
    }

    /// How many more jobs should be held than are.
    private var room: Int {
        let free = self.concurrency - self.running.count
        return max(0, free + self.readAhead.target(concurrency: self.concurrency) - self.ready.count)
    }

    /// Whether a blocked wait for new jobs makes sense: nothing known to be there, and a processor free for it.
    var wantsSignal: Bool {
        self.phase == .running && !self.mayHaveWork && self.ready.isEmpty && self.running.count < self.concurrency
    }

    /// How many jobs the next step claims.
    private var claim: Int {
        self.phase == .running && self.mayHaveWork ? min(self.room, Step.limit) : 0
    }

    /// Whether the fetcher has something to do.
    var wantsStep: Bool {
        !self.outbox.isEmpty || self.claim > 0 || (self.phase == .stopping && self.isEmpty)
    }

    /// Nothing is held, started or unsettled.
    var isEmpty: Bool {
        self.running.isEmpty && self.ready.isEmpty && self.outbox.isEmpty && self.underway == 0
            && self.deferred.isEmpty
    }

    // MARK: The fetcher's side

    mutating func plan() -> Plan {
        if self.phase == .stopping, self.isEmpty { return .finish }
        guard self.wantsStep else { return .rest }
        let claim = self.claim
        let settlements = Array(self.outbox.prefix(Step.limit))
        self.outbox.removeFirst(settlements.count)
        self.underway = settlements.count
        return .step(settlements: settlements, claim: claim)
    }

    /// The pause after a failed settlement is over.
    mutating func retryDeferred() {
        self.outbox += self.deferred
        self.deferred = []
    }

    /// A step was answered. Claims that there is no place for (brought by a landing list) go straight back.
    ///
    /// - Returns: Why settlements failed, if any did; they are kept until ``retryDeferred()``.
    mutating func answered(
        _ answers: [SettleAnswer],
        to settlements: [Settlement],
        claimed: [Claimed],
        asked: Int,
        leaseExpired: Bool,
        nanoseconds: Int64
    ) -> [String] {
        self.underway = 0
        self.readAhead.stepped(nanoseconds: nanoseconds)
        let failures = self.deferFailed(settlements, answers)
        if asked > 0 { self.mayHaveWork = claimed.count >= asked && !leaseExpired }
        let places = self.phase == .running ? max(asked, self.room) : 0
        for (index, claim) in claimed.enumerated() {
            if index < places {
                self.ready.append(Work(claimed: claim, epoch: self.epoch))
            } else {
                self.giveBack(claim.token)
            }
        }
        return failures
    }

    private mutating func deferFailed(_ settlements: [Settlement], _ answers: [SettleAnswer]) -> [String] {
        zip(settlements, answers).compactMap { settlement, answer in
            guard case .failed(let reason) = answer else { return nil }
            self.deferred.append(settlement)
            return reason
        }
    }

    /// The store says, or time suggests, that there may be something to claim.
    mutating func signalled() {
        self.mayHaveWork = true
    }

    /// A new incarnation claims from here on.
    mutating func began(epoch: Int) {
        self.epoch = epoch
        self.mayHaveWork = true
    }

    /// The incarnation lost its lease: what it held is not ours, finished or not.
    ///
    /// - Returns: The slots whose jobs have to be cancelled.
    mutating func fenced() -> [Int] {
        self.ready.removeAll()
        self.outbox.removeAll()
        self.deferred.removeAll()
        self.underway = 0
        return self.cancelAll(.fence)
    }

    // MARK: The processors' side

    /// The next job for a processor, if it may start one.
    mutating func start(slot: Int, now: Duration) -> Work? {
        guard self.phase == .running, let work = self.ready.popFirst() else { return nil }
        self.running[slot] = Running(work: work, startedAt: now, cancelReason: nil)
        return work
    }

    /// A processor has finished its job. Outcomes of a fenced incarnation are dropped.
    mutating func finished(slot: Int, settlement: Settlement, now: Duration) {
        guard let ended = self.running.removeValue(forKey: slot) else { return }
        self.readAhead.finished(nanoseconds: (now - ended.startedAt).nanoseconds)
        guard ended.work.epoch == self.epoch, ended.cancelReason != .fence else { return }
        self.outbox.append(settlement)
    }

    func cancelReason(of slot: Int) -> CancelReason? { self.running[slot]?.cancelReason }

    /// Marks one running job as cancelled, unless it already is or is another one by now.
    mutating func cancel(slot: Int, token: Token, reason: CancelReason) -> Bool {
        guard self.running[slot]?.work.claimed.token == token, self.running[slot]?.cancelReason == nil else {
            return false
        }
        self.running[slot]?.cancelReason = reason
        return true
    }

    // MARK: Quiet and stop

    /// A capsule that was stopped by the tree, not by the process, starts again.
    mutating func resume() {
        self.phase = .running
        self.mayHaveWork = true
    }

    /// Takes nothing new; what was claimed ahead and not started goes back in its order.
    mutating func quiet(stopping: Bool) {
        if self.phase == .running {
            for work in self.ready { self.giveBack(work.claimed.token) }
            self.ready.removeAll()
        }
        self.phase = stopping || self.phase == .stopping ? .stopping : .quiet
    }

    /// Marks every running job as cancelled.
    ///
    /// - Returns: The slots to cancel.
    mutating func cancelAll(_ reason: CancelReason) -> [Int] {
        let slots = Array(self.running.keys)
        for slot in slots where self.running[slot]?.cancelReason == nil || reason == .fence {
            self.running[slot]?.cancelReason = reason
        }
        return slots
    }

    /// Gives back what still runs although it was cancelled: the process ends under it.
    mutating func forsake() -> [Work] {
        let forsaken = self.running.values.filter { $0.work.epoch == self.epoch && $0.cancelReason != .fence }
        for job in forsaken { self.giveBack(job.work.claimed.token) }
        self.running.removeAll()
        return forsaken.map(\.work)
    }

    private mutating func giveBack(_ token: Token) {
        self.outbox.append(Settlement(token: token, disposition: .giveBack, tally: .none))
    }
}
