public import Wingman

/// A job's life: pushed, claimed and settled, promoted.
extension SQLiteStore {
    /// One transaction: whole or nothing.
    public func enqueue(_ jobs: [PushedJob]) async throws {
        guard !jobs.isEmpty else { return }
        try await self.write(.push, rows: CallQueue.rows(of: jobs)) { try $0.push(jobs) }
    }

    /// One transaction: settlements, claims, statistics and the answer that a repetition gets.
    ///
    /// - Throws: ``Wingman/StoreError``; send the same step again, unchanged, until it is answered.
    public func step(_ step: Step) async throws -> StepReply {
        guard step.settlements.count <= Step.limit, step.claim <= Step.limit else {
            throw StoreError(.unexpected, "a step of more than \(Step.limit) settlements or claims; make several")
        }
        return try await self.write(rows: step.settlements.count + step.claim) { try $0.step(step) }
    }

    /// Looks, then waits for a commit of this process or the bell of another. Nothing is brought: the step claims it.
    public func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool {
        let found = try await self.waits.until(timeout, Set(sources.map(\.key)), process: process) {
            () async throws(StoreError) -> Bool? in
            try await self.read { try $0.isWorthAStep(sources, process: process) } ? true : nil
        }
        return found ?? false
    }

    /// Ends the waits of a process; nothing has landed.
    public func stopWaiting(process: ProcessID) async throws {
        self.waits.book.stop(process)
    }

    /// One update.
    public func isolate(_ token: Token?, process: ProcessID) async throws -> Bool {
        try await self.write { try $0.isolate(token, process: process) }
    }

    /// At most 1,000 entries and about 4 MB; more by the next call, after these were promoted.
    public func due(in set: DueSet, limit: Int) async throws -> DueReply {
        try await self.read { try $0.due(in: set, limit: limit) }
    }

    /// One transaction.
    public func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int {
        guard !promotions.isEmpty else { return 0 }
        return try await self.write(rows: promotions.count) { try $0.promote(promotions, from: set) }
    }
}

/// A process's life: beats, leases, rescue, leadership.
extension SQLiteStore {
    /// Renews the lease and publishes the rest.
    public func beat(_ beat: Beat) async throws -> BeatReply {
        let host = self.host
        let session = self.session
        let location = self.location
        return try await self.write { transaction in
            if beat.kind == .register { try transaction.refuseOtherHosts(host, location: location) }
            return try transaction.beat(beat, host: host, session: session)
        }
    }

    /// The name stays taken for an hour.
    public func leave(_ process: ProcessID) async throws -> Bool {
        try await self.write { try $0.leave(process) }
    }

    /// The lease ends at once; the jobs are moved by the next rescue.
    public func abandon(_ process: ProcessID) async throws {
        try await self.write { try $0.abandon(process) }
    }

    /// At most 500 jobs a call, and as many keys and lists that expired.
    public func rescue() async throws -> RescueReply {
        try await self.write(rows: 500) { try $0.rescue() }
    }

    /// A row, and a term that only grows.
    public func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int? {
        let term = try await self.write { try $0.lead(role, process, for: duration) }
        self.remember(term: term, of: role, process)
        return term
    }

    /// Ends the term under which this store object leads, and no later one.
    public func resign(_ role: String, process: ProcessID) async throws {
        guard let term = self.term(of: role, process) else { return }
        try await self.write { try $0.resign(role, process, term: term) }
        self.remember(term: nil, of: role, process)
    }

    /// The next beat brings it, within a minute.
    public func signal(_ process: ProcessID, _ signal: String) async throws {
        try await self.write { try $0.signal(process, signal) }
    }
}

/// What plugins keep.
extension SQLiteStore {
    /// One transaction.
    public func apply(_ change: Change) async throws -> ChangeReply {
        try await self.write(.push, rows: change.effects.count) { try $0.apply(change) }
    }

    /// All of one moment.
    public func values(of keys: [StoreKey]) async throws -> [[UInt8]?] {
        try await self.read { try $0.values(of: keys) }
    }

    /// All of one moment.
    public func members(of key: StoreKey) async throws -> [[UInt8]] {
        try await self.read { try $0.members(of: key) }
    }

    /// Looks, then waits for an append by this process or the bell of another.
    public func receive(from list: String, timeout: Duration) async throws -> [UInt8]? {
        try await self.waits.until(timeout, [list], process: nil) { () async throws(StoreError) -> [UInt8]? in
            let hasAny = try await self.read { transaction in
                guard let source = try transaction.source(named: list) else { return false }
                return try transaction.hasJobs(source)
            }
            return hasAny ? try await self.write { try $0.take(from: list) } : nil
        }
    }
}

/// What is where, and its operation.
extension SQLiteStore {
    /// All of one moment.
    public func counts() async throws -> StoreCounts {
        try await self.read { try $0.counts() }
    }

    /// Those that have beaten within a minute.
    public func processes() async throws -> [ProcessReport] {
        try await self.read { try $0.processes() }
    }

    /// Sums by class, ordered by it.
    public func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric] {
        try await self.read { try $0.executions(lastMinutes: minutes) }
    }

    /// All of one moment.
    public func inFlight(_ jobIDs: Set<String>) async throws -> Set<String> {
        try await self.read { try $0.inFlight(jobIDs) }
    }

    /// All of one moment.
    public func keyCounts() async throws -> [String: Int] {
        try await self.read { try $0.keyCounts() }
    }

    /// All of one moment; entries of the same time in the order in which they came.
    public func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry] {
        try await self.read { try $0.entries(in: place, from: offset, limit: limit) }
    }

    /// One transaction.
    public func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int {
        try await self.write(.push, rows: edits.count) { try $0.edit(edits, in: place) }
    }

    /// Nothing is claimed from it after this returns.
    public func setPaused(_ isPaused: Bool, queue: String) async throws {
        try await self.write { try $0.setPaused(isPaused, queue: queue) }
    }

    /// All of one moment.
    public func pausedQueues() async throws -> Set<String> {
        try await self.read { try $0.pausedQueues() }
    }
}
