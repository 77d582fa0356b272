internal import Synchronization

/// A value that tests watch: every change wakes whoever waits for a condition on it.
///
/// The threads that read a child's output change it; tests wait for a line or an exit without polling.
final class Observed<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var version = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state: Mutex<State>

    init(_ value: Value) {
        self.state = Mutex(State(value: value))
    }

    /// Reads the value under the lock.
    func read<Result: Sendable>(_ body: (Value) throws -> Result) rethrows -> Result {
        try self.state.withLock { state in try body(state.value) }
    }

    /// Changes the value and wakes all who wait.
    func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        let (result, woken) = self.state.withLock { state in
            let result = change(&state.value)
            state.version += 1
            defer { state.waiters = [:] }
            return (result, Array(state.waiters.values))
        }
        for continuation in woken { continuation.resume() }
        return result
    }

    /// Waits until `find` answers something; it is asked again after every change.
    ///
    /// - Throws: `TestSupportError.deadline` when `deadline` passes first.
    func wait<Found: Sendable>(
        for what: String,
        within deadline: Duration,
        _ find: @escaping @Sendable (Value) throws -> Found?
    ) async throws -> Found {
        try await withDeadline(deadline, waitingFor: what) {
            while true {
                let (found, version) = try self.state.withLock { state in (try find(state.value), state.version) }
                if let found { return found }
                await self.change(after: version)
                try Task.checkCancellation()
            }
        }
    }

    /// Returns once the value is newer than `version`, or at once when the task is cancelled.
    func change(after version: Int) async {
        let waiter = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = self.state.withLock { state in
                    if state.version > version || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { state in state.waiters.removeValue(forKey: waiter) }?.resume()
        }
    }

    /// The value's version: grows by one with every change.
    var version: Int {
        self.state.withLock { state in state.version }
    }
}

/// Runs `body`, and cancels it with an error when `deadline` passes first.
///
/// For waits on real processes only: generous, and never a statement about speed.
public func withDeadline<Result: Sendable>(
    _ deadline: Duration,
    waitingFor what: String,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: deadline)
            throw TestSupportError.deadline(what: what, after: deadline, last: nil)
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
