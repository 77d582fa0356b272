import ServiceLifecycle
import Supervision

/// What an inbox waits for, and what it does not.
extension Inbox {
    /// A resumed list or a lost signal is noticed after this time at most.
    private static let waitTimeout = Duration.seconds(5)

    /// Sleeps until there may be something to do: a message has come, the owner rings, a refused settlement is to be tried
    /// again, a suspect may run or is over, the process has or loses a lease, or it is time to stop.
    func rest(_ credit: Int) async {
        if self.ledger.claim(of: credit) > 0, !self.holder.isHeld { self.beginWaiting() }
        let (now, bell, time) = (self.time.now, self.waker.bell, self.time)
        let wake = [self.ledger.nextTry, self.waitAgain].compactMap(\.self).min()
        if let wake, wake <= now { return self.noteEndOfWait() }
        await withGracefulShutdownHandler {
            await bell.sleep(for: wake.map { $0 - now }, on: time)
        } onGracefulShutdown: {
            bell.ring()
        }
        self.noteEndOfWait()
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
        // What landed under the next identity nobody would claim: the inbox ends with its own.
        if let pinned, pinned != process { return self.waker.bell.ring() }
        if let wait, wait.process == process { return }
        guard self.waitAgain == nil else { return }
        let errand = Errand<Result<Bool, any Error>>.begin(on: self.time.executor, ringing: self.waker.bell) {
            do {
                return .success(try await store.wait(for: sources, process: process, timeout: Self.waitTimeout))
            } catch {
                return .failure(error)
            }
        }
        self.wait = (process, errand)
        self.hasWaited = true
    }

    private func noteEndOfWait() {
        if self.registration?.result != nil { self.registration = nil }
        if let waitAgain, waitAgain <= self.time.now {
            self.waitAgain = nil
            self.isDry = false
        }
        guard let result = self.wait?.errand.result else { return }
        self.wait = nil
        switch result {
        case .success:
            self.isDry = false
            self.outage.end(at: self.time.now)
        case .failure(let error):
            self.waitAgain = self.time.now + self.outage.failed(error, at: self.time.now)
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
