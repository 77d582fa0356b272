internal import DequeModule
internal import Dispatch
public import Supervision
internal import Synchronization

/// Time that moves only when a test says so.
///
/// Its executor is a real one, a serial queue: tasks that prefer it run one job at a time in the order they became ready,
/// without ``advance(by:)`` being called. ``settle()`` returns when nothing is left to run there, so a test whose tasks all
/// prefer this executor is deterministic. What runs elsewhere (an unstructured `Task { }`, NIO) is not waited for: await a
/// signal from it.
///
/// ```swift
/// let time = ManualTime()
/// let task = Task(executorPreference: time.executor) { try await time.sleep(for: .seconds(5)) }
/// await time.advance(by: .seconds(5))
/// try await task.value
/// ```
public final class ManualTime: Timekeeper, TaskExecutor {
    private struct State {
        var now: Duration
        var timers = TimerQueue()
        var jobs = Deque<UnownedJob>()
        var isDraining = false
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "manual-time")

    /// Creates a clock that stands at `now`; the default is not zero so that nobody takes the origin for granted.
    public init(now: Duration = .seconds(1_000)) {
        self.state = Mutex(State(now: now))
    }

    /// What the clock shows.
    public var now: Duration { self.state.withLock { $0.now } }

    /// This clock's serial executor.
    public var executor: any TaskExecutor { self }

    /// Runs `body` when ``advance(by:)`` reaches it, `delay` from now. Also a delay of zero waits for an advance, if only
    /// by zero.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> ScheduledTimer {
        self.state.withLock { $0.timers.insert(at: $0.now + max(.zero, delay), body: body) }
    }

    /// Lets everything that is ready run, then fires the timers due up to `duration` from now in order, each at its own
    /// instant and followed by all that it made ready.
    public func advance(by duration: Duration) async {
        let target = self.now + duration
        await self.settle()
        while let timer = self.takeNext(until: target) {
            await self.fire(timer)
            await self.settle()
        }
        self.state.withLock { $0.now = max($0.now, target) }
    }

    /// Moves the clock by `duration` at one stroke, as a machine that was halted sees it, and then fires what came due, late.
    public func jump(by duration: Duration) async {
        await self.settle()
        self.state.withLock { $0.now += duration }
        await self.advance(by: .zero)
    }

    /// Returns when no job is left on this executor.
    public func settle() async {
        await withCheckedContinuation { continuation in
            let idle = self.state.withLock { state in
                guard state.isDraining else { return true }
                state.idleWaiters.append(continuation)
                return false
            }
            if idle { continuation.resume() }
        }
    }

    /// How many timers are waiting; cancelled ones may still be counted.
    public var pendingTimers: Int { self.state.withLock { $0.timers.count } }

    /// Runs a job of the Swift runtime on this clock's queue.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let start = self.state.withLock { state in
            state.jobs.append(job)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if start { self.queue.async { self.drain() } }
    }

    private func drain() {
        let executor = self.asUnownedTaskExecutor()
        while let job = self.takeJob() { job.runSynchronously(on: executor) }
    }

    private func takeJob() -> UnownedJob? {
        let (job, waiters) = self.state.withLock { state in
            let job = state.jobs.popFirst()
            guard job == nil else { return (job, [CheckedContinuation<Void, Never>]()) }
            state.isDraining = false
            defer { state.idleWaiters = [] }
            return (nil, state.idleWaiters)
        }
        for waiter in waiters { waiter.resume() }
        return job
    }

    private func takeNext(until target: Duration) -> ScheduledTimer? {
        self.state.withLock { state in
            guard let timer = state.timers.popDue(at: target) else { return nil }
            state.now = max(state.now, timer.deadline)
            return timer
        }
    }

    /// Fires on the queue, as timers of a program fire on the timer thread: never beside a job.
    private func fire(_ timer: ScheduledTimer) async {
        await withCheckedContinuation { continuation in
            self.queue.async {
                timer.fire()
                continuation.resume()
            }
        }
    }
}
