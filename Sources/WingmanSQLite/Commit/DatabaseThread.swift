internal import Supervision
internal import Synchronization
internal import Wingman

/// The thread of a connection. It stands outside the cooperative pool: computing jobs delay no beat and no
/// acknowledgement, and an fsync holds up none of the few threads that jobs run on.
final class DatabaseThread: Sendable {
    private let name: String
    private let location: String
    private let queue = Monitor(CallQueue())
    private let life = Mutex(Life())

    private struct Life {
        var isRunning = false
        /// Who waits for the end.
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    init(name: String, location: String) {
        self.name = name
        self.location = location
    }

    /// Starts the thread, opens the connection on it, and returns once it takes calls. To be called once.
    ///
    /// - Parameter open: Makes what runs the calls. The thread ends if it throws.
    func start(_ open: @escaping @Sendable () throws -> any CallRunner) async throws {
        let opened: Result<Void, any Error> = await withCheckedContinuation { caller in
            Thread.start(name: self.name) {
                let runner: any CallRunner
                do {
                    runner = try open()
                } catch {
                    caller.resume(returning: .failure(error))
                    return
                }
                self.life.withLock { $0.isRunning = true }
                self.queue.withLock { $0.open() }
                caller.resume(returning: .success(()))
                while let calls = self.next() { runner.run(calls) }
                runner.close()
                self.ended()
            }
        }
        try opened.get()
    }

    /// Runs a call on the thread, once nothing more urgent waits. The caller's cancellation is not heard: what was sent is
    /// done.
    func call<Answer: Sendable>(
        _ urgency: CallQueue.Urgency = .life,
        rows: Int = 1,
        _ body: @escaping PendingCall<Answer>.Body
    ) async throws(StoreError) -> Answer {
        let result = await withCheckedContinuation { caller in
            let call = PendingCall(rows: rows, caller: caller, body: body)
            let (isTaken, wake) = self.queue.withLock { queue in
                defer { queue.isIdle = false }
                return (queue.append(call, urgency), queue.isIdle)
            }
            if wake { self.queue.signal() }
            guard isTaken else {
                call.fail(StoreError(.unavailable, "store \(self.location): it is not open"))
                return call.finish()
            }
        }
        return try result.get()
    }

    /// How many calls wait for the thread.
    var waitingCalls: Int { self.queue.withLock { $0.count } }

    /// Takes no more calls, does those that wait, and closes the connection.
    func close() async {
        self.queue.withLock { $0.close() }
        self.queue.signal()
        await withCheckedContinuation { waiter in
            let isRunning = self.life.withLock { life in
                if life.isRunning { life.waiters.append(waiter) }
                return life.isRunning
            }
            if !isRunning { waiter.resume() }
        }
    }

    /// Nil once closed and empty.
    private func next() -> [any AnyCall]? {
        self.queue.wait { queue in
            let calls = queue.next()
            if !calls.isEmpty { return .done(calls) }
            if queue.isClosed { return .done(nil) }
            queue.isIdle = true
            return .wait(nil)
        }
    }

    private func ended() {
        let waiters = self.life.withLock { life in
            life.isRunning = false
            defer { life.waiters = [] }
            return life.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// Runs calls on a connection of its own. Lives on one thread.
protocol CallRunner {
    /// Runs and finishes all of them.
    func run(_ calls: [any AnyCall])
    /// Closes the connection.
    func close()
}
