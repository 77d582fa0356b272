/// Ordered start.
extension SupervisorMachine {
    mutating func start() {
        guard case .idle = self.phase else { return }
        self.phase = .running
        self.startedAt = self.now
        for id in self.order {
            guard let child = self.children[id], case .pending = child.status else { continue }
            switch child.specification.when {
            case .always:
                self.setStatus(id, .pending)
                if self.specification.strategy.isDynamic { self.launch(id) }
            case .leader(let leadership):
                self.setStatus(id, .standby)
                self.actions.append(.watchLeadership(id, leadership))
            }
        }
    }

    /// Starts the next child whose turn it is: each waits for those before it to be ready.
    mutating func advanceStarts() {
        guard !self.specification.strategy.isDynamic, self.mayStart else { return }
        for id in self.order {
            guard let child = self.children[id] else { continue }
            switch child.status {
            case .pending:
                self.launch(id)
                return
            case .starting:
                return
            case .stopping:
                // In a group everything goes down before anything comes up.
                if self.specification.strategy.restartsGroups { return }
            case .running, .waiting, .blocked, .parked, .standby, .finished:
                break
            }
        }
    }

    /// Whether no group restart is in the way: its members have to be down and its backoff over.
    private var mayStart: Bool {
        guard self.specification.strategy.restartsGroups else { return true }
        return self.children.values.allSatisfy { child in
            if child.isMarked { return false }
            switch child.status {
            case .waiting, .blocked: return false
            case .stopping(let stop): return !stop.reason.isGroup
            case .pending, .starting, .running, .parked, .standby, .finished: return true
            }
        }
    }

    /// Starts a child again: at once, or in its turn where siblings depend on one another.
    mutating func relaunch(_ id: ChildID) {
        if self.specification.strategy.restartsGroups {
            self.setStatus(id, .pending)
        } else {
            self.launch(id)
        }
    }

    mutating func launch(_ id: ChildID) {
        guard let child = self.children[id] else { return }
        if child.specification.isExclusive, self.zombies.contains(where: { $0.id == id }) {
            self.setStatus(id, .blocked)
            self.note(id, .blockedByAbandoned)
            return
        }
        let generation = child.generation + 1
        self.children[id]?.generation = generation
        self.children[id]?.lastBeat = nil
        self.setStatus(id, .starting(since: self.now))
        self.note(id, .starting)
        if let limit = child.specification.readinessLimit { self.arm(id, after: limit) }
        self.actions.append(.launch(id, generation: generation, term: child.term))
    }

    mutating func becomeReady(_ id: ChildID, _ generation: UInt64) {
        guard let child = self.children[id], child.generation == generation, case .starting = child.status else {
            return
        }
        self.disarm(id)
        self.children[id]?.hasStarted = true
        self.setStatus(id, .running(since: self.now))
        self.note(id, .ready)
        if child.isProbing { self.arm(id, after: child.specification.backoff.resetAfter) }
        if let heartbeat = child.specification.heartbeat {
            self.children[id]?.heartbeatDue = self.now + heartbeat.interval
            self.children[id]?.heartbeatGrace = nil
            self.armHeartbeat(id, after: heartbeat.interval)
        }
        // Born into a tree that takes no new work: told as soon as there is somebody to tell.
        if self.isQuiet { self.actions.append(.quiet([id], announce: false)) }
    }

    /// Tells once that the ordered start is through: nobody is left who has yet to be tried.
    mutating func announceStart() {
        guard !self.hasAnnouncedStart else { return }
        let isThrough = self.children.values.allSatisfy { child in
            switch child.status {
            case .pending, .starting: child.hasStarted
            case .running, .stopping, .waiting, .blocked, .parked, .standby, .finished: true
            }
        }
        guard isThrough || self.specification.strategy.isDynamic else { return }
        self.hasAnnouncedStart = true
        self.note(.supervisorStarted)
        self.actions.append(.started)
    }

    /// Tells the children to take no new work, those started last first: they feed on those before them.
    mutating func becomeQuiet() {
        guard !self.isQuiet else { return }
        self.isQuiet = true
        let running = self.order.reversed().filter { id in
            if case .running = self.children[id]?.status { true } else { false }
        }
        self.actions.append(.quiet(running, announce: true))
    }
}

extension StopReason {
    var isGroup: Bool {
        if case .group = self { true } else { false }
    }
}
