import DequeModule

/// The timekeeper of programs: one thread that fires timers and runs the Swift jobs given to it.
///
/// It stands outside the cooperative pool, so that computing jobs delay nothing that runs here. In return nothing that
/// runs here may compute or block: a heartbeat waits for it.
///
/// The thread starts with the first use and lives as long as the process.
public final class TimerThread: Timekeeper, TaskExecutor {
    /// The one that the program shares.
    public static let shared = TimerThread(name: "supervision")

    private struct State: Sendable {
        var timers = TimerQueue()
        var jobs = Deque<UnownedJob>()
        var isWaiting = false
    }

    private enum Work {
        case timer(ScheduledTimer)
        case job(UnownedJob)
    }

    private let monitor = Monitor(State())

    /// Starts a thread that never ends; programs want ``shared``.
    ///
    /// - Parameter name: What debuggers and `top -H` show, at most 15 bytes.
    public init(name: String) {
        Thread.start(name: name) { self.run() }
    }

    /// The time on the machine's monotonic clock, which stands still while the machine is suspended.
    public var now: Duration { MonotonicClock.now }

    /// This thread.
    public var executor: any TaskExecutor { self }

    /// Runs `body` once on this thread, `delay` from now.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> ScheduledTimer {
        let deadline = self.now + max(.zero, delay)
        let (timer, wake) = self.monitor.withLock { state in
            let isEarliest = state.timers.nextDeadline.map { deadline < $0 } ?? true
            let timer = state.timers.insert(at: deadline, body: body)
            return (timer, isEarliest && Self.takeWaiting(&state))
        }
        if wake { self.monitor.signal() }
        return timer
    }

    /// Queues a job of the Swift runtime to run on this thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wake = self.monitor.withLock { state in
            state.jobs.append(job)
            return Self.takeWaiting(&state)
        }
        if wake { self.monitor.signal() }
    }

    /// Only the first to bring work signals; the thread then looks at everything that came since.
    private static func takeWaiting(_ state: inout State) -> Bool {
        defer { state.isWaiting = false }
        return state.isWaiting
    }

    private func run() {
        let executor = self.asUnownedTaskExecutor()
        while true {
            switch self.monitor.wait(until: Self.nextWork) {
            case .timer(let timer): timer.fire()
            case .job(let job): job.runSynchronously(on: executor)
            }
        }
    }

    /// Timers that are due go first: there are few of them and they are what this thread exists for.
    private static func nextWork(_ state: inout State) -> Monitor<State>.Attempt<Work> {
        let now = MonotonicClock.now
        if let timer = state.timers.popDue(at: now) { return .done(.timer(timer)) }
        if let job = state.jobs.popFirst() { return .done(.job(job)) }
        state.isWaiting = true
        return .wait(state.timers.nextDeadline.map { $0 - now })
    }
}
