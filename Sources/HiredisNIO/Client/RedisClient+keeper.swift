internal import NIOCore
internal import Synchronization

/// The keeper: one task, on the client's event loop, that makes the shared connection and makes it again.
extension RedisClient {
    func startKeeper() {
        // Unstructured, for it outlives the command that started it; close() ends it and waits for it.
        let keeper = Task(executorPreference: EventLoopTaskExecutor(self.eventLoop)) { await self.keepConnected() }
        self.running.withLock { $0.keeper = keeper }
    }

    private func keepConnected() async {
        var outage = RedisOutage()
        while !self.state.withLock({ $0.isClosed }) {
            let failure: RedisError
            do throws(RedisError) {
                let connection = try await self.makeShared()
                guard self.publish(connection, &outage) else { return await connection.close() }
                await connection.untilClosed()
                failure =
                    connection.closeReason ?? RedisError(.connectionLost, "closed", endpoint: self.endpointDescription)
                outage.connectionEnded(at: ContinuousClock().now)
            } catch {
                failure = error
            }
            guard !self.state.withLock({ $0.isClosed }) else { return }
            self.report(failure, &outage)
            await self.pause(outage.nextPause(self.configuration.backoff))
        }
    }

    /// Connects, and runs the hook.
    private func makeShared() async throws(RedisError) -> RedisConnection {
        let connection = try await RedisConnection.connect(self.configuration, on: self.eventLoop) { requests, reason in
            // Never written, so they may go out on the next connection.
            for request in requests { self.resubmit(request, reason) }
        }
        do {
            try await self.onConnect(connection)
            return connection
        } catch {
            await connection.close()
            throw (error as? RedisError)
                ?? RedisError(
                    .connectionFailed,
                    "onConnect: \(error)",
                    endpoint: self.endpointDescription,
                    cause: error
                )
        }
    }

    private func resubmit(_ request: Request, _ reason: RedisError) {
        switch self.configuration.whenDisconnected {
        case .wait: self.submit(request, canWait: true)
        case .fail: request.fail(reason, mayHaveRun: false)
        }
    }

    /// Lets everybody use the connection, first those who waited.
    private func publish(_ connection: RedisConnection, _ outage: inout RedisOutage) -> Bool {
        guard let waiting = self.state.withLock({ $0.connected(connection) }) else { return false }
        for request in waiting { self.submit(request, canWait: true) }
        self.onEvent(outage.connected(at: ContinuousClock().now))
        return true
    }

    private func report(_ failure: RedisError, _ outage: inout RedisOutage) {
        let hopeless = self.state.withLock { $0.failed(failure) }
        for request in hopeless { request.fail(failure, mayHaveRun: false) }
        if outage.failed(at: ContinuousClock().now) { self.onEvent(.lost(failure)) }
    }

    /// Waits on the event loop, which no computing job delays; `close()` cuts it short.
    private func pause(_ duration: Duration) async {
        let pause = self.eventLoop.scheduleTask(in: TimeAmount(duration)) {}
        self.running.withLock { $0.pause = pause }
        // close() may have come before the pause was known to it.
        if self.state.withLock({ $0.isClosed }) { pause.cancel() }
        // Fails when it is cancelled, which is as good an end.
        try? await pause.futureResult.get()
    }
}
