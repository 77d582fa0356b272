import Synchronization

/// A body that runs at fixed intervals, from when it was made until it is cancelled or says so.
public final class RepeatingTimer: Sendable {
    private struct State: Sendable {
        var next: ScheduledTimer?
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let time: any Timekeeper
    private let interval: Duration
    private let body: @Sendable () -> Bool

    /// Starts the timer; the body runs first after one interval.
    ///
    /// - Parameters:
    ///   - interval: The time between two runs. Runs that are missed, because the machine was halted, are left out.
    ///   - time: What it goes by. The body runs on its thread and has to be short.
    ///   - body: Returns false to end the timer.
    public init(every interval: Duration, by time: any Timekeeper, _ body: @escaping @Sendable () -> Bool) {
        self.interval = interval
        self.time = time
        self.body = body
        self.scheduleNext(due: time.now + interval)
    }

    /// Ends the timer.
    public func cancel() {
        let next = self.state.withLock { state in
            state.isCancelled = true
            defer { state.next = nil }
            return state.next
        }
        next?.cancel()
    }

    /// The timer keeps itself alive until it is cancelled.
    private func scheduleNext(due: Duration) {
        let timer = self.time.schedule(after: due - self.time.now) { self.fire(due) }
        let isCancelled = self.state.withLock { state in
            state.next = timer
            return state.isCancelled
        }
        if isCancelled { timer.cancel() }
    }

    private func fire(_ due: Duration) {
        guard self.body() else { return self.cancel() }
        if self.state.withLock({ $0.isCancelled }) { return }
        let missed = max(0, Int((self.time.now - due) / self.interval))
        self.scheduleNext(due: due + self.interval * (missed + 1))
    }
}
