internal import Wingman

/// A source that a process waits on.
struct WaitKey: Hashable, Sendable {
    let process: ProcessID
    let source: Source
}

/// Which sources are blocked on, and who waits for which: a value, so that every order of events can be tested.
///
/// A blocked call may outlive the wait that began it ("standing"): the next wait takes it over. It ends by itself after a
/// third of the lease, or is ended when its process is busy or stops.
struct WaitState<Waiter> {
    /// What a wait is told when it begins.
    enum Beginning: Equatable {
        /// Something landed since the last wait, or the process stops waiting: no wait at all.
        case over(Bool)
        /// These sources are not blocked on by anybody yet. They are now reserved for the caller, who has to call
        /// ``WaitState/ended(_:landed:)`` for each of them once.
        case block([Source])
    }

    private enum Status {
        /// Somebody blocks on it, or is about to.
        case blocked
        /// A job landed while nobody waited.
        case landed
    }

    private var statuses: [WaitKey: Status] = [:]
    private var waiters: [(number: Int, keys: Set<WaitKey>, waiter: Waiter)] = []
    private var lastNumber = 0
    private var stopped: Set<ProcessID> = []

    /// A wait of `process` on `sources` begins.
    mutating func begin(_ process: ProcessID, _ sources: [Source]) -> Beginning {
        guard !self.stopped.contains(process) else { return .over(false) }
        let keys = sources.map { WaitKey(process: process, source: $0) }
        if self.takeLanded(keys) { return .over(true) }
        var free: [Source] = []
        for key in keys where self.statuses[key] == nil {
            self.statuses[key] = .blocked
            free.append(key.source)
        }
        return .block(free)
    }

    /// A number to tell a waiter by.
    mutating func nextNumber() -> Int {
        self.lastNumber += 1
        return self.lastNumber
    }

    /// The caller is ready to be woken.
    ///
    /// - Returns: The answer, if there is one already; nil: the waiter is kept.
    mutating func enter(_ waiter: Waiter, _ process: ProcessID, _ sources: [Source], number: Int = 0) -> Bool? {
        guard !self.stopped.contains(process) else { return false }
        let keys = sources.map { WaitKey(process: process, source: $0) }
        if self.takeLanded(keys) { return true }
        // A source whose block has ended since: its waiters were told then, and this one has to begin anew.
        guard keys.allSatisfy({ self.statuses[$0] == .blocked }) else { return false }
        self.waiters.append((number, Set(keys), waiter))
        return nil
    }

    /// A waiter waits no more; what it waited for may stand.
    mutating func leave(_ number: Int) -> Waiter? {
        guard let index = self.waiters.firstIndex(where: { $0.number == number }) else { return nil }
        return self.waiters.remove(at: index).waiter
    }

    /// Whether a block that was reserved may begin: not after a stop.
    func mayBlock(_ key: WaitKey) -> Bool {
        !self.stopped.contains(key.process)
    }

    /// A block ended.
    ///
    /// - Parameter landed: Whether it brought a job, or may have.
    /// - Returns: Whom to wake.
    mutating func ended(_ key: WaitKey, landed: Bool) -> [Waiter] {
        let woken = self.remove { $0.contains(key) }
        self.statuses[key] = landed && woken.isEmpty ? .landed : nil
        return woken
    }

    /// The sources of a process that are blocked on although nobody waits for them, and those where something landed
    /// unnoticed; the latter are forgotten here, for the caller puts it back.
    mutating func standing(of process: ProcessID) -> (blocked: [WaitKey], landed: [Source]) {
        let awaited = self.waiters.reduce(into: Set<WaitKey>()) { $0.formUnion($1.keys) }
        let own = self.statuses.filter { $0.key.process == process && !awaited.contains($0.key) }
        let landed = own.filter { $0.value == .landed }.map(\.key)
        for key in landed { self.statuses[key] = nil }
        return (own.filter { $0.value == .blocked }.map(\.key), landed.map(\.source))
    }

    /// The process waits no more.
    ///
    /// - Returns: Whom to wake, and what to end.
    mutating func stop(_ process: ProcessID) -> (woken: [Waiter], blocked: [WaitKey]) {
        self.stopped.insert(process)
        let woken = self.remove { $0.contains { $0.process == process } }
        let blocked = self.statuses.filter { $0.key.process == process && $0.value == .blocked }.map(\.key)
        return (woken, blocked)
    }

    /// Whether the process still waits now and then.
    func isWaiting(_ process: ProcessID) -> Bool { !self.stopped.contains(process) }

    /// Whether nothing is blocked on or has landed for `process`: what to look at costs a step nothing.
    func isQuiet(_ process: ProcessID) -> Bool {
        self.statuses.isEmpty || !self.statuses.keys.contains { $0.process == process }
    }

    private mutating func takeLanded(_ keys: [WaitKey]) -> Bool {
        var found = false
        for key in keys where self.statuses[key] == .landed {
            self.statuses[key] = nil
            found = true
        }
        return found
    }

    private mutating func remove(where matches: (Set<WaitKey>) -> Bool) -> [Waiter] {
        let woken = self.waiters.filter { matches($0.keys) }.map(\.waiter)
        self.waiters.removeAll { matches($0.keys) }
        return woken
    }
}
