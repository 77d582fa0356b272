import ServiceLifecycle
import Supervision

/// What an inbox waits for, and what it does not.
extension Inbox {
    /// A resumed list or a lost signal is noticed after this time at most.
    private static let waitTimeout = Duration.seconds(5)

    /// Sleeps until there may be something to do: a message has come, the owner rings, a refused settlement is to be tried
    /// again, a suspect may run or is over, the process has or loses a lease, or it is time to stop.
    func rest(_ credit: Int) async {
        if credit > 0, !self.holder.isHeld, self.ledger.suspects.isEmpty { self.beginWaiting() }
        let pause = self.ledger.nextTry.map { max(.zero, $0 - self.time.now) }
        let (bell, time) = (self.waker.bell, self.time)
        await withGracefulShutdownHandler {
            await bell.sleep(for: pause, on: time)
        } onGracefulShutdown: {
            bell.ring()
        }
        await self.noteEndOfWait()
    }

    /// Waits for messages, or for the lease under which they can be waited for.
    private func beginWaiting() {
        let (life, store, sources) = (self.life, self.store, self.sources)
        guard let process = life.holder?.process else {
            if self.registration == nil {
                self.registration = .begin(on: self.time.executor, ringing: self.waker.bell) {
                    _ = await life.registered()
                }
            }
            return
        }
        if let wait, wait.process == process { return }
        let errand = Errand<Result<Bool, any Error>>.begin(on: self.time.executor, ringing: self.waker.bell) {
            do {
                return .success(try await store.wait(for: sources, process: process, timeout: Self.waitTimeout))
            } catch {
                return .failure(error)
            }
        }
        self.wait = (process, errand)
    }

    private func noteEndOfWait() async {
        if self.registration?.result != nil { self.registration = nil }
        guard let result = self.wait?.errand.result else { return }
        self.wait = nil
        self.isDry = false
        switch result {
        case .success: self.outage.end(at: self.time.now)
        case .failure(let error):
            let delay = self.outage.failed(error, at: self.time.now)
            let time = self.time
            _ = await self.unlessStopped { try? await time.sleep(for: delay) }
        }
    }

    /// What `body` returns; nil as soon as the process goes quiet, or the service is told to stop or cancelled. `body` hears
    /// that as its own cancellation, and is not waited for.
    func unlessStopped<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value? {
        let (answers, continuation) = AsyncStream.makeStream(of: Value.self)
        // Unstructured, since a store that is away answers when it is back, and this returns before.
        let task = Task(executorPreference: self.time.executor) { continuation.yield(await body()) }
        let ticket = self.life.whenQuiet { continuation.finish() }
        defer {
            self.life.forgetQuiet(ticket)
            task.cancel()
        }
        return await withGracefulShutdownHandler {
            for await answer in answers { return answer }
            return nil
        } onGracefulShutdown: {
            continuation.finish()
        }
    }
}
