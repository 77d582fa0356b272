/// What the end of an incarnation leads to.
extension SupervisorMachine {
    mutating func exited(_ id: ChildID, _ generation: UInt64, _ exit: Exit) {
        if self.buryZombie(id, generation) { return }
        guard let child = self.children[id], child.generation == generation, child.status.isAlive else {
            self.staleExits += 1
            self.actions.append(.note(path: self.children[id]?.path ?? self.path, generation: generation, .staleExit))
            return
        }
        self.disarm(id)
        self.disarmHeartbeat(id)
        if case .stopping(let stop) = child.status {
            self.stopped(id, stop.reason, exit)
        } else if case .stopping = self.phase {
            self.stopped(id, .supervisor, exit)
        } else if child.isMarked {
            // It was about to be stopped with its group: its own failure is part of that restart and counts no more.
            self.stopped(id, .group, exit)
        } else {
            self.endedByItself(child, exit)
        }
    }

    /// An abandoned incarnation has ended: whoever waited for that may start.
    private mutating func buryZombie(_ id: ChildID, _ generation: UInt64) -> Bool {
        guard let index = self.zombies.firstIndex(where: { $0.id == id && $0.generation == generation }) else {
            return false
        }
        let zombie = self.zombies.remove(at: index)
        self.actions.append(.note(path: zombie.path, generation: generation, .abandonedEnded))
        if case .blocked = self.children[id]?.status { self.relaunch(id) }
        return true
    }

    private mutating func endedByItself(_ child: ChildRecord, _ exit: Exit) {
        let reason = self.reason(of: exit, child)
        switch self.decide(child, exit) {
        case .leave:
            if case .threw = exit { self.record(reason, child.id) }
            self.leave(child.id)
        case .restart(let immediately):
            self.record(reason, child.id)
            if self.isFailedFirstStart(child) {
                self.failStart(child.id, reason)
            } else {
                self.restart(child.id, immediately: immediately)
            }
        case .escalate:
            self.record(reason, child.id)
            self.setStatus(child.id, .finished(.failed))
            self.giveUp(child.id, code: .escalated, policy: .escalate)
        case .terminateTree:
            self.record(reason, child.id)
            self.setStatus(child.id, .finished(.failed))
            self.giveUp(child.id, code: .terminated, policy: .terminate(exitCode: 1))
        }
    }

    /// A service that returns before it was ready has failed to start, whatever its restart policy says about returning.
    private func decide(_ child: ChildRecord, _ exit: Exit) -> ExitDecision {
        if case .starting = child.status, case .returned = exit {
            return child.specification.restart == .temporary ? .leave : .restart(immediately: false)
        }
        return ExitDecision.decide(child.specification.restart, exit)
    }

    private func reason(of exit: Exit, _ child: ChildRecord) -> FailureReason {
        if case .starting = child.status {
            return switch exit {
            case .returned: .returnedBeforeReady
            case .threw(let error, _): .startFailed(error)
            }
        }
        return switch exit {
        case .returned: .returnedUnexpectedly
        case .threw(let error, _): .threw(error)
        }
    }

    func isFailedFirstStart(_ child: ChildRecord) -> Bool {
        !self.hasAnnouncedStart && !child.hasStarted && self.specification.effectiveFirstStart == .failFast
    }

    /// The child has done its work, or is not to be started again.
    private mutating func leave(_ id: ChildID) {
        guard let child = self.children[id] else { return }
        self.setStatus(id, .finished(.done))
        self.note(id, .finished)
        if child.specification.restart == .temporary || self.specification.strategy.isDynamic { self.remove(id) }
        if child.specification.isSignificant, self.isTimeToShutDown {
            self.beginShutdown(cancelling: false, error: nil)
        }
    }

    private var isTimeToShutDown: Bool {
        switch self.specification.automaticShutdown {
        case .never: return false
        case .anySignificant: return true
        case .allSignificant:
            return !self.children.values.contains { child in
                if case .finished = child.status { return false }
                return child.specification.isSignificant
            }
        }
    }

    mutating func record(_ reason: FailureReason, _ id: ChildID) {
        guard let child = self.children[id] else { return }
        self.children[id]?.remember(
            FailureRecord(path: child.path, generation: child.generation, time: self.now, reason: reason)
        )
        self.note(id, .failed(reason))
    }

    mutating func failStart(_ id: ChildID, _ reason: FailureReason) {
        guard let child = self.children[id] else { return }
        self.setStatus(id, .finished(.failed))
        let error = SupervisionError(
            .startFailed,
            path: self.path,
            message: "not started, because \(child.specification.name) could not be started",
            cause: reason.error,
            history: child.history
        )
        self.beginShutdown(cancelling: false, error: error)
    }
}
