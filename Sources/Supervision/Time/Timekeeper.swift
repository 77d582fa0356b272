/// Time that does not wait for the cooperative pool.
///
/// `Task.sleep` and the standard clocks resume through the pool, which has as many threads as the machine has cores: two
/// computing jobs on two cores delay every wake-up by seconds. What has to be on time (heartbeats, stop deadlines, the
/// supervisor itself) takes its time from here instead: timers fire on a thread of their own, and ``executor`` runs tasks
/// there.
///
/// Use ``TimerThread`` in programs. Tests inject a manual one that moves only when told.
public protocol Timekeeper: Sendable {
    /// Monotonic time since an arbitrary origin. It stands still while the machine is suspended.
    var now: Duration { get }

    /// The executor for tasks that must not wait for the cooperative pool. What runs there must be short and never block.
    var executor: any TaskExecutor { get }

    /// Runs `body` once, `delay` from now, on the thread that keeps the time. A negative delay counts as none.
    ///
    /// - Parameters:
    ///   - delay: How long to wait.
    ///   - body: What to run. It must be short and never block: everything else that waits for time waits for it.
    /// - Returns: A handle whose ``ScheduledTimer/cancel()`` takes the body back.
    @discardableResult
    func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> ScheduledTimer

    /// Suspends the caller for `duration`.
    ///
    /// - Throws: `CancellationError` at once when the task is, or becomes, cancelled.
    func sleep(for duration: Duration) async throws
}

extension Timekeeper {
    /// Suspends the caller for `duration` by means of a scheduled timer.
    ///
    /// - Throws: `CancellationError` at once when the task is, or becomes, cancelled.
    public func sleep(for duration: Duration) async throws {
        let wakeUp = WakeUp()
        let timer = self.schedule(after: duration) { wakeUp.resume(cancelled: false) }
        defer { timer.cancel() }
        try await withTaskCancellationHandler {
            try await wakeUp.wait()
        } onCancel: {
            wakeUp.resume(cancelled: true)
        }
    }
}
