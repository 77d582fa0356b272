import Synchronization

/// One waiting task and the first of two events that resumes it: the timer or the task's cancellation.
final class WakeUp: Sendable {
    private enum State: Sendable {
        case idle
        case waiting(CheckedContinuation<Void, any Error>)
        case resumed(cancelled: Bool)
    }

    private let state = Mutex(State.idle)

    /// Waits for ``resume(cancelled:)``; returns at once when that came first. May be called once.
    func wait() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let alreadyCancelled: Bool? = self.state.withLock { state in
                if case .resumed(let cancelled) = state { return cancelled }
                state = .waiting(continuation)
                return nil
            }
            if let alreadyCancelled { Self.resume(continuation, cancelled: alreadyCancelled) }
        }
    }

    /// Ends the wait; only the first call counts.
    func resume(cancelled: Bool) {
        let waiting: CheckedContinuation<Void, any Error>? = self.state.withLock { state in
            switch state {
            case .idle:
                state = .resumed(cancelled: cancelled)
                return nil
            case .waiting(let continuation):
                state = .resumed(cancelled: cancelled)
                return continuation
            case .resumed:
                return nil
            }
        }
        if let waiting { Self.resume(waiting, cancelled: cancelled) }
    }

    private static func resume(_ continuation: CheckedContinuation<Void, any Error>, cancelled: Bool) {
        if cancelled {
            continuation.resume(throwing: CancellationError())
        } else {
            continuation.resume()
        }
    }
}
