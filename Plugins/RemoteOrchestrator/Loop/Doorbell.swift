import Supervision
import Synchronization

/// Lets one loop sleep and anyone wake it. A ring while nobody sleeps ends the next sleep at once.
final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Wakes the sleeper, now or when it next lies down.
    func ring() {
        let sleeper = self.state.withLock { state in
            state.isRung = state.sleeper == nil
            return state.sleeper.take()
        }
        sleeper?.resume()
    }

    /// Sleeps until it is rung, or until the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = self.state.withLock { state in
                    guard !state.isRung, !Task.isCancelled else {
                        state.isRung = false
                        return true
                    }
                    state.sleeper = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.ring()
        }
    }

    /// Sleeps for `duration` at most.
    func wait(for duration: Duration, on time: any Timekeeper) async {
        let timer = time.schedule(after: duration) { self.ring() }
        defer { timer.cancel() }
        await self.wait()
    }
}
