internal import Synchronization

/// Runs `body` while no other test of this process is in such a body.
///
/// For tests that hold threads of the cooperative pool on purpose. Two of them at once would each hold some, and wait for the
/// rest for ever.
public func alone<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    await PoolTurn.shared.take()
    defer { PoolTurn.shared.give() }
    return try await body()
}

/// A lock that tasks wait for without holding a thread, first come, first served.
private final class PoolTurn: Sendable {
    static let shared = PoolTurn()

    private struct State {
        var isTaken = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func take() async {
        await withCheckedContinuation { continuation in
            let isMine = self.state.withLock { state in
                if state.isTaken { state.waiters.append(continuation) }
                defer { state.isTaken = true }
                return !state.isTaken
            }
            if isMine { continuation.resume() }
        }
    }

    func give() {
        let next = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiters.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.resume()
    }
}
