/// Restarts, and giving up.
extension SupervisorMachine {
    /// Starts a child that failed again, if its intensity allows, with those that go down with it.
    mutating func restart(_ id: ChildID, immediately: Bool) {
        guard let child = self.children[id] else { return }
        if child.isProbing {
            self.park(id)
            return
        }
        if self.hasProvedHealthy(child) { self.children[id]?.attempt = 0 }
        guard self.countRestart(id) else {
            self.setStatus(id, .finished(.failed))
            self.giveUp(id, code: .gaveUp, policy: self.giveUpPolicy(child))
            return
        }
        self.children[id]?.restarts += 1
        self.markGroup(with: id)
        self.scheduleRestart(id, immediately: immediately)
    }

    private mutating func scheduleRestart(_ id: ChildID, immediately: Bool) {
        guard let child = self.children[id] else { return }
        let random = self.random.unit()
        let delay = immediately ? .zero : child.specification.backoff.delay(attempt: child.attempt, random: random)
        self.children[id]?.attempt += 1
        self.note(id, .restarting(after: delay))
        if delay == .zero {
            self.relaunch(id)
        } else {
            self.setStatus(id, .waiting(until: self.now + delay))
            self.arm(id, after: delay)
        }
    }

    /// Only running without interruption proves health, not having started.
    private func hasProvedHealthy(_ child: ChildRecord) -> Bool {
        guard case .running(let since) = child.status else { return false }
        return self.now - since >= child.specification.backoff.resetAfter
    }

    /// Counts in the child's own window where it has one or is to be parked, so that it uses up nobody else's; else in the
    /// supervisor's.
    private mutating func countRestart(_ id: ChildID) -> Bool {
        guard let child = self.children[id] else { return false }
        let isAllowedForItself = self.children[id]?.window.record(at: self.now) ?? false
        if child.specification.intensity != nil { return isAllowedForItself }
        if case .park = self.giveUpPolicy(child) { return isAllowedForItself }
        return self.window.record(at: self.now)
    }

    func giveUpPolicy(_ child: ChildRecord) -> GiveUpPolicy {
        child.specification.giveUp ?? self.specification.giveUp
    }

    mutating func giveUp(_ id: ChildID, code: SupervisionError.Code, policy: GiveUpPolicy) {
        guard let child = self.children[id] else { return }
        switch policy {
        case .park:
            self.park(id)
        case .escalate:
            let error = self.givenUp(child, code, exitCode: nil)
            self.note(.gaveUp(error))
            self.beginShutdown(cancelling: false, error: error)
        case .terminate(let exitCode):
            let error = self.givenUp(child, code, exitCode: exitCode)
            self.note(.gaveUp(error))
            self.actions.append(.terminateTree(error))
        }
    }

    private func givenUp(_ child: ChildRecord, _ code: SupervisionError.Code, exitCode: Int32?) -> SupervisionError {
        let name = child.specification.name
        let intensity = child.specification.intensity ?? self.specification.intensity
        let message =
            switch code {
            case .gaveUp:
                "gave up, because \(name) failed again after \(intensity.limit) restarts in \(intensity.window)"
            case .escalated: "ended by an error of \(name)"
            default: "the tree was ended by \(name)"
            }
        let cause = child.history.last?.reason.error
        let inner = (cause as? SupervisionError)?.exitCode
        return SupervisionError(
            code,
            path: self.path,
            message: message,
            cause: cause,
            history: child.history,
            exitCode: exitCode ?? inner
        )
    }

    /// Opens the circuit: the child stays down, its siblings go on.
    mutating func park(_ id: ChildID) {
        guard let child = self.children[id] else { return }
        var retryAfter: Duration?
        if case .park(let duration) = self.giveUpPolicy(child) { retryAfter = duration }
        self.children[id]?.isProbing = false
        self.setStatus(id, .parked(until: retryAfter.map { self.now + $0 }))
        self.note(id, .parked(retryAfter: retryAfter))
        if let retryAfter { self.arm(id, after: retryAfter) }
    }

    /// Tries a parked child once: it has to prove healthy before it counts as back.
    mutating func probe(_ id: ChildID) {
        self.children[id]?.isProbing = true
        self.note(id, .probing)
        self.relaunch(id)
    }

    /// Closes the circuit.
    mutating func unpark(_ id: ChildID) {
        self.children[id]?.isProbing = false
        self.children[id]?.attempt = 0
        self.children[id]?.window.reset()
        self.note(id, .unparked)
    }

    /// Marks those that go down with a child that failed. Who is down already comes up with it; who has ended for good, is
    /// parked or waits for office stays as it is.
    private mutating func markGroup(with id: ChildID) {
        for other in RestartGroup.others(with: id, strategy: self.specification.strategy, in: self.order) {
            switch self.children[other]?.status {
            case .starting, .running:
                self.children[other]?.isMarked = true
            case .waiting, .blocked:
                self.disarm(other)
                self.setStatus(other, .pending)
            case .stopping(var stop):
                guard stop.reason.yieldsToGroup else { continue }
                stop.reason = .group
                self.setStatus(other, .stopping(stop))
            case .pending, .parked, .standby, .finished, nil:
                break
            }
        }
    }

    /// Stops the marked ones in reverse, one at a time.
    mutating func advanceGroupStops() {
        while let id = self.nextGroupStop {
            self.children[id]?.isMarked = false
            self.beginStop(id, .group)
        }
    }

    private var nextGroupStop: ChildID? {
        guard self.specification.strategy.restartsGroups else { return nil }
        let isBusy = self.children.values.contains { child in
            if case .stopping(let stop) = child.status { stop.reason.isGroup } else { false }
        }
        return isBusy ? nil : self.order.last { self.children[$0]?.isMarked == true }
    }
}

extension StopReason {
    /// Whether a stop under way becomes part of a group restart.
    var yieldsToGroup: Bool {
        switch self {
        case .notReady, .heartbeat, .requestedRestart, .group: true
        case .supervisor, .terminated, .removed, .leadership: false
        }
    }
}
