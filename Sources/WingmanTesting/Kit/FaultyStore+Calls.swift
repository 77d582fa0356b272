public import Wingman

/// Every call goes through the plan. The calls are documented in ``Wingman/Store``.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension FaultyStore {
    public func open() async throws { try await self.through(.open) { try await $0.open() } }

    /// Never fails.
    public func close() async { await self.base.close() }

    public func enqueue(_ jobs: [PushedJob]) async throws {
        try await self.through(.enqueue) { try await $0.enqueue(jobs) }
    }

    public func beat(_ beat: Beat) async throws -> BeatReply {
        try await self.through(.beat) { try await $0.beat(beat) }
    }

    public func leave(_ process: ProcessID) async throws -> Bool {
        try await self.through(.leave) { try await $0.leave(process) }
    }

    public func abandon(_ process: ProcessID) async throws {
        try await self.through(.abandon) { try await $0.abandon(process) }
    }

    public func rescue() async throws -> RescueReply {
        try await self.through(.rescue) { try await $0.rescue() }
    }

    public func step(_ step: Step) async throws -> StepReply {
        try await self.through(.step) { try await $0.step(step) }
    }

    public func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool {
        try await self.through(.wait) { try await $0.wait(for: sources, process: process, timeout: timeout) }
    }

    public func stopWaiting(process: ProcessID) async throws {
        try await self.through(.stopWaiting) { try await $0.stopWaiting(process: process) }
    }

    public func isolate(_ token: Token?, process: ProcessID) async throws -> Bool {
        try await self.through(.isolate) { try await $0.isolate(token, process: process) }
    }

    public func due(in set: DueSet, limit: Int) async throws -> DueReply {
        try await self.through(.due) { try await $0.due(in: set, limit: limit) }
    }

    public func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int {
        try await self.through(.promote) { try await $0.promote(promotions, from: set) }
    }

    public func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int? {
        try await self.through(.lead) { try await $0.lead(role, process: process, for: duration) }
    }

    public func resign(_ role: String, process: ProcessID) async throws {
        try await self.through(.resign) { try await $0.resign(role, process: process) }
    }

    public func apply(_ change: Change) async throws -> ChangeReply {
        try await self.through(.apply) { try await $0.apply(change) }
    }

    public func values(of keys: [StoreKey]) async throws -> [[UInt8]?] {
        try await self.through(.values) { try await $0.values(of: keys) }
    }

    public func members(of key: StoreKey) async throws -> [[UInt8]] {
        try await self.through(.members) { try await $0.members(of: key) }
    }

    public func receive(from list: String, timeout: Duration) async throws -> [UInt8]? {
        try await self.through(.receive) { try await $0.receive(from: list, timeout: timeout) }
    }

    public func counts() async throws -> StoreCounts {
        try await self.through(.counts) { try await $0.counts() }
    }

    public func processes() async throws -> [ProcessReport] {
        try await self.through(.processes) { try await $0.processes() }
    }

    public func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric] {
        try await self.through(.executions) { try await $0.executions(lastMinutes: minutes) }
    }

    public func inFlight(_ jobIDs: Set<String>) async throws -> Set<String> {
        try await self.through(.inFlight) { try await $0.inFlight(jobIDs) }
    }

    public func keyCounts() async throws -> [String: Int] {
        try await self.through(.keyCounts) { try await $0.keyCounts() }
    }

    public func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry] {
        try await self.through(.entries) { try await $0.entries(in: place, from: offset, limit: limit) }
    }

    public func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int {
        try await self.through(.edit) { try await $0.edit(edits, in: place) }
    }

    public func setPaused(_ isPaused: Bool, queue: String) async throws {
        try await self.through(.setPaused) { try await $0.setPaused(isPaused, queue: queue) }
    }

    public func pausedQueues() async throws -> Set<String> {
        try await self.through(.pausedQueues) { try await $0.pausedQueues() }
    }

    public func signal(_ process: ProcessID, _ signal: String) async throws {
        try await self.through(.signal) { try await $0.signal(process, signal) }
    }
}
