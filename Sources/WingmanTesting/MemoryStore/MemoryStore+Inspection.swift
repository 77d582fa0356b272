public import Wingman

/// What is where, and what plugins keep. The calls are documented in ``Wingman/Store``.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MemoryStore {
    public func apply(_ change: Change) async throws -> ChangeReply {
        do {
            return try self.memory.change { try $0.apply(change) }
        } catch let fault as EffectFault {
            throw StoreError(.unexpected, "\(fault.reason); nothing was changed")
        }
    }

    public func values(of keys: [StoreKey]) async throws -> [[UInt8]?] {
        self.memory.read { state in keys.map { state.bytes(of: $0) } }
    }

    public func members(of key: StoreKey) async throws -> [[UInt8]] {
        self.memory.read { Array((try? $0.set(key)) ?? []) }
    }

    public func keyCounts() async throws -> [String: Int] {
        self.memory.read { state in state.keys.keys.reduce(into: [:]) { $0[$1.namespace, default: 0] += 1 } }
    }

    public func counts() async throws -> StoreCounts {
        self.memory.read { $0.counts() }
    }

    public func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric] {
        self.memory.read { $0.executions(lastMinutes: minutes) }
    }

    public func inFlight(_ jobIDs: Set<String>) async throws -> Set<String> {
        self.memory.read { $0.inFlight(jobIDs) }
    }

    public func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry] {
        self.memory.read { Array($0.entries(in: place).dropFirst(max(0, offset)).prefix(max(0, limit))) }
    }

    public func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int {
        self.memory.change { $0.edit(edits, in: place) }
    }

    public func setPaused(_ isPaused: Bool, queue: String) async throws {
        self.memory.change { state in
            if isPaused { state.paused.insert(queue) } else { state.paused.remove(queue) }
        }
    }

    public func pausedQueues() async throws -> Set<String> {
        self.memory.read { $0.paused }
    }
}
