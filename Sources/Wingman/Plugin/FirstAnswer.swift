import Synchronization

/// Waits for the first of several answers: of code that may hang, of a timer, of a cancellation. Later ones are dropped.
final class FirstAnswer<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case asked
        case waiting(CheckedContinuation<Value, Never>)
        case answered(Value)
        case taken
    }

    private let state = Mutex(State.asked)

    /// Gives an answer.
    func answer(_ value: Value) {
        let waiter = self.state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .asked:
                state = .answered(value)
                return nil
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .answered, .taken: return nil
            }
        }
        waiter?.resume(returning: value)
    }

    /// Waits for the first answer. Called once.
    func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let answer = self.state.withLock { state -> Value? in
                guard case .answered(let value) = state else {
                    state = .waiting(continuation)
                    return nil
                }
                state = .taken
                return value
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
