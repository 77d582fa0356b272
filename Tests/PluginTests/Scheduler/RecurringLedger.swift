import Supervision
import Synchronization
import TestSupport
import Wingman

/// A store that knows recurring ticks only, by the rules of recurring.lua, and whose clock is a manual one.
final class RecurringLedger: Store {
    struct State {
        var next: [String: Int] = [:]
        var pushed: [(id: String, occurrence: Int)] = []
        var isAway = false
        var calls = 0
    }

    let location = "ledger:"
    private let time: ManualTime
    private let state = Mutex(State())
    /// What the ledger's clock shows when the manual one shows zero; no multiple of anything.
    private let origin = 1_700_000_000_123

    init(time: ManualTime) {
        self.time = time
    }

    /// Milliseconds since 1970.
    var now: Int { self.origin + Int(self.time.now / .milliseconds(1)) }

    /// The occurrences pushed for a schedule.
    func pushed(_ id: String) -> [Int] {
        self.state.withLock { state in state.pushed.filter { $0.id == id }.map(\.occurrence) }
    }

    /// How often it was called, in vain or not.
    var calls: Int { self.state.withLock { $0.calls } }

    /// Makes every call fail, or ends that.
    func setAway(_ isAway: Bool) {
        self.state.withLock { $0.isAway = isAway }
    }

    func tick(_ tick: RecurringTick) async throws -> RecurringReply {
        let now = self.now
        return try self.state.withLock { state in
            state.calls += 1
            if state.isAway { throw StoreError(.unavailable, "the ledger is away") }
            guard let next = state.next[tick.id] else {
                state.next[tick.id] = tick.following
                return .waiting(next: tick.following, now: now)
            }
            guard tick.expected == next, now >= next else { return .waiting(next: next, now: now) }
            state.pushed.append((tick.id, next))
            state.next[tick.id] = tick.following
            return .pushed
        }
    }

    private var unused: StoreError { StoreError(.unexpected, "the ledger knows recurring ticks only") }

    func open() async throws {}
    func close() async {}
    func enqueue(_ jobs: [PushedJob]) async throws { throw self.unused }
    func beat(_ beat: Beat) async throws -> BeatReply { throw self.unused }
    func leave(_ process: ProcessID) async throws -> Bool { throw self.unused }
    func abandon(_ process: ProcessID) async throws { throw self.unused }
    func rescue() async throws -> RescueReply { throw self.unused }
    func step(_ step: Step) async throws -> StepReply { throw self.unused }
    func stopWaiting(process: ProcessID) async throws { throw self.unused }
    func due(in set: DueSet, limit: Int) async throws -> DueReply { throw self.unused }
    func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int { throw self.unused }
    func resign(_ role: String, process: ProcessID) async throws { throw self.unused }
    func counts() async throws -> StoreCounts { throw self.unused }
    func processes() async throws -> [ProcessReport] { throw self.unused }

    func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool {
        throw self.unused
    }

    func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int? {
        throw self.unused
    }

    func isolate(_ token: Token, process: ProcessID) async throws -> Bool { throw self.unused }
    func apply(_ change: Change) async throws -> ChangeReply { throw self.unused }
    func values(of keys: [StoreKey]) async throws -> [[UInt8]?] { throw self.unused }
    func members(of key: StoreKey) async throws -> [[UInt8]] { throw self.unused }
    func receive(from list: String, timeout: Duration) async throws -> [UInt8]? { throw self.unused }
    func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric] { throw self.unused }
    func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry] { throw self.unused }
    func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int { throw self.unused }
    func setPaused(_ isPaused: Bool, queue: String) async throws { throw self.unused }
    func pausedQueues() async throws -> Set<String> { throw self.unused }
    func signal(_ process: ProcessID, _ signal: String) async throws { throw self.unused }
}
