import DequeModule

/// The side of the guard of suspects: what it orders, and what it is told.
extension ManagerState {
    /// Whether there is anything to tell the guard, and the number of the last report.
    struct SuspectNews {
        var isOpen = false
        var wasDrained = false
        var number = 0
    }

    /// Starts and claims nothing; what has not started goes back.
    mutating func hold() {
        self.isHeld = true
        self.mayHaveLanded = false
        self.returnReady()
    }

    /// Goes on as if nothing had been.
    mutating func release() {
        self.isHeld = false
        self.mayHaveWork = true
    }

    /// Makes a waiting suspect the only job that can start.
    mutating func runAlone(_ token: Token) {
        guard let index = self.suspects.firstIndex(where: { $0.claimed.token == token }) else { return }
        self.ready.append(self.suspects.remove(at: index))
    }

    /// Gives a waiting suspect back: the store says that it is not held.
    mutating func putBack(_ token: Token) {
        guard let index = self.suspects.firstIndex(where: { $0.claimed.token == token }) else { return }
        self.returning.add(self.suspects.remove(at: index))
    }

    /// What the guard should know, if that has changed since it was told last.
    mutating func takeSuspectNews() -> SuspectGate.Report? {
        guard self.suspectNews.isOpen || self.isHeld else { return nil }
        guard self.suspectNews.isOpen || self.isDrained != self.suspectNews.wasDrained else { return nil }
        return self.suspectReport()
    }

    /// What the guard should know.
    mutating func suspectReport() -> SuspectGate.Report {
        self.suspectNews.isOpen = false
        self.suspectNews.wasDrained = self.isDrained
        self.suspectNews.number += 1
        return SuspectGate.Report(
            waiting: self.suspects.map(\.claimed.token),
            isDrained: self.isDrained,
            number: self.suspectNews.number
        )
    }

    /// What has not started goes back.
    mutating func returnReady() {
        for work in self.ready { self.returning.add(work) }
        self.ready.removeAll()
    }

    /// Those that waited are others' by now.
    mutating func dropSuspects() {
        if !self.suspects.isEmpty { self.suspectNews.isOpen = true }
        self.suspects.removeAll()
    }
}
