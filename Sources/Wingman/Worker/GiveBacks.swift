/// Claims on their way back. They go newest first, over as many steps as it takes: each goes to the head of its source,
/// so that the oldest comes to be the next.
struct GiveBacks {
    private var works: [ManagerState.Work] = []
    private var isSorted = true

    var isEmpty: Bool { self.works.isEmpty }

    mutating func add(_ work: ManagerState.Work) {
        if let last = self.works.last, last.order > work.order { self.isSorted = false }
        self.works.append(work)
    }

    mutating func takeNewest(_ count: Int) -> [Settlement] {
        if !self.isSorted { self.works.sort { $0.order < $1.order } }
        self.isSorted = true
        let newest = self.works.suffix(count)
        self.works.removeLast(newest.count)
        return newest.reversed().map { Settlement(token: $0.claimed.token, disposition: .giveBack, tally: .none) }
    }
}
