/// The ladder for one child, and the ordered stop of all.
extension SupervisorMachine {
    /// Starts to take a child down.
    mutating func beginStop(_ id: ChildID, _ reason: StopReason, cancelling: Bool = false) {
        guard let child = self.children[id] else { return }
        self.disarmHeartbeat(id)
        self.setStatus(id, .stopping(ChildStatus.Stop(reason: reason, isCancelled: false, since: self.now)))
        if cancelling || child.specification.stop.graceful == .zero {
            self.cancel(id)
        } else {
            self.note(id, .stopping(cancelled: false))
            self.actions.append(.requestStop(id, generation: child.generation))
            self.arm(id, after: child.specification.stop.graceful)
        }
    }

    /// The second rung.
    mutating func cancel(_ id: ChildID) {
        guard let child = self.children[id], case .stopping(var stop) = child.status, !stop.isCancelled else { return }
        stop.isCancelled = true
        self.setStatus(id, .stopping(stop))
        self.note(id, .stopping(cancelled: true))
        self.actions.append(.cancel(id, generation: child.generation))
        if child.specification.stop.cancel == .zero {
            self.abandon(id)
        } else {
            self.arm(id, after: child.specification.stop.cancel)
        }
    }

    /// The last: the child is left running, and life goes on without it.
    mutating func abandon(_ id: ChildID) {
        guard let child = self.children[id], case .stopping(let stop) = child.status else { return }
        let waited = self.now - stop.since
        self.disarm(id)
        self.zombies.append(
            Zombie(
                id: id,
                path: child.path,
                generation: child.generation,
                waited: waited,
                silence: child.lastBeat.map { self.now - $0 }
            )
        )
        self.note(id, .abandoned(after: waited))
        self.actions.append(.abandon(id, generation: child.generation))
        if case .exitProcess(let code) = child.specification.stop.then { self.actions.append(.exitProcess(code: code)) }
        self.stopped(id, stop.reason, nil)
    }

    /// A child that was being stopped has ended, or was abandoned (no exit).
    mutating func stopped(_ id: ChildID, _ reason: StopReason, _ exit: Exit?) {
        self.children[id]?.isMarked = false
        if case .threw(let error, _) = exit, !(error is CancellationError) { self.note(id, .shutdownError(error)) }
        if exit != nil { self.note(id, .stopped) }
        if case .stopping = self.phase {
            self.setStatus(id, .finished(.stopped))
            self.answerStopped(id)
        } else {
            self.goOn(id, after: reason)
        }
    }

    private mutating func goOn(_ id: ChildID, after reason: StopReason) {
        guard let child = self.children[id] else { return }
        switch reason {
        case .supervisor, .terminated:
            self.setStatus(id, .finished(.stopped))
            self.answerStopped(id)
        case .removed:
            self.remove(id)
        case .group:
            self.rejoin(child)
        case .notReady:
            self.failed(child, .notReady(within: child.specification.readinessLimit ?? .zero))
        case .heartbeat(let silence):
            self.failed(child, .heartbeatMissed(silence: silence))
        case .requestedRestart:
            self.relaunch(id)
        case .leadership:
            if child.term == nil { self.setStatus(id, .standby) } else { self.relaunch(id) }
        }
    }

    /// A member of a group restart is down: temporary ones are gone with that, the others wait for their turn.
    private mutating func rejoin(_ child: ChildRecord) {
        if child.specification.restart == .temporary {
            self.remove(child.id)
        } else if child.isDependentOnLeadership, child.term == nil {
            self.setStatus(child.id, .standby)
        } else {
            self.setStatus(child.id, .pending)
        }
    }

    /// A child was taken down because of a failure of its own.
    private mutating func failed(_ child: ChildRecord, _ reason: FailureReason) {
        self.record(reason, child.id)
        guard child.specification.restart != .temporary else {
            self.setStatus(child.id, .finished(.failed))
            self.remove(child.id)
            return
        }
        if case .heartbeatMissed = reason, child.specification.heartbeat?.then == .escalate {
            self.setStatus(child.id, .finished(.failed))
            self.giveUp(child.id, code: .escalated, policy: .escalate)
        } else if self.isFailedFirstStart(child) {
            self.failStart(child.id, reason)
        } else {
            self.restart(child.id, immediately: false)
        }
    }

    /// Stops everything in order; in the end `run()` throws `error`, or returns without one.
    mutating func beginShutdown(cancelling: Bool, error: SupervisionError?) {
        switch self.phase {
        case .finished:
            return
        case .stopping(let wasCancelling, let first):
            self.phase = .stopping(cancelling: cancelling || wasCancelling, first ?? error)
        case .idle, .running:
            self.phase = .stopping(cancelling: cancelling, error)
            if let limit = self.specification.effectiveStopLimit { self.armStopLimit(after: limit) }
            for id in self.order { self.callOff(id) }
        }
    }

    /// A child that has no incarnation will not get one any more.
    private mutating func callOff(_ id: ChildID) {
        guard let child = self.children[id] else { return }
        self.children[id]?.isMarked = false
        if child.status.isAlive { return }
        self.disarm(id)
        if case .finished = child.status { return }
        self.setStatus(id, .finished(.stopped))
    }

    mutating func advanceShutdown() {
        guard case .stopping(let cancelling, let error) = self.phase else { return }
        for id in self.order.reversed() {
            guard let child = self.children[id], child.status.isAlive else { continue }
            self.urge(child, cancelling: cancelling)
            let isStillAlive = self.children[id]?.status.isAlive ?? false
            if isStillAlive, !self.specification.strategy.isDynamic { return }
        }
        guard !self.children.values.contains(where: \.status.isAlive) else { return }
        self.finish(error)
    }

    private mutating func urge(_ child: ChildRecord, cancelling: Bool) {
        switch child.status {
        case .starting, .running:
            self.beginStop(child.id, .supervisor, cancelling: cancelling)
        case .stopping(let stop):
            if cancelling, !stop.isCancelled { self.cancel(child.id) }
        case .pending, .waiting, .blocked, .parked, .standby, .finished:
            break
        }
    }

    /// The whole supervisor has used up its time: what still runs is cancelled and left.
    mutating func stopLimitReached() {
        for id in self.order.reversed() {
            guard let child = self.children[id], child.status.isAlive else { continue }
            self.urge(child, cancelling: true)
            self.abandon(id)
        }
    }

    private mutating func finish(_ error: SupervisionError?) {
        self.phase = .finished
        self.actions.append(.disarm(.stopLimit))
        for id in self.order { self.answerStopped(id) }
        self.note(.supervisorStopped(self.unstopped))
        self.actions.append(.finish(error))
    }

    mutating func answerStopped(_ id: ChildID) {
        for request in self.children[id]?.waitingForStop ?? [] { self.actions.append(.answer(request, nil)) }
        self.children[id]?.waitingForStop = []
    }

    /// What was abandoned and still runs.
    var unstopped: UnstoppedReport {
        UnstoppedReport(
            entries: self.zombies.map { zombie in
                UnstoppedReport.Entry(
                    path: zombie.path,
                    generation: zombie.generation,
                    secondsWaited: zombie.waited / .seconds(1),
                    secondsSinceLastBeat: zombie.silence.map { $0 / .seconds(1) }
                )
            }
        )
    }
}
