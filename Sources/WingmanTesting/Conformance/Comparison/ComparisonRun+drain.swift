import Wingman

/// When the faults end, every job reaches an end.
extension ComparisonRun {
    mutating func drain() async throws {
        self.trace.append("the faults end")
        self.late = []
        for queue in self.paused.sorted() { try await self.setPaused(false, queue) }
        self.paused = []
        for worker in self.workers where worker.isRegistered {
            _ = try await self.empty(worker, .done)
        }
        self.workers = []
        let keeper = try await self.startKeeper()
        // All other leases run out.
        for number in 2...9 {
            try await self.advance(by: .seconds(3))
            try await self.send(.bench(keeper, .renew, number: number))
        }
        for _ in 0..<3 { try await self.rescue() }
        try await self.compareSizes()
        try await self.compareContents()
        try await self.runEverything(keeper)
        try await self.compareSizes()
        try await self.compareContents()
        let left = try await self.sides[0].store.counts().places.filter { $0.key != "dead" && $0.key != "quarantine" }
        guard left.isEmpty else { throw self.failure("end: jobs are stranded: \(left)") }
    }

    private mutating func startKeeper() async throws -> ProcessID {
        let keeper = ProcessID(rawValue: "keeper:1:x")
        guard case .alive = try await self.send(.bench(keeper, .register, number: 1)) else {
            throw self.failure("a new process was refused")
        }
        return keeper
    }

    private mutating func runEverything(_ keeper: ProcessID) async throws {
        // All that waits for its time is due by then.
        try await self.advance(by: .seconds(10_000))
        try await self.send(.bench(keeper, .renew, number: 10))
        for set in Self.dueSets {
            let due = try await self.dueEntries(set)
            let promotions = due.map { entries in entries.map { Self.move($0.payload, of: set, to: "default") } }
            try await self.promote(promotions, from: set)
        }
        var held: [Held] = []
        for number in 1...1_000 {
            let replies = try await self.send(
                JointStep(
                    process: keeper,
                    lane: 1,
                    number: number,
                    endings: held.map {
                        Ending(tokens: $0.tokens, payload: $0.payload, disposition: .done, tally: .processed)
                    },
                    claim: 50,
                    sources: Self.sources + [.list("letters")]
                )
            )
            held = self.held(of: replies)
            if held.isEmpty { return }
        }
    }
}
