import Synchronization

/// What may be asked of a supervisor from outside, from any thread.
extension Supervisor {
    /// Stops all children in reverse order, each by its own ladder. Returns at once; ``run()`` returns when it is done.
    /// Asking again changes nothing.
    public func stop() {
        self.tell(.stop(cancelling: false))
    }

    /// Stops all children in reverse order, cancelling each instead of asking it first; also when a stop is under way. Returns
    /// at once.
    public func stopNow() {
        self.tell(.stop(cancelling: true))
    }

    /// Tells all children to take no new work, those started last first. Returns at once.
    public func quiet() {
        self.tell(.quiet)
    }

    /// Tells all children to take no new work, and waits until each has heard it or has had its time.
    public func quietAndWait() async {
        self.quiet()
        await withCheckedContinuation { continuation in
            let isOver = self.shell.withLock { shell in
                if shell.isQuiet || shell.isFinished { return true }
                shell.quietWaiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Adds a child at the end, and starts it.
    ///
    /// It returns when the child is accepted, not when it is ready (``ServiceRegistry/await(_:within:)`` waits for that). A
    /// failing first start is a failure like any later one.
    ///
    /// - Throws: ``SupervisionError``: its specification has faults, a child or a registered service has its name, the
    ///   supervisor is full or stops.
    public func add(_ child: ChildSpecification) async throws {
        let isFree = child.registeredName.map { self.registry.isFree($0) } ?? true
        guard isFree else {
            throw SupervisionError(.refused, path: self.path, message: "refused: \(child.name) is registered elsewhere")
        }
        try await self.request(.add(child))
    }

    /// Stops a child and takes it out of the tree; returns when it is gone.
    ///
    /// - Parameter name: A child's name, or its path below this supervisor: `plugins/mailer`.
    /// - Throws: ``SupervisionError`` when there is none or the supervisor stops.
    public func remove(_ name: String) async throws {
        try await self.request(on: name) { .remove($0) }
    }

    /// Stops a child and leaves it in the tree; ``restart(_:)`` starts it again. Returns when it has stopped.
    public func terminate(_ name: String) async throws {
        try await self.request(on: name) { .terminate($0) }
    }

    /// Stops a child if it runs and starts it again, without counting that as a failure. Returns at once.
    public func restart(_ name: String) async throws {
        try await self.request(on: name) { .restart($0, generation: nil) }
    }

    /// Tries a parked child again now, with a clean record.
    public func resume(_ name: String) async throws {
        try await self.request(on: name) { .resume($0) }
    }

    /// What happens in this tree from now on.
    ///
    /// - Parameter capacity: How many events are kept for a reader that is slow; the oldest are dropped and counted then.
    public func events(capacity: Int = 1_024) -> EventSubscription {
        self.environment.events.subscribe(capacity: capacity)
    }

    /// What was abandoned and still runs, of this supervisor's own children.
    public var unstopped: UnstoppedReport { self.machine.withLock { $0.unstopped } }

    /// How many exits arrived of incarnations that nobody knew; each is an event, too.
    public var staleExits: Int { self.machine.withLock { $0.staleExits } }

    private func request(on path: String, _ make: (String) -> Request) async throws {
        guard let slash = path.firstIndex(of: "/") else {
            return try await self.request(make(path))
        }
        let first = String(path[..<slash])
        guard let nested = self.nested(first) else {
            throw SupervisionError(
                .unknownChild,
                path: self.path,
                message: "there is no running supervisor named \(first)"
            )
        }
        try await nested.request(on: String(path[path.index(after: slash)...]), make)
    }

    /// The supervisor that runs at this path below this one now: `plugins`. A restart makes another one of it, so it is
    /// looked up at each use.
    public func supervisor(at path: String) -> Supervisor? {
        path.split(separator: "/").reduce(Optional(self)) { $0?.nested(String($1)) }
    }

    /// The supervisor that runs as the child of that name.
    private func nested(_ name: String) -> Supervisor? {
        guard let id = self.machine.withLock({ $0.names[name] }) else { return nil }
        return self.shell.withLock { $0.runners[id] }?.service as? Supervisor
    }

    private func request(_ request: Request) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let id: RequestID? = self.shell.withLock { shell in
                guard !shell.isFinished else { return nil }
                shell.lastRequest += 1
                let id = RequestID(rawValue: shell.lastRequest)
                shell.answers[id] = continuation
                return id
            }
            if let id {
                self.tell(.request(id, request))
            } else {
                continuation.resume(throwing: self.hasStopped)
            }
        }
    }

    var hasStopped: SupervisionError {
        SupervisionError(.refused, path: self.path, message: "refused: it has stopped")
    }
}
