import Logging
import Supervision
import Synchronization

/// A part of the process that holds jobs or messages: a capsule's manager, an inbox.
///
/// All of it is called under the guard's lock: a holder must not call the guard back, nor report while it holds a lock of
/// its own. It reports changes from elsewhere by ``SuspectGuard/report(_:of:)``.
protocol SuspectHolder: AnyObject, Sendable {
    /// Starts and claims nothing; what has not started goes back.
    func hold() -> SuspectGate.Report
    /// Goes on.
    func release() -> SuspectGate.Report
    /// Runs a waiting suspect, and nothing else.
    func runAlone(_ token: Token) -> SuspectGate.Report
    /// Gives a waiting suspect back.
    func putBack(_ token: Token) -> SuspectGate.Report
}

/// Lets suspects run alone in the process: a lock around ``SuspectGate``, the store and the timers.
///
/// Nobody asks it anything per job. Holders report when they claim a suspect, and while they hold still.
final class SuspectGuard: Sendable {
    private struct Guarded {
        var gate = SuspectGate()
        var holders: [SuspectGate.Member: WeakHolder] = [:]
    }

    /// Holders know the guard; it does not keep them alive.
    private struct WeakHolder: Sendable {
        weak let holder: (any SuspectHolder)?
    }

    private let guarded = Mutex(Guarded())
    private let store: any Store
    private let life: ProcessLife
    private let time: any Timekeeper
    private let executor: any TaskExecutor
    private let logger: Logger

    /// - Parameter executor: Where the store is asked: not the cooperative pool.
    init(store: any Store, life: ProcessLife, time: any Timekeeper, executor: any TaskExecutor, logger: Logger) {
        self.store = store
        self.life = life
        self.time = time
        self.executor = executor
        self.logger = logger
    }

    /// A holder joins; while others hold still it does so from the beginning.
    func join(_ holder: any SuspectHolder) -> SuspectGate.Member {
        self.guarded.withLock { guarded in
            let (member, isHeld) = guarded.gate.join()
            guarded.holders[member] = WeakHolder(holder: holder)
            // Nothing of it was reported yet, so nothing follows from this.
            if isHeld { _ = holder.hold() }
            return member
        }
    }

    /// A holder is gone.
    func leave(_ member: SuspectGate.Member) {
        self.change { guarded in
            guarded.holders[member] = nil
            return guarded.gate.leave(member)
        }
    }

    /// What a holder holds has changed.
    func report(_ report: SuspectGate.Report, of member: SuspectGate.Member) {
        self.change { $0.gate.reported(member, report) }
    }

    private func change(_ body: (inout Guarded) -> [SuspectGate.Action]) {
        self.guarded.withLock { guarded in
            var actions = body(&guarded)
            while !actions.isEmpty { actions += self.perform(actions.removeFirst(), &guarded) }
        }
    }

    /// - Returns: What follows from it.
    private func perform(_ action: SuspectGate.Action, _ guarded: inout Guarded) -> [SuspectGate.Action] {
        switch action {
        case .hold:
            self.logger.notice("a job that was in flight when a process died is to run alone: other work waits")
            return self.tellAll(&guarded) { $0.hold() }
        case .release: return self.tellAll(&guarded) { $0.release() }
        case .run(let member, let token): return self.tell(member, &guarded) { $0.runAlone(token) }
        case .putBack(let member, let token): return self.tell(member, &guarded) { $0.putBack(token) }
        case .wake(let delay, let round):
            self.time.schedule(after: delay) { [weak self] in self?.change { $0.gate.timeIsOver(round) } }
        case .isolate(_, let token): self.isolate(token)
        case .endIsolation: self.endIsolation()
        }
        return []
    }

    private func tellAll(
        _ guarded: inout Guarded,
        _ body: (any SuspectHolder) -> SuspectGate.Report
    ) -> [SuspectGate.Action] {
        guarded.holders.keys.sorted().flatMap { self.tell($0, &guarded, body) }
    }

    private func tell(
        _ member: SuspectGate.Member,
        _ guarded: inout Guarded,
        _ body: (any SuspectHolder) -> SuspectGate.Report
    ) -> [SuspectGate.Action] {
        guard let holder = guarded.holders[member]?.holder else { return [] }
        return guarded.gate.reported(member, body(holder))
    }

    /// If we die before the answer: the store may know who would have been alone, and nothing else was held, so the
    /// suspect may be blamed for a death that was not its own. That needs three such deaths in a row.
    private func isolate(_ token: Token) {
        // Unstructured: it is asked for under a lock.
        Task(executorPreference: self.executor) {
            let answer: SuspectGate.Isolation
            do {
                let process = self.life.candidate.process
                answer = try await self.store.isolate(token, process: process) ? .isolated : .notHeld
            } catch {
                self.logger.warning("a suspect cannot be isolated yet, trying again", metadata: ["error": "\(error)"])
                answer = .failed
            }
            self.change { $0.gate.isolated(token, answer) }
        }
    }

    /// Others begin after the answer. If we die before that, the suspect is blamed, as it was alone until then.
    private func endIsolation() {
        // Unstructured: it is asked for under a lock.
        Task(executorPreference: self.executor) {
            let isTold: Bool
            do {
                // False: the lease is gone, and with it whatever was held.
                _ = try await self.store.isolate(nil, process: self.life.candidate.process)
                isTold = true
                self.logger.notice("a job that runs alone takes long: other work goes on beside it")
            } catch {
                isTold = false
            }
            self.change { $0.gate.isolationEnded(isTold) }
        }
    }
}
