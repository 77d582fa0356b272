import DequeModule
import Logging
import ServiceLifecycle
import Synchronization

/// Does what the machine says. Called by the loop only, so actions happen in the order they were decided.
extension Supervisor {
    func perform(_ action: MachineAction, _ own: Incarnation?) {
        switch action {
        case .launch(let id, let generation, let term): self.launch(id, generation, term)
        case .requestStop(let id, let generation): self.runner(id, generation)?.requestStop()
        case .cancel(let id, let generation): self.runner(id, generation)?.cancel()
        case .abandon(let id, let generation): self.letGo(id, generation)
        case .arm(let key, let token, let delay): self.arm(key, token, delay)
        case .disarm(let key): self.shell.withLock { $0.timers.removeValue(forKey: key) }?.cancel()
        case .quiet(let ids, let announce): self.quiet(ids, announce: announce)
        case .note(let path, let generation, let kind): self.publish(path, generation, kind)
        case .announce(let name, let id, let state): self.announce(name, id, state)
        case .watchLeadership(let id, let leadership): self.watch(leadership, id)
        case .forget(let id, let child): self.forget(id, child)
        case .exitProcess(let code): self.environment.exitProcess(code)
        case .terminateTree(let error): self.environment.terminateTree(error)
        case .answer(let id, let error): self.answer(id, error)
        case .pulse(let body): body()
        case .started: own?.ready()
        case .finish(let error): self.finish(error)
        }
    }

    private func launch(_ id: ChildID, _ generation: UInt64, _ term: UInt64?) {
        let child = self.machine.withLock { $0.children[id].map { ($0.path, $0.specification) } }
        guard let (path, specification) = child else { return }
        let runner = IncarnationRunner(
            IncarnationLaunch(id: id, generation: generation, term: term, path: path, specification: specification),
            owner: self.owner(id),
            environment: self.environment
        ) { [weak self] input in
            self?.tell(input)
        }
        self.shell.withLock { $0.runners[id] = runner }
        specification.mailbox?.incarnationStarts(generation) { [weak self] reason in
            self?.publish(path, generation, .dropped(reason: reason))
        }
        runner.start()
    }

    private func owner(_ id: ChildID) -> RegistryOwner {
        RegistryOwner(supervisor: self.number, child: id)
    }

    private func runner(_ id: ChildID, _ generation: UInt64) -> IncarnationRunner? {
        self.shell.withLock { $0.runners[id] }.flatMap { $0.incarnation.generation == generation ? $0 : nil }
    }

    /// An abandoned incarnation keeps itself alive as long as its task runs; nobody talks to it any more.
    private func letGo(_ id: ChildID, _ generation: UInt64) {
        guard self.runner(id, generation) != nil else { return }
        self.shell.withLock { $0.runners[id] = nil }
    }

    private func arm(_ key: TimerKey, _ token: UInt64, _ delay: Duration) {
        let timer = self.environment.time.schedule(after: delay) { [weak self] in
            guard let self else { return }
            self.tell(.timer(key, token: token, lastBeat: self.lastBeat(key)))
        }
        let previous = self.shell.withLock { $0.timers.updateValue(timer, forKey: key) }
        previous?.cancel()
    }

    private func lastBeat(_ key: TimerKey) -> Duration? {
        switch key {
        case .heartbeat(let id), .state(let id): self.shell.withLock { $0.runners[id] }?.incarnation.lastBeat
        case .stopLimit: nil
        }
    }

    private func announce(_ name: String, _ id: ChildID, _ state: RegistryState) {
        var service: (any Service)?
        if case .running = state { service = self.shell.withLock { $0.runners[id] }?.service }
        let isOurs = self.registry.update(name, owner: self.owner(id), state: state, service: service)
        guard !isOurs else { return }
        self.environment.logger.warning(
            "A name is registered by another child",
            metadata: ["service.name": "\(self.path)", "service.registered": "\(name)"]
        )
    }

    private func watch(_ leadership: any Leadership, _ id: ChildID) {
        // Off the pool, like everything that decides who may run; ends with the child.
        let task = Task.detached(executorPreference: self.environment.time.executor) { [weak self] in
            for await state in leadership.changes() { self?.tell(.leadership(id, state)) }
        }
        self.shell.withLock { $0.officeTasks.updateValue(task, forKey: id) }?.cancel()
    }

    private func forget(_ id: ChildID, _ child: ChildSpecification) {
        let task = self.shell.withLock { shell in
            shell.runners[id] = nil
            for key in [TimerKey.state(id), .heartbeat(id)] { shell.timers.removeValue(forKey: key)?.cancel() }
            return shell.officeTasks.removeValue(forKey: id)
        }
        task?.cancel()
        if let name = child.registeredName { self.registry.release(name, owner: self.owner(id)) }
        child.mailbox?.close()
    }

    private func answer(_ id: RequestID, _ error: SupervisionError?) {
        guard let continuation = self.shell.withLock({ $0.answers.removeValue(forKey: id) }) else { return }
        if let error {
            continuation.resume(throwing: error)
        } else {
            continuation.resume()
        }
    }

    private func finish(_ error: SupervisionError?) {
        let rest = self.shell.withLock { shell in
            let rest = shell
            shell = ShellState()
            shell.isFinished = true
            shell.error = error
            return rest
        }
        let late = self.inbox.close()
        for timer in rest.timers.values { timer.cancel() }
        for task in rest.officeTasks.values { task.cancel() }
        for waiter in rest.quietWaiters { waiter.resume() }
        for continuation in rest.answers.values { continuation.resume(throwing: self.hasStopped) }
        let children = self.machine.withLock { $0.children.mapValues(\.specification) }
        for (id, child) in children {
            if let name = child.registeredName { self.registry.release(name, owner: self.owner(id)) }
            child.mailbox?.close()
        }
        for input in late { self.takeLate(input) }
    }
}
