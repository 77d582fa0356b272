import Synchronization

/// The quiet phase.
extension Supervisor {
    /// Tells children one after the other, each no longer than the graceful part of its stop budget.
    func quiet(_ ids: [ChildID], announce: Bool) {
        let runners = self.shell.withLock { shell in ids.compactMap { shell.runners[$0] } }
        // The loop must not wait for hooks: it has to hear a stop meanwhile. Nobody needs this task after its last step.
        _ = Task.detached(executorPreference: self.environment.time.executor) {
            for runner in runners { await runner.quiet(self.environment.time) }
            if announce { self.isQuietNow() }
        }
    }

    private func isQuietNow() {
        self.publish(self.path, 0, .quiet)
        let waiters = self.shell.withLock { shell in
            shell.isQuiet = true
            defer { shell.quietWaiters = [] }
            return shell.quietWaiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension IncarnationRunner {
    /// Tells the service to take no new work; a hook that hangs is left behind.
    func quiet(_ time: any Timekeeper) async {
        guard let hook = self.quietHook else { return }
        let wakeUp = WakeUp()
        // On the child's own executor, since it is the child's code; unstructured so that it can be left behind.
        _ = Task.detached(executorPreference: self.executor) {
            await hook()
            wakeUp.resume(cancelled: false)
        }
        let timer = time.schedule(after: self.launch.specification.stop.graceful) { wakeUp.resume(cancelled: true) }
        defer { timer.cancel() }
        try? await wakeUp.wait()
    }

    private var quietHook: (@Sendable () async -> Void)? {
        if let hook = self.launch.specification.quiet { return hook }
        if let supervisor = self.service as? Supervisor { return { await supervisor.quietAndWait() } }
        if let service = self.service as? any Quieting { return { await service.quiet() } }
        return nil
    }
}
