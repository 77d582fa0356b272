/// How many entries to read at once where their size is not known: a few at first, then as many as the size of those that
/// came lets expect within a budget of bytes.
struct ReadPortion: Sendable, Equatable {
    /// Entries to ask for next.
    private(set) var count = 16
    let mostCount: Int
    /// What one answer should have at most.
    let mostBytes: Int

    init(mostCount: Int, mostBytes: Int) {
        self.mostCount = mostCount
        self.mostBytes = mostBytes
        self.count = max(1, min(self.count, mostCount))
    }

    /// Takes into account what came last.
    mutating func came(entries: Int, bytes: Int) {
        guard entries > 0 else { return }
        let fitting = self.mostBytes / (bytes / entries + 1)
        self.count = max(1, min(fitting, self.count * 2, self.mostCount))
    }
}
