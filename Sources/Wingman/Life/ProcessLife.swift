import Supervision
import Synchronization

/// The standing of this process with its store: which incarnation it is and until when its lease is known to hold.
///
/// The heartbeat writes it; lanes ask it for an incarnation and report a fence; processors ask it before each start.
/// It makes no store calls.
final class ProcessLife: Sendable {
    fileprivate struct State {
        var incarnation: Incarnation
        var isRegistered = false
        var hasEnded = false
        var waiters: [Int: CheckedContinuation<Incarnation?, Never>] = [:]
        var fenceHandlers: [Int: @Sendable (Incarnation) -> Void] = [:]
        var quietHandlers: [Int: @Sendable () -> Void] = [:]
        var wakeHeartbeat: (@Sendable () -> Void)?
        var steps: [Int: Int] = [:]
        var inboxes: Set<String> = []
    }

    private let state: Mutex<State>
    private let quieted = Atomic(false)
    private let stopping = Atomic(false)
    private let lanes = Atomic(0)
    private let tickets = Atomic(0)
    /// Until when, on this process's own clock, the lease is known to hold; nanoseconds of `Timekeeper.now`.
    private let leaseEnd = Atomic<Int64>(Int64.min)
    private let confirmed = Atomic(0)

    init() {
        self.state = Mutex(State(incarnation: .make(epoch: 1)))
    }

    /// The incarnation that is, or is to be, registered.
    var candidate: Incarnation { self.state.withLock { $0.incarnation } }

    /// The incarnation that holds a lease, as far as is known; nil while there is none.
    var holder: Incarnation? {
        self.state.withLock { $0.isRegistered ? $0.incarnation : nil }
    }

    /// Waits until an incarnation holds a lease; nil once the process has ended or the task is cancelled.
    func registered() async -> Incarnation? {
        let ticket = self.tickets.add(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Incarnation?? = self.state.withLock { state in
                    if state.isRegistered { return state.incarnation }
                    // Looked at under the lock: a cancellation from here on finds the waiter.
                    if state.hasEnded || Task.isCancelled { return .some(nil) }
                    state.waiters[ticket] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(returning: nil)
        }
    }

    /// Whether the lease is known to hold at `now`. A process that was suspended finds out here, before it starts
    /// a job that others may already run.
    func holdsLease(at now: Duration) -> Bool {
        now.nanoseconds < self.leaseEnd.load(ordering: .acquiring)
    }

    /// A beat of `incarnation` was acknowledged; its lease lasts until `end`.
    func confirm(_ incarnation: Incarnation, until end: Duration) {
        let waiters = self.state.withLock { state -> [CheckedContinuation<Incarnation?, Never>] in
            guard state.incarnation == incarnation, !state.hasEnded else { return [] }
            state.isRegistered = true
            self.leaseEnd.store(end.nanoseconds, ordering: .releasing)
            self.confirmed.add(1, ordering: .releasing)
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume(returning: incarnation) }
    }

    /// How many beats were acknowledged so far.
    var confirmations: Int { self.confirmed.load(ordering: .acquiring) }

    /// The store found the lease of `incarnation` run out, though nobody has fenced it yet. Nothing starts until the
    /// next beat, which is asked for, has renewed it or has learnt of a fence.
    func expired(_ incarnation: Incarnation) {
        let wake = self.state.withLock { state -> (@Sendable () -> Void)? in
            guard state.incarnation == incarnation, state.isRegistered else { return nil }
            state.isRegistered = false
            self.leaseEnd.store(Int64.min, ordering: .releasing)
            return state.wakeHeartbeat
        }
        wake?()
    }

    /// `incarnation` lost its lease for good: its jobs belong to others. The next identity is made at once, every holder
    /// is told to drop what it has, and the heartbeat registers anew. Reports of earlier incarnations change nothing.
    ///
    /// - Parameter wakesHeartbeat: False where the heartbeat itself reports, which knows when to beat next.
    func fence(_ incarnation: Incarnation, wakesHeartbeat: Bool = true) {
        let told = self.state.withLock { state -> ([@Sendable (Incarnation) -> Void], (@Sendable () -> Void)?) in
            guard state.incarnation == incarnation, !state.hasEnded else { return ([], nil) }
            state.incarnation = .make(epoch: incarnation.epoch + 1)
            state.isRegistered = false
            state.steps = [:]
            self.leaseEnd.store(Int64.min, ordering: .releasing)
            let handlers = state.fenceHandlers.sorted { $0.key < $1.key }.map(\.value)
            return (handlers, state.wakeHeartbeat)
        }
        for handler in told.0 { handler(incarnation) }
        if wakesHeartbeat { told.1?() }
    }

    /// Whether the process takes anything new.
    var isQuiet: Bool { self.quieted.load(ordering: .acquiring) }

    /// Nothing new is taken from here on.
    func quiet() {
        self.quieted.store(true, ordering: .releasing)
        let handlers = self.state.withLock { state in
            defer { state.quietHandlers = [:] }
            return state.quietHandlers.values
        }
        for handler in handlers { handler() }
    }

    /// Whether the process ends.
    var isStopping: Bool { self.stopping.load(ordering: .acquiring) }

    /// The process ends from here on.
    func stop() { self.stopping.store(true, ordering: .releasing) }

    /// Calls `body` once when the process goes quiet; at once if it is.
    ///
    /// - Returns: What ``forgetQuiet(_:)`` wants.
    func whenQuiet(_ body: @escaping @Sendable () -> Void) -> Int {
        let ticket = self.tickets.add(1, ordering: .relaxed).newValue
        let isQuiet = self.state.withLock { state in
            // Looked at under the lock: a quiet from here on finds the handler.
            let isQuiet = self.isQuiet
            if !isQuiet { state.quietHandlers[ticket] = body }
            return isQuiet
        }
        if isQuiet { body() }
        return ticket
    }

    /// Takes a handler back that has not been called.
    func forgetQuiet(_ ticket: Int) {
        self.state.withLock { _ = $0.quietHandlers.removeValue(forKey: ticket) }
    }

    /// A number for one more lane, from 1. None is given twice, so that a loop that starts again never continues a
    /// conversation whose last word it does not know.
    func nextLane() -> Int { self.lanes.add(1, ordering: .relaxed).newValue }

    /// The lists that this process takes messages from, as far as it has begun to.
    var inboxes: Set<String> { self.state.withLock { $0.inboxes } }

    /// Messages are taken from `list`.
    func takesMessages(from list: String) { self.state.withLock { _ = $0.inboxes.insert(list) } }

    /// Each lane's last acknowledged step of the present incarnation.
    var acknowledgedSteps: [Int: Int] { self.state.withLock { $0.steps } }

    /// A step of `incarnation` was acknowledged.
    func acknowledged(lane: Int, number: Int, by incarnation: Incarnation) {
        self.state.withLock { state in
            if state.incarnation == incarnation { state.steps[lane] = number }
        }
    }

    /// Calls `body` with the fenced incarnation at every fence, handlers in their order.
    ///
    /// - Returns: What ``forgetFence(_:)`` wants.
    @discardableResult
    func onFence(_ body: @escaping @Sendable (Incarnation) -> Void) -> Int {
        let ticket = self.tickets.add(1, ordering: .relaxed).newValue
        self.state.withLock { $0.fenceHandlers[ticket] = body }
        return ticket
    }

    /// Takes a handler back.
    func forgetFence(_ ticket: Int) {
        self.state.withLock { _ = $0.fenceHandlers.removeValue(forKey: ticket) }
    }

    /// Tells the heartbeat to beat now: set by the heartbeat itself.
    func setHeartbeatWaker(_ wake: (@Sendable () -> Void)?) {
        self.state.withLock { $0.wakeHeartbeat = wake }
    }

    /// The process has left the store.
    var hasEnded: Bool { self.state.withLock { $0.hasEnded } }

    /// The process has left the store: nobody gets an incarnation any more.
    func end() {
        let waiters = self.state.withLock { state in
            state.hasEnded = true
            state.isRegistered = false
            self.leaseEnd.store(Int64.min, ordering: .releasing)
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume(returning: nil) }
    }
}

extension ProcessLife.State {
    fileprivate mutating func takeWaiters() -> [CheckedContinuation<Incarnation?, Never>] {
        defer { self.waiters = [:] }
        return Array(self.waiters.values)
    }
}
