import DequeModule

/// What a capsule's manager knows, and every decision it takes: who gets which job, what is settled and claimed next,
/// when the capsule is empty. A plain value; ``Manager`` guards it and does what its methods return.
struct ManagerState {
    let concurrency: Int
    private(set) var phase = Phase.running
    /// Counts the capsule's runs. Processors belong to one of them, also those that a run has left behind.
    private(set) var run = 0
    private(set) var running: [Int: Running] = [:]
    var ready: Deque<Work> = []
    private(set) var readAhead = ReadAhead()
    /// False after a claim found less than it asked for; true again once the store has signalled.
    var mayHaveWork = true
    /// True once this run held a job whose end the store may not know: it is for a rescuer.
    private(set) var hasLeftBehind = false
    private var outbox: Deque<Settlement> = []
    /// Jobs on their way back to where they came from.
    var returning = GiveBacks()
    /// Settlements whose destination could not be written; they are tried again after a pause.
    private var deferred: [Settlement] = []
    /// Claimed suspects, which run when nothing else does, the oldest first.
    var suspects: Deque<Work> = []
    /// A suspect is to run alone, of this capsule or another part of the process.
    var isHeld = false
    /// The waiter came back while held still: something may have landed that others could run.
    var mayHaveLanded = false
    var suspectNews = SuspectNews()
    /// A step was planned and has no answer yet.
    private(set) var isStepping = false
    /// The incarnation that claims; 0 before the first.
    private(set) var epoch = 0
    /// The last incarnation known to have ended: what it held is nobody's business any more.
    private var fencedEpoch = 0
    private var claimCount = 0

    init(concurrency: Int) {
        self.concurrency = concurrency
        self.running.reserveCapacity(concurrency)
    }

    /// The incarnation that claimed last has lost its lease, and no other has begun.
    private var isFenced: Bool { self.epoch <= self.fencedEpoch }

    /// How many more jobs should be held than are.
    private var room: Int {
        let free = self.concurrency - self.running.count
        return max(0, free + self.readAhead.target(concurrency: self.concurrency) - self.ready.count)
    }

    /// Whether a blocked wait for new jobs makes sense: nothing known to be there, and a processor free for it.
    var wantsSignal: Bool {
        self.phase == .running && !self.isHeld && !self.mayHaveWork && self.ready.isEmpty
            && self.running.count < self.concurrency
    }

    /// How many jobs the next step claims.
    private var claim: Int {
        guard self.phase == .running, self.mayHaveWork else { return 0 }
        // Held still, what has landed is claimed only to go back.
        return self.isHeld ? (self.mayHaveLanded ? 1 : 0) : min(self.room, Step.limit)
    }

    /// Jobs interrupted by a stop go back together, so that their order is kept: not while others still have their grace.
    private var mayGiveBack: Bool {
        !self.returning.isEmpty && !self.running.values.contains { $0.cancelReason == .stop }
    }

    /// Whether the fetcher has something to do.
    var wantsStep: Bool {
        !self.outbox.isEmpty || self.claim > 0 || self.mayGiveBack || self.isOver || self.isFenced
    }

    /// Nothing is held, started, unsettled or on its way.
    var isEmpty: Bool {
        self.running.isEmpty && self.ready.isEmpty && self.suspects.isEmpty && self.outbox.isEmpty
            && self.returning.isEmpty && self.deferred.isEmpty && !self.isStepping
    }

    /// Held still, nothing is held but suspects that wait and what could not be settled, and no step is under way.
    var isDrained: Bool {
        self.isHeld && self.running.isEmpty && self.ready.isEmpty && self.outbox.isEmpty && self.returning.isEmpty
            && !self.isStepping && self.claim == 0
    }

    /// The capsule has nothing more to do, ever.
    var isOver: Bool { self.phase == .stopping && self.isEmpty }
}

// MARK: The fetcher's side

extension ManagerState {
    /// What the fetcher does next. It reports the end of each planned step.
    mutating func plan() -> Plan {
        if self.isOver { return .finish }
        if self.isFenced { return .fenced }
        guard self.wantsStep else { return .rest }
        let claim = self.claim
        var settlements = Array(self.outbox.prefix(Step.limit))
        self.outbox.removeFirst(settlements.count)
        if self.mayGiveBack { settlements += self.returning.takeNewest(Step.limit - settlements.count) }
        self.isStepping = true
        let free = max(0, self.concurrency - self.running.count - self.ready.count)
        return .step(settlements: settlements, claim: claim, enough: min(claim, free))
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
        self.isStepping = false
        self.readAhead.stepped(nanoseconds: nanoseconds)
        // The answer was under way when the lease was lost: what it brought belongs to others.
        guard !self.isFenced else { return [] }
        let failures = self.deferFailed(settlements, answers)
        if asked > 0 {
            self.mayHaveWork = claimed.count >= asked && !leaseExpired
            self.mayHaveLanded = false
        }
        let places = self.phase == .running && !self.isHeld ? max(asked, self.room) : 0
        for (index, claim) in claimed.enumerated() {
            self.claimCount += 1
            let work = Work(claimed: claim, epoch: self.epoch, order: self.claimCount)
            if claim.crashes > 0, self.phase == .running {
                self.suspects.append(work)
                self.suspectNews.isOpen = true
            } else if index < places {
                self.ready.append(work)
            } else {
                self.returning.add(work)
            }
        }
        return failures
    }

    /// A step will not be answered any more.
    ///
    /// - Parameter isLost: What it has done is unknown; else its incarnation has ended and it does not matter.
    mutating func unanswered(isLost: Bool) {
        self.isStepping = false
        if isLost { self.hasLeftBehind = true }
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
        self.mayHaveLanded = self.isHeld
    }

    /// The incarnation `epoch` claims from here on. What is left of an earlier one is dropped.
    mutating func began(epoch: Int) {
        self.isStepping = false
        self.mayHaveWork = true
        guard epoch != self.epoch else { return }
        self.dropAll()
        self.epoch = epoch
    }

    /// The incarnation `epoch` lost its lease: what it held is not ours, finished or not.
    ///
    /// - Returns: The slots whose jobs have to be cancelled.
    mutating func fenced(epoch: Int) -> [Int] {
        self.fencedEpoch = max(self.fencedEpoch, epoch)
        guard self.isFenced else { return [] }
        self.dropAll()
        return self.cancelAll(.fence)
    }

    private mutating func dropAll() {
        self.ready.removeAll()
        self.dropSuspects()
        self.outbox.removeAll()
        self.deferred.removeAll()
        self.returning = GiveBacks()
    }
}

// MARK: The processors' side

extension ManagerState {
    /// The next job for a processor of `run`, if it may start one.
    mutating func start(slot: Int, run: Int, now: Duration) -> Work? {
        guard self.isServing(run), let work = self.ready.popFirst() else { return nil }
        self.running[slot] = Running(work: work, startedAt: now, cancelReason: nil)
        return work
    }

    /// Whether processors of `run` get jobs.
    func isServing(_ run: Int) -> Bool { self.phase == .running && run == self.run }

    /// A processor has finished its job. Outcomes of a fenced incarnation, and of jobs given back meanwhile, are dropped.
    ///
    /// - Returns: Whether the processor is spent: its job was cancelled, and the cancellation of its task may reach it
    ///   only now. It must not run another one.
    mutating func finished(slot: Int, settlement: Settlement, now: Duration) -> Bool {
        guard let ended = self.running[slot], ended.work.claimed.token == settlement.token else { return true }
        self.running[slot] = nil
        self.readAhead.finished(nanoseconds: (now - ended.startedAt).nanoseconds)
        guard ended.work.epoch == self.epoch, !self.isFenced else { return true }
        switch settlement.disposition {
        case .giveBack: self.returning.add(ended.work)
        case .done, .retry, .schedule, .later, .dead, .append: self.outbox.append(settlement)
        }
        return ended.cancelReason != nil
    }

    func cancelReason(of slot: Int, token: Token) -> CancelReason? {
        guard let running = self.running[slot], running.work.claimed.token == token else { return .stop }
        return running.cancelReason
    }

    /// Marks one running job as cancelled, unless it already is or is another one by now.
    mutating func cancel(slot: Int, token: Token, reason: CancelReason) -> Bool {
        guard self.running[slot]?.work.claimed.token == token, self.running[slot]?.cancelReason == nil else {
            return false
        }
        self.running[slot]?.cancelReason = reason
        return true
    }
}

// MARK: Start, quiet and stop

extension ManagerState {
    /// The capsule starts, for the first time or again.
    ///
    /// - Returns: The number of the run, which its processors carry.
    mutating func begin(isQuiet: Bool) -> Int {
        self.run += 1
        self.phase = isQuiet ? .quiet : .running
        self.mayHaveWork = true
        self.hasLeftBehind = false
        return self.run
    }

    /// Takes nothing new; what was claimed ahead and not started goes back in its order.
    mutating func quiet(stopping: Bool) {
        self.returnReady()
        for work in self.suspects { self.returning.add(work) }
        self.dropSuspects()
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
        let forsaken = self.running.values.map(\.work).filter { $0.epoch == self.epoch && !self.isFenced }
        for work in forsaken { self.returning.add(work) }
        self.running.removeAll()
        return forsaken
    }

    /// Ends at once, without the store: what is held stays in flight under the lease, and a rescuer finds it.
    ///
    /// - Returns: The slots to cancel.
    mutating func surrender() -> [Int] {
        guard !self.isOver else { return [] }
        self.hasLeftBehind = self.hasLeftBehind || !self.isEmpty
        self.phase = .stopping
        let slots = self.cancelAll(.stop)
        self.dropAll()
        self.running.removeAll()
        return slots
    }
}
