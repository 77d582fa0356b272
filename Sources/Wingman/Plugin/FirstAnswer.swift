import Supervision
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

/// Runs `body` for as long as `limit` allows.
///
/// A Swift task cannot be killed: a body that ignores its cancellation goes on unheard, and its result is dropped.
///
/// - Throws: ``LimitPassed`` if it does not return in time, `CancellationError` if the caller is cancelled, and whatever
///   `body` throws.
func withLimit<Value: Sendable>(
    _ limit: Duration,
    on time: any Timekeeper,
    executor: (any TaskExecutor)?,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let first = FirstAnswer<Result<Value, any Error>>()
    let timer = time.schedule(after: limit) { first.answer(.failure(LimitPassed(limit: limit))) }
    // Unstructured: nobody can wait for what hangs. It keeps the task locals, so that a factory knows its incarnation.
    let task = Task(executorPreference: executor) {
        do {
            first.answer(.success(try await body()))
        } catch {
            first.answer(.failure(error))
        }
    }
    defer {
        timer.cancel()
        task.cancel()
    }
    return try await withTaskCancellationHandler {
        await first.wait()
    } onCancel: {
        first.answer(.failure(CancellationError()))
    }.get()
}

/// Something took too long.
struct LimitPassed: Error, CustomStringConvertible {
    let limit: Duration
    var description: String { "not done within \(self.limit.optionText)" }
}
