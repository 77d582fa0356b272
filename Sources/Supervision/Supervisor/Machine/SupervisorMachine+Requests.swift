/// What may be asked of a running supervisor.
extension SupervisorMachine {
    mutating func take(_ request: Request, _ id: RequestID) {
        switch request {
        case .add(let specification): self.answer(id, self.add(specification))
        case .remove(let name): self.stop(name, id, .removed)
        case .terminate(let name): self.stop(name, id, .terminated)
        case .restart(let name, let generation): self.answer(id, self.restart(name, generation))
        case .resume(let name): self.answer(id, self.resume(name))
        }
    }

    private mutating func answer(_ id: RequestID, _ error: SupervisionError?) {
        self.actions.append(.answer(id, error))
    }

    private mutating func add(_ specification: ChildSpecification) -> SupervisionError? {
        if let refusal = self.refusalToChange() { return refusal }
        let check = SpecificationCheck(
            specification,
            of: self.specification,
            siblings: self.names.keys,
            path: self.path
        )
        guard check.faults.isEmpty else {
            return SupervisionError(
                .invalidSpecification,
                path: self.path,
                message: "\(specification.name) cannot be added",
                faults: check.faults
            )
        }
        if self.names[specification.name] != nil { return self.refusal("there is a child named \(specification.name)") }
        if case .dynamic(let maximum) = self.specification.strategy, self.order.count >= maximum {
            return self.refusal("it has its maximum of \(maximum) children")
        }
        self.enter(specification)
        return nil
    }

    private mutating func enter(_ specification: ChildSpecification) {
        let id = self.insert(specification)
        guard case .running = self.phase else { return }
        switch specification.when {
        case .always:
            self.relaunch(id)
        case .leader(let leadership):
            self.setStatus(id, .standby)
            self.actions.append(.watchLeadership(id, leadership))
        }
    }

    private mutating func stop(_ name: String, _ request: RequestID, _ reason: StopReason) {
        if let refusal = self.refusalToChange() { return self.answer(request, refusal) }
        guard let id = self.names[name], let child = self.children[id] else {
            return self.answer(request, self.unknown(name))
        }
        self.children[id]?.isMarked = false
        if child.status.isAlive { self.children[id]?.waitingForStop.append(request) }
        switch child.status {
        case .starting, .running:
            self.beginStop(id, reason)
        case .stopping(var stop):
            // Whoever asked for its removal is told that it is gone: it does not stay for somebody else's word.
            if case .removed = stop.reason { return }
            stop.reason = reason
            self.setStatus(id, .stopping(stop))
        case .pending, .waiting, .blocked, .parked, .standby, .finished:
            self.disarm(id)
            self.setStatus(id, .finished(.stopped))
            if case .removed = reason { self.remove(id) }
            self.answer(request, nil)
        }
    }

    /// A manual restart begins anew: it is counted nowhere, and the backoff starts at its first delay.
    private mutating func restart(_ name: String, _ generation: UInt64?) -> SupervisionError? {
        if let refusal = self.refusalToChange() { return refusal }
        guard let id = self.names[name], let child = self.children[id] else { return self.unknown(name) }
        if let generation, generation != child.generation { return nil }  // that incarnation has ended already
        self.children[id]?.attempt = 0
        switch child.status {
        case .starting, .running:
            self.beginStop(id, .requestedRestart)
        case .waiting, .parked, .finished:
            self.disarm(id)
            if child.isDependentOnLeadership, child.term == nil {
                self.setStatus(id, .standby)
            } else {
                self.relaunch(id)
            }
        case .pending, .stopping, .blocked, .standby:
            break  // it will start as soon as it may
        }
        return nil
    }

    private mutating func resume(_ name: String) -> SupervisionError? {
        if let refusal = self.refusalToChange() { return refusal }
        guard let id = self.names[name], let child = self.children[id] else { return self.unknown(name) }
        guard case .parked = child.status else { return self.refusal("\(name) is not parked") }
        self.disarm(id)
        self.unpark(id)
        self.relaunch(id)
        return nil
    }

    private func refusalToChange() -> SupervisionError? {
        switch self.phase {
        case .idle, .running: nil
        case .stopping: self.refusal("it is stopping")
        case .finished: self.refusal("it has stopped")
        }
    }

    private func refusal(_ why: String) -> SupervisionError {
        SupervisionError(.refused, path: self.path, message: "refused: \(why)")
    }

    private func unknown(_ name: String) -> SupervisionError {
        SupervisionError(.unknownChild, path: self.path, message: "there is no child named \(name)")
    }
}
