import Synchronization
import Wingman

/// A store that remembers what it was asked and answers as the test says: for what a real one cannot be made to do, such
/// as losing one reply. It keeps no promise of its own.
final class ScriptedStore: Store {
    struct State {
        var enqueued: [[PushedJob]] = []
        var steps: [Step] = []
        var beats: [Beat] = []
        var abandoned: [ProcessID] = []
        var left: [ProcessID] = []
        var waits: [ProcessID] = []
        var promoted: [(set: DueSet, promotions: [Promotion])] = []
        var resigned: [String] = []
        var isolated: [Token] = []
        /// How often isolation was ended.
        var released = 0
        var changes: [Change] = []
        /// The names of steps and of ends of waiting, in order.
        var calls: [String] = []
        var hasClosed = false

        var onEnqueue: @Sendable ([PushedJob]) throws -> Void = { _ in }
        var onStep: @Sendable (Step) async throws -> StepReply = { step in
            .done(answers: step.settlements.map { _ in .settled }, claimed: [], leaseExpired: false)
        }
        var onBeat: @Sendable (Beat) async throws -> BeatReply = { _ in .alive(lanes: [:], signals: []) }
        var onDue: @Sendable (DueSet, Int) throws -> DueReply = { _, _ in DueReply(entries: [], nextDue: nil) }
        var onLead: @Sendable (String) throws -> Int? = { _ in 1 }
        var onRescue: @Sendable () throws -> RescueReply = { RescueReply(moved: 0, hasMore: false) }
        var onWait: @Sendable () throws -> Void = {}
        var onIsolate: @Sendable (Token?) async throws -> Bool = { _ in true }
        var onApply: @Sendable (Change) async throws -> ChangeReply = { _ in .applied(now: 0) }
        var onEntries: @Sendable (Place) throws -> [Entry] = { _ in [] }
        var onCounts: @Sendable () throws -> StoreCounts = { StoreCounts() }

        fileprivate var stopped: Set<ProcessID> = []
        fileprivate var waiters: [CheckedContinuation<Bool, Never>] = []
    }

    private let state = Mutex(State())

    var location: String { "scripted:" }

    /// Looks at the records, or changes the script.
    func with<Result>(_ body: (inout sending State) -> sending Result) -> sending Result {
        self.state.withLock(body)
    }

    /// Ends all waits that stand now, as a push would.
    func signal() {
        let waiters = self.state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }

    func open() async throws {}

    func close() async {
        self.state.withLock { $0.hasClosed = true }
        self.signal()
    }

    func enqueue(_ jobs: [PushedJob]) async throws {
        let answer = self.state.withLock { state in
            state.enqueued.append(jobs)
            return state.onEnqueue
        }
        try answer(jobs)
    }

    func beat(_ beat: Beat) async throws -> BeatReply {
        let answer = self.state.withLock { state in
            state.beats.append(beat)
            return state.onBeat
        }
        return try await answer(beat)
    }

    func leave(_ process: ProcessID) async throws -> Bool {
        self.state.withLock { $0.left.append(process) }
        return true
    }

    func abandon(_ process: ProcessID) async throws {
        self.state.withLock { $0.abandoned.append(process) }
    }

    func rescue() async throws -> RescueReply {
        try self.state.withLock { $0.onRescue }()
    }

    func step(_ step: Step) async throws -> StepReply {
        let answer = self.state.withLock { state in
            state.steps.append(step)
            state.calls.append("step")
            return state.onStep
        }
        return try await answer(step)
    }

    /// Waits for ``signal()`` or ``stopWaiting(process:)``; the time does not run out.
    func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool {
        do {
            try self.state.withLock { $0.onWait }()
        } catch {
            self.state.withLock { $0.waits.append(process) }
            throw error
        }
        return await withCheckedContinuation { waiter in
            let isOver = self.state.withLock { state in
                state.waits.append(process)
                if state.hasClosed || state.stopped.contains(process) { return true }
                state.waiters.append(waiter)
                return false
            }
            if isOver { waiter.resume(returning: false) }
        }
    }

    func stopWaiting(process: ProcessID) async throws {
        self.state.withLock { state in
            _ = state.stopped.insert(process)
            state.calls.append("stopWaiting")
        }
        self.signal()
    }

    func isolate(_ token: Token?, process: ProcessID) async throws -> Bool {
        let answer = self.state.withLock { state in
            if let token { state.isolated.append(token) } else { state.released += 1 }
            return state.onIsolate
        }
        return try await answer(token)
    }

    func due(in set: DueSet, limit: Int) async throws -> DueReply {
        try self.state.withLock { $0.onDue }(set, limit)
    }

    func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int {
        self.state.withLock { $0.promoted.append((set, promotions)) }
        return promotions.count
    }

    func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int? {
        try self.state.withLock { $0.onLead }(role)
    }

    func resign(_ role: String, process: ProcessID) async throws {
        self.state.withLock { $0.resigned.append(role) }
    }

    func counts() async throws -> StoreCounts { try self.state.withLock { $0.onCounts }() }

    func processes() async throws -> [ProcessReport] { [] }

    func apply(_ change: Change) async throws -> ChangeReply {
        let answer = self.state.withLock { state in
            state.changes.append(change)
            return state.onApply
        }
        return try await answer(change)
    }

    func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry] {
        Array(try self.state.withLock { $0.onEntries }(place).dropFirst(offset).prefix(limit))
    }
}

/// What no test has scripted yet: it fails loudly.
extension ScriptedStore {
    private var unscripted: StoreError { StoreError(.unexpected, "the scripted store has no answer to this") }

    func values(of keys: [StoreKey]) async throws -> [[UInt8]?] { throw self.unscripted }
    func members(of key: StoreKey) async throws -> [[UInt8]] { throw self.unscripted }
    func receive(from list: String, timeout: Duration) async throws -> [UInt8]? { throw self.unscripted }
    func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric] { throw self.unscripted }
    func inFlight(_ jobIDs: Set<String>) async throws -> Set<String> { throw self.unscripted }
    func keyCounts() async throws -> [String: Int] { throw self.unscripted }
    func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int { throw self.unscripted }
    func setPaused(_ isPaused: Bool, queue: String) async throws { throw self.unscripted }
    func pausedQueues() async throws -> Set<String> { throw self.unscripted }
    func signal(_ process: ProcessID, _ signal: String) async throws { throw self.unscripted }
}

extension StoreError {
    /// The request may have been carried out; its answer was lost.
    static let lostReply = StoreError(.unavailable, "the connection broke before the answer", mayHaveRun: true)
    /// The store was not there.
    static let away = StoreError(.unavailable, "connection refused")
}
