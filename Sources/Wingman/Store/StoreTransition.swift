/// While the stores learn these calls. This file goes away with the last of them.
extension Store {
    private func missing(_ call: String) -> StoreError {
        StoreError(.unexpected, "\(call): not built yet for \(self.location)")
    }

    public func isolate(_ token: Token, process: ProcessID) async throws -> Bool { throw self.missing("isolate") }
    public func tick(_ tick: RecurringTick) async throws -> RecurringReply { throw self.missing("tick") }
    public func apply(_ change: Change) async throws -> ChangeReply { throw self.missing("apply") }
    public func values(of keys: [StoreKey]) async throws -> [[UInt8]?] { throw self.missing("values") }
    public func members(of key: StoreKey) async throws -> [[UInt8]] { throw self.missing("members") }
    public func receive(from list: String, timeout: Duration) async throws -> [UInt8]? { throw self.missing("receive") }
    public func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric] { throw self.missing("executions") }
    public func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry] {
        throw self.missing("entries")
    }
    public func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int { throw self.missing("edit") }
    public func setPaused(_ isPaused: Bool, queue: String) async throws { throw self.missing("setPaused") }
    public func pausedQueues() async throws -> Set<String> { throw self.missing("pausedQueues") }
    public func signal(_ process: ProcessID, _ signal: String) async throws { throw self.missing("signal") }
}
