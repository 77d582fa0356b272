import ServiceLifecycle
public import Supervision
import Synchronization

/// Lets one loop sleep and anyone wake it. A ring while nobody sleeps ends the next sleep at once; several are one.
///
/// Only one task can sleep on it at a time: another one wakes the first.
public final class Bell: Sendable {
    private struct State {
        var isRung = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// A bell that nobody has rung.
    public init() {}

    /// Wakes the sleeper, now or when it next lies down.
    public func ring() {
        let sleeper = self.state.withLock { state in
            state.isRung = state.sleeper == nil
            return state.sleeper.take()
        }
        sleeper?.resume()
    }

    /// Sleeps until the bell rings, or until the task is cancelled; `duration` at most, nil being without end.
    ///
    /// - Parameters:
    ///   - duration: How long at most; it returns then as if the bell had been rung.
    ///   - time: What it is timed by.
    public func sleep(for duration: Duration?, on time: any Timekeeper) async {
        let timer = duration.map { time.schedule(after: $0) { self.ring() } }
        defer { timer?.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let awake: CheckedContinuation<Void, Never>? = self.state.withLock { state in
                    guard !state.isRung, !Task.isCancelled else {
                        state.isRung = false
                        return continuation
                    }
                    let last = state.sleeper
                    state.sleeper = continuation
                    return last
                }
                awake?.resume()
            }
        } onCancel: {
            self.ring()
        }
    }
}

/// Calls `turn` again and again, sleeping in between for as long as it answers, until graceful shutdown or cancellation.
/// Both, and `bell`, end a sleep at once. A turn that answers nil is the last.
func turns(
    bell: Bell,
    on time: any Timekeeper,
    _ turn: () async -> Duration?
) async {
    let isStopping = Atomic(false)
    await withGracefulShutdownHandler {
        while !isStopping.load(ordering: .acquiring), !Task.isCancelled {
            guard let pause = await turn() else { return }
            if isStopping.load(ordering: .acquiring) { return }
            await bell.sleep(for: pause, on: time)
        }
    } onGracefulShutdown: {
        isStopping.store(true, ordering: .releasing)
        bell.ring()
    }
}
