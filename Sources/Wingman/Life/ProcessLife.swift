import Supervision
import Synchronization

/// The standing of this process with its store: which incarnation it is and until when its lease is known to hold.
///
/// The heartbeat writes it; lanes ask it for an incarnation and report a fence; processors ask it before each start.
/// It makes no store calls.
final class ProcessLife: Sendable {
    private struct State {
        var incarnation: Incarnation
        var isRegistered = false
        var hasEnded = false
        var waiters: [CheckedContinuation<Incarnation?, Never>] = []
        var fenceHandlers: [@Sendable (Incarnation) -> Void] = []
        var wakeHeartbeat: (@Sendable () -> Void)?
        var steps: [Int: Int] = [:]
    }

    private let state: Mutex<State>
    private let quieted = Atomic(false)
    private let lanes = Atomic(0)
    /// Until when, on this process's own clock, the lease is known to hold; nanoseconds of `Timekeeper.now`.
    private let leaseEnd = Atomic<Int64>(Int64.min)

    init() {
        self.state = Mutex(State(incarnation: .make(epoch: 1)))
    }

    /// The incarnation that is, or is to be, registered.
    var candidate: Incarnation { self.state.withLock { $0.incarnation } }

    /// Waits until an incarnation holds a lease; nil once the process has ended.
    func registered() async -> Incarnation? {
        await withCheckedContinuation { continuation in
            let ready: Incarnation?? = self.state.withLock { state in
                if state.hasEnded { return .some(nil) }
                if state.isRegistered { return state.incarnation }
                state.waiters.append(continuation)
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// Whether the lease is known to hold at `now`. A process that was suspended finds out here, before it starts
    /// a job that others may already run.
    func holdsLease(at now: Duration) -> Bool {
        now.nanoseconds < self.leaseEnd.load(ordering: .acquiring)
    }

    /// A beat of `incarnation` was acknowledged; its lease lasts until `end`.
    func confirm(_ incarnation: Incarnation, until end: Duration) {
        let waiters: [CheckedContinuation<Incarnation?, Never>] = self.state.withLock { state in
            guard state.incarnation == incarnation, !state.hasEnded else { return [] }
            state.isRegistered = true
            self.leaseEnd.store(end.nanoseconds, ordering: .releasing)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: incarnation) }
    }

    /// `incarnation` lost its lease for good: its jobs belong to others. The next identity is made at once, every holder
    /// is told to drop what it has, and the heartbeat registers anew. Reports of earlier incarnations change nothing.
    func fence(_ incarnation: Incarnation) {
        let told = self.state.withLock { state -> ([@Sendable (Incarnation) -> Void], (@Sendable () -> Void)?) in
            guard state.incarnation == incarnation, !state.hasEnded else { return ([], nil) }
            state.incarnation = .make(epoch: incarnation.epoch + 1)
            state.isRegistered = false
            state.steps = [:]
            self.leaseEnd.store(Int64.min, ordering: .releasing)
            return (state.fenceHandlers, state.wakeHeartbeat)
        }
        for handler in told.0 { handler(incarnation) }
        told.1?()
    }

    /// Whether the process takes anything new.
    var isQuiet: Bool { self.quieted.load(ordering: .acquiring) }

    /// Nothing new is taken from here on.
    func quiet() { self.quieted.store(true, ordering: .releasing) }

    /// A number for one more lane, from `first` up.
    func nextLane(from first: Int) -> Int { first + self.lanes.add(1, ordering: .relaxed).oldValue }

    /// Each lane's last acknowledged step of the present incarnation.
    var acknowledgedSteps: [Int: Int] { self.state.withLock { $0.steps } }

    /// A step of `incarnation` was acknowledged.
    func acknowledged(lane: Int, number: Int, by incarnation: Incarnation) {
        self.state.withLock { state in
            if state.incarnation == incarnation { state.steps[lane] = number }
        }
    }

    /// Calls `body` with the fenced incarnation at every fence.
    func onFence(_ body: @escaping @Sendable (Incarnation) -> Void) {
        self.state.withLock { $0.fenceHandlers.append(body) }
    }

    /// Tells the heartbeat to beat now: set by the heartbeat itself.
    func setHeartbeatWaker(_ wake: (@Sendable () -> Void)?) {
        self.state.withLock { $0.wakeHeartbeat = wake }
    }

    /// The process has left the store: nobody gets an incarnation any more.
    func end() {
        let waiters = self.state.withLock { state in
            state.hasEnded = true
            state.isRegistered = false
            self.leaseEnd.store(Int64.min, ordering: .releasing)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: nil) }
    }
}

extension Duration {
    /// Whole nanoseconds; clamped at the ends (292 years).
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? Int64.min : Int64.max }
        return scaled.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }

    /// Seconds with a fraction.
    var inSeconds: Double { self / .seconds(1) }
}
