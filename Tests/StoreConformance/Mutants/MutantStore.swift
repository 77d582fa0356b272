import Wingman

@testable import WingmanTesting

/// A store in memory with one thing wrong: what the suite must find.
///
/// A mutant replaces calls by others on the store behind, or reaches into its state.
struct Mutant: Sendable, CustomStringConvertible {
    let description: String
    /// Random sequences find it as well, not the checks alone.
    var isFoundBySequences = true

    var enqueue: (@Sendable (MemoryStore, [PushedJob]) async throws -> Void)?
    var beat: (@Sendable (MemoryStore, Beat) async throws -> BeatReply)?
    var leave: (@Sendable (MemoryStore, ProcessID) async throws -> Bool)?
    var abandon: (@Sendable (MemoryStore, ProcessID) async throws -> Void)?
    var rescue: (@Sendable (MemoryStore) async throws -> RescueReply)?
    var step: (@Sendable (MemoryStore, Step) async throws -> StepReply)?
    var wait: (@Sendable (MemoryStore, ProcessID) async throws -> Bool)?
    var isolate: (@Sendable (MemoryStore, Token?, ProcessID) async throws -> Bool)?
    var due: (@Sendable (MemoryStore, DueSet, Int) async throws -> DueReply)?
    var promote: (@Sendable (MemoryStore, [Promotion], DueSet) async throws -> Int)?
    var lead: (@Sendable (MemoryStore, String, ProcessID, Duration) async throws -> Int?)?
    var apply: (@Sendable (MemoryStore, Change) async throws -> ChangeReply)?
    var receive: (@Sendable (MemoryStore, String, Duration) async throws -> [UInt8]?)?
    var inFlight: (@Sendable (MemoryStore, Set<String>) async throws -> Set<String>)?
    var keyCounts: (@Sendable (MemoryStore, [String: Int]) async throws -> [String: Int])?
    var entries: (@Sendable (MemoryStore, Place, Int, Int) async throws -> [Entry])?
    var edit: (@Sendable (MemoryStore, [EntryEdit], Place) async throws -> Int)?

    init(_ description: String, isFoundBySequences: Bool = true, _ change: (inout Mutant) -> Void) {
        self.description = description
        self.isFoundBySequences = isFoundBySequences
        change(&self)
    }
}

/// A store that does what its mutant does.
final class MutantStore: Store {
    let base: MemoryStore
    let mutant: Mutant

    init(_ base: MemoryStore, _ mutant: Mutant) {
        self.base = base
        self.mutant = mutant
    }

    var location: String { "mutant:" }
    func open() async throws {}
    func close() async { await self.base.close() }

    func enqueue(_ jobs: [PushedJob]) async throws {
        if let call = self.mutant.enqueue { return try await call(self.base, jobs) }
        try await self.base.enqueue(jobs)
    }

    func beat(_ beat: Beat) async throws -> BeatReply {
        if let call = self.mutant.beat { return try await call(self.base, beat) }
        return try await self.base.beat(beat)
    }

    func leave(_ process: ProcessID) async throws -> Bool {
        if let call = self.mutant.leave { return try await call(self.base, process) }
        return try await self.base.leave(process)
    }

    func abandon(_ process: ProcessID) async throws {
        if let call = self.mutant.abandon { return try await call(self.base, process) }
        try await self.base.abandon(process)
    }

    func rescue() async throws -> RescueReply {
        if let call = self.mutant.rescue { return try await call(self.base) }
        return try await self.base.rescue()
    }

    func step(_ step: Step) async throws -> StepReply {
        if let call = self.mutant.step { return try await call(self.base, step) }
        return try await self.base.step(step)
    }

    func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool {
        if let call = self.mutant.wait { return try await call(self.base, process) }
        return try await self.base.wait(for: sources, process: process, timeout: timeout)
    }

    func stopWaiting(process: ProcessID) async throws { try await self.base.stopWaiting(process: process) }

    func isolate(_ token: Token?, process: ProcessID) async throws -> Bool {
        if let call = self.mutant.isolate { return try await call(self.base, token, process) }
        return try await self.base.isolate(token, process: process)
    }

    func due(in set: DueSet, limit: Int) async throws -> DueReply {
        if let call = self.mutant.due { return try await call(self.base, set, limit) }
        return try await self.base.due(in: set, limit: limit)
    }

    func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int {
        if let call = self.mutant.promote { return try await call(self.base, promotions, set) }
        return try await self.base.promote(promotions, from: set)
    }

    func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int? {
        if let call = self.mutant.lead { return try await call(self.base, role, process, duration) }
        return try await self.base.lead(role, process: process, for: duration)
    }

    func resign(_ role: String, process: ProcessID) async throws {
        try await self.base.resign(role, process: process)
    }

    func apply(_ change: Change) async throws -> ChangeReply {
        if let call = self.mutant.apply { return try await call(self.base, change) }
        return try await self.base.apply(change)
    }

    func values(of keys: [StoreKey]) async throws -> [[UInt8]?] { try await self.base.values(of: keys) }
    func members(of key: StoreKey) async throws -> [[UInt8]] { try await self.base.members(of: key) }

    func receive(from list: String, timeout: Duration) async throws -> [UInt8]? {
        if let call = self.mutant.receive { return try await call(self.base, list, timeout) }
        return try await self.base.receive(from: list, timeout: timeout)
    }

    func counts() async throws -> StoreCounts { try await self.base.counts() }
    func processes() async throws -> [ProcessReport] { try await self.base.processes() }

    func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric] {
        try await self.base.executions(lastMinutes: minutes)
    }

    func inFlight(_ jobIDs: Set<String>) async throws -> Set<String> {
        if let call = self.mutant.inFlight { return try await call(self.base, jobIDs) }
        return try await self.base.inFlight(jobIDs)
    }

    func keyCounts() async throws -> [String: Int] {
        let counts = try await self.base.keyCounts()
        return try await self.mutant.keyCounts?(self.base, counts) ?? counts
    }

    func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry] {
        if let call = self.mutant.entries { return try await call(self.base, place, offset, limit) }
        return try await self.base.entries(in: place, from: offset, limit: limit)
    }

    func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int {
        if let call = self.mutant.edit { return try await call(self.base, edits, place) }
        return try await self.base.edit(edits, in: place)
    }

    func setPaused(_ isPaused: Bool, queue: String) async throws {
        try await self.base.setPaused(isPaused, queue: queue)
    }

    func pausedQueues() async throws -> Set<String> { try await self.base.pausedQueues() }
    func signal(_ process: ProcessID, _ signal: String) async throws { try await self.base.signal(process, signal) }
}

/// A fixture whose stores are all the same mutant.
struct MutantFixture: StoreFixture {
    let mutant: Mutant
    private let store = MemoryStore(standingAt: 1_800_000_000)

    init(_ mutant: Mutant) { self.mutant = mutant }

    func open() async throws -> any Store { MutantStore(self.store.another(), self.mutant) }
    func reset() async throws { self.store.removeAll() }
    func advance(by duration: Duration) async throws { self.store.advance(by: duration) }
}
