import Supervision
import Synchronization

/// Hands claimed jobs to processors and their outcomes to the fetcher: a lock around ``ManagerState``.
///
/// Nothing in here waits for anything but its own lock, so processors, the fetcher, the heartbeat and the stop can
/// call it from any thread.
final class Manager: Sendable {
    typealias Work = ManagerState.Work

    fileprivate struct Guarded {
        var state: ManagerState
        /// Processors that wait for a job.
        var idle: [Int: CheckedContinuation<Void, Never>] = [:]
        /// The fetcher, while it rests.
        var fetcher: CheckedContinuation<Void, Never>?
        /// The waiter, while no signal is wanted.
        var waiter: CheckedContinuation<Void, Never>?
        /// The capsule, until it has nothing more to do.
        var capsule: CheckedContinuation<Void, Never>?
        /// The task of each processor, to cancel the job it runs.
        var tasks: [Int: Task<Void, Never>] = [:]
        /// Who lets suspects run alone, and this manager's number there.
        var suspects: (guard: SuspectGuard, member: SuspectGate.Member)?
    }

    private let guarded: Mutex<Guarded>
    private let time: any Timekeeper
    private let life: ProcessLife
    /// Where jobs are cancelled; nil is at once, by whoever asks.
    private let cancellations: (any TaskExecutor)?

    init(
        concurrency: Int,
        time: any Timekeeper,
        life: ProcessLife,
        cancellations: (any TaskExecutor)? = nil
    ) {
        self.cancellations = cancellations
        self.guarded = Mutex(Guarded(state: ManagerState(concurrency: concurrency)))
        self.time = time
        self.life = life
    }

    /// Suspects run alone in the process from here on, by the word of `guardian`.
    func join(_ guardian: SuspectGuard) {
        let member = guardian.join(self)
        self.guarded.withLock { $0.suspects = (guardian, member) }
    }

    // MARK: Processors

    /// Waits for a job; nil once processors of `run` start nothing more.
    func next(slot: Int, run: Int) async -> Work? {
        while true {
            let now = self.time.now
            let mayStart = self.life.holdsLease(at: now)
            var waiter: CheckedContinuation<Void, Never>?
            let (work, isOver) = self.guarded.withLock { guarded -> (Work?, Bool) in
                guard guarded.state.isServing(run) else { return (nil, true) }
                guard mayStart else { return (nil, false) }
                let work = guarded.state.start(slot: slot, run: run, now: now)
                // The last job held has started: whoever waits for more has to, while other processors are free.
                if guarded.state.wantsSignal { waiter = guarded.waiter.take() }
                return (work, false)
            }
            waiter?.resume()
            if let work { return work }
            if isOver { return nil }
            await self.untilReady(slot: slot, run: run)
        }
    }

    private func untilReady(slot: Int, run: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = self.guarded.withLock { guarded in
                let mayStart = !guarded.state.ready.isEmpty && self.life.holdsLease(at: self.time.now)
                if mayStart || !guarded.state.isServing(run) { return true }
                guarded.idle[slot] = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// The job of `slot` ended like this.
    ///
    /// - Returns: Whether the processor is spent and must run no other job.
    func finish(slot: Int, settlement: Settlement) -> Bool {
        let now = self.time.now
        return self.update { $0.finished(slot: slot, settlement: settlement, now: now) }
    }

    /// Why the job `token` on `slot` was cancelled by us, if it was.
    func cancelReason(of slot: Int, token: Token) -> CancelReason? {
        self.guarded.withLock { $0.state.cancelReason(of: slot, token: token) }
    }

    /// Starts the task behind a slot and remembers it, so that its job can be cancelled.
    func start(slot: Int, run: Int, _ body: @escaping @Sendable () async -> Void) {
        self.guarded.withLock { guarded in
            guard guarded.state.isServing(run) else { return }
            // Detached: a job must not hear the graceful shutdown of the service it runs under, nor keep it from ending.
            guarded.tasks[slot] = Task.detached(name: "processor \(slot)") { await body() }
        }
    }

    /// Cancels one job, if it is still the one running on `slot`.
    func cancel(slot: Int, token: Token, reason: CancelReason) {
        let task = self.guarded.withLock { guarded in
            guarded.state.cancel(slot: slot, token: token, reason: reason) ? guarded.tasks[slot] : nil
        }
        if let task { self.cancel([task]) }
    }

    /// The cancellation handlers of a job run inside of its cancellation. One that blocks holds up those of other jobs, but
    /// not the timers, and with them the beats, of whoever cancels.
    private func cancel(_ tasks: [Task<Void, Never>]) {
        guard let cancellations else {
            for task in tasks { task.cancel() }
            return
        }
        guard !tasks.isEmpty else { return }
        // Detached: nobody waits for it.
        Task.detached(executorPreference: cancellations) {
            for task in tasks { task.cancel() }
        }
    }

    // MARK: Fetcher

    /// Waits until there is something to settle or to claim.
    func plan() async -> ManagerState.Plan {
        while true {
            let plan = self.guarded.withLock { $0.state.plan() }
            if case .rest = plan {
                await self.untilPlan()
            } else {
                return plan
            }
        }
    }

    private func untilPlan() async {
        await withCheckedContinuation { continuation in
            let isNeeded = self.guarded.withLock { guarded in
                if guarded.state.wantsStep { return true }
                guarded.fetcher = continuation
                return false
            }
            if isNeeded { continuation.resume() }
        }
    }

    /// Waits until a blocked wait for new jobs makes sense; false once it never will again.
    func untilSignalWanted() async -> Bool {
        await withCheckedContinuation { continuation in
            let isNeeded = self.guarded.withLock { guarded in
                if guarded.state.wantsSignal || guarded.state.phase != .running { return true }
                guarded.waiter = continuation
                return false
            }
            if isNeeded { continuation.resume() }
        }
        return self.guarded.withLock { $0.state.phase == .running }
    }

    /// Waits until the capsule has nothing more to do.
    func untilOver() async {
        await withCheckedContinuation { continuation in
            let isOver = self.guarded.withLock { guarded in
                if guarded.state.isOver { return true }
                guarded.capsule = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: Changes

    /// Changes the state and wakes whoever the change concerns.
    @discardableResult
    func update<Result>(_ body: (inout ManagerState) -> Result) -> Result {
        self.change { body(&$0.state) }
    }

    /// Changes the state and cancels the jobs of the slots that the change names.
    ///
    /// A cancellation may come late, when its job has just ended: the processor behind it then is spent, and the late
    /// cancellation meets no other job.
    func cancelling(_ body: (inout ManagerState) -> [Int]) {
        let tasks = self.change { guarded in body(&guarded.state).compactMap { guarded.tasks[$0] } }
        self.cancel(tasks)
    }

    private func change<Result>(_ body: (inout Guarded) -> Result) -> Result {
        let mayStart = self.life.holdsLease(at: self.time.now)
        var woken: [CheckedContinuation<Void, Never>] = []
        var news: (report: SuspectGate.Report, suspects: (guard: SuspectGuard, member: SuspectGate.Member))?
        let result = self.guarded.withLock { guarded in
            let result = body(&guarded)
            if let report = guarded.state.takeSuspectNews(), let suspects = guarded.suspects {
                news = (report, suspects)
            }
            guarded.wake(into: &woken, mayStart: mayStart)
            return result
        }
        for continuation in woken { continuation.resume() }
        if let news { news.suspects.guard.report(news.report, of: news.suspects.member) }
        return result
    }

    /// What runs now, for the heartbeat.
    func snapshot() -> [Int: ManagerState.Running] {
        self.guarded.withLock { $0.state.running }
    }

    /// Whether the last run held a job whose end the store may not know.
    var hasLeftBehind: Bool { self.guarded.withLock { $0.state.hasLeftBehind } }
}

/// Called under the guard's lock, so nothing is reported from here: the guard takes the answer.
extension Manager: SuspectHolder {
    func hold() -> SuspectGate.Report { self.told { $0.hold() } }
    func release() -> SuspectGate.Report { self.told { $0.release() } }
    func runAlone(_ token: Token) -> SuspectGate.Report { self.told { $0.runAlone(token) } }
    func putBack(_ token: Token) -> SuspectGate.Report { self.told { $0.putBack(token) } }

    private func told(_ body: (inout ManagerState) -> Void) -> SuspectGate.Report {
        self.change { guarded in
            body(&guarded.state)
            return guarded.state.suspectReport()
        }
    }
}

extension Manager.Guarded {
    fileprivate mutating func wake(into woken: inout [CheckedContinuation<Void, Never>], mayStart: Bool) {
        if self.state.phase != .running {
            woken += self.idle.values
            self.idle.removeAll()
        } else if mayStart {
            var free = self.state.ready.count
            while free > 0, let (slot, continuation) = self.idle.first {
                self.idle.removeValue(forKey: slot)
                woken.append(continuation)
                free -= 1
            }
        }
        if self.fetcher != nil, self.state.wantsStep {
            self.fetcher.take().map { woken.append($0) }
        }
        if self.waiter != nil, self.state.wantsSignal || self.state.phase != .running {
            self.waiter.take().map { woken.append($0) }
        }
        if self.capsule != nil, self.state.isOver {
            self.capsule.take().map { woken.append($0) }
        }
    }
}
