import Synchronization

/// Waiting for a name, and watching it.
extension ServiceRegistry {
    /// Waits until an incarnation is ready under `name`; also for a name that is not registered yet.
    ///
    /// - Parameters:
    ///   - name: The registered name.
    ///   - limit: How long to wait at most.
    /// - Throws: ``RegistryError`` at the deadline, or when the name is removed meanwhile; `CancellationError` when the task is
    ///   cancelled.
    public func await(_ name: String, within limit: Duration) async throws {
        let id = self.watchers.nextID()
        let wait = RegistryWait()
        guard self.enroll(wait, id, name) else { return }
        let timer = self.time.schedule(after: limit) {
            wait.end(.failure(RegistryError(name: name, reason: .deadline)))
        }
        defer {
            timer.cancel()
            self.withdraw(id, name)
        }
        try await withTaskCancellationHandler {
            try await wait.value()
        } onCancel: {
            wait.end(.failure(CancellationError()))
        }
    }

    /// What `name` stands for now and at each change. A reader that is slow misses states in between, never the last one.
    public func watch(_ name: String) -> AsyncStream<RegistryState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: RegistryState.self,
            bufferingPolicy: .bufferingNewest(16)
        )
        self.watchers.add(name, continuation)
        continuation.yield(self.lookup(name))
        return stream
    }

    /// Enters a waiter.
    ///
    /// - Returns: False when there is nothing to wait for.
    private func enroll(_ wait: RegistryWait, _ id: UInt64, _ name: String) -> Bool {
        self.entries.withLock { entries in
            if case .running = entries[name]?.state { return false }
            let waiter = RegistryWaiter { error in wait.end(error.map { .failure($0) } ?? .success(())) }
            if entries[name] == nil {
                self.watchers.addEarly(id, name, waiter)
            } else {
                entries[name]?.waiters[id] = waiter
            }
            return true
        }
    }

    private func withdraw(_ id: UInt64, _ name: String) {
        self.entries.withLock { $0[name]?.waiters[id] = nil }
        self.watchers.removeEarly(id)
    }
}

/// One wait: the first of ready, removed, deadline and cancellation ends it.
final class RegistryWait: Sendable {
    private enum State: Sendable {
        case idle
        case waiting(CheckedContinuation<Void, any Error>)
        case ended(Result<Void, any Error>)
    }

    private let state = Mutex(State.idle)

    func end(_ result: Result<Void, any Error>) {
        let waiting: CheckedContinuation<Void, any Error>? = self.state.withLock { state in
            switch state {
            case .idle:
                state = .ended(result)
                return nil
            case .waiting(let continuation):
                state = .ended(result)
                return continuation
            case .ended:
                return nil
            }
        }
        waiting?.resume(with: result)
    }

    func value() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Void, any Error>? = self.state.withLock { state in
                if case .ended(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }
}

/// Those who watch names, and those who wait for names that nobody has claimed yet.
final class RegistryWatchers: Sendable {
    private struct State: Sendable {
        var streams: [String: [UInt64: AsyncStream<RegistryState>.Continuation]] = [:]
        var early: [UInt64: (name: String, waiter: RegistryWaiter)] = [:]
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    func nextID() -> UInt64 {
        self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    func add(_ name: String, _ continuation: AsyncStream<RegistryState>.Continuation) {
        let id = self.nextID()
        self.state.withLock { $0.streams[name, default: [:]][id] = continuation }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in
                state.streams[name]?[id] = nil
                if state.streams[name]?.isEmpty == true { state.streams[name] = nil }
            }
        }
    }

    func addEarly(_ id: UInt64, _ name: String, _ waiter: RegistryWaiter) {
        self.state.withLock { $0.early[id] = (name, waiter) }
    }

    func removeEarly(_ id: UInt64) {
        self.state.withLock { $0.early[id] = nil }
    }

    /// Tells a change to all who watch the name.
    func tell(_ name: String, _ state: RegistryState) {
        let (streams, waiters) = self.state.withLock { own in
            var waiters: [RegistryWaiter] = []
            if case .running = state {
                for (id, early) in own.early where early.name == name {
                    waiters.append(early.waiter)
                    own.early[id] = nil
                }
            }
            return (Array((own.streams[name] ?? [:]).values), waiters)
        }
        for waiter in waiters { waiter.resume(nil) }
        for stream in streams { stream.yield(state) }
    }
}
