import Synchronization

/// One attempt to handle a message, for those who may have to end it.
final class Attempt: Sendable {
    /// Why it was cancelled.
    enum Reason: Sendable {
        /// An operator wants it.
        case control
        /// The message's deadline has passed.
        case deadline
        /// The process stops.
        case stopping
        /// The message belongs to another process by now.
        case lost
    }

    private struct State {
        var reason: Reason?
        var task: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Why it was cancelled first; nil if it was not.
    var reason: Reason? { self.state.withLock { $0.reason } }

    /// It is this task. Cancelled at once if the reason came before.
    func began(_ task: Task<Void, Never>) {
        let isCancelled = self.state.withLock { state in
            state.task = task
            return state.reason != nil
        }
        if isCancelled { task.cancel() }
    }

    /// Cancels it. The first reason counts.
    func cancel(_ reason: Reason) {
        let task = self.state.withLock { state in
            if state.reason == nil { state.reason = reason }
            return state.task
        }
        task?.cancel()
    }
}
