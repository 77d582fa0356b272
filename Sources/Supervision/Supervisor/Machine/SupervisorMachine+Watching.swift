/// Timers, signs of life, and office.
extension SupervisorMachine {
    mutating func timerFired(_ key: TimerKey, _ token: UInt64, lastBeat: Duration?) {
        switch key {
        case .state(let id):
            // A timer that fired while it was being disarmed has been overtaken.
            guard let child = self.children[id], child.stateToken == token else { return }
            self.children[id]?.lastBeat = lastBeat
            self.waitIsOver(child)
        case .heartbeat(let id):
            guard let child = self.children[id], child.heartbeatToken == token else { return }
            self.checkHeartbeat(child, lastBeat: lastBeat)
        case .stopLimit:
            guard self.stopLimitToken == token, case .stopping = self.phase else { return }
            self.stopLimitReached()
        }
    }

    private mutating func waitIsOver(_ child: ChildRecord) {
        switch child.status {
        case .waiting: self.relaunch(child.id)
        case .starting: self.beginStop(child.id, .notReady, cancelling: true)
        case .running: self.unpark(child.id)
        case .stopping(let stop): if stop.isCancelled { self.abandon(child.id) } else { self.cancel(child.id) }
        case .parked: self.probe(child.id)
        case .pending, .blocked, .standby, .finished: break
        }
    }

    /// Looks whether the child has beaten lately. If this look itself comes late by more than an interval, the machine was
    /// halted, and the child with it: everybody gets a new chance.
    private mutating func checkHeartbeat(_ child: ChildRecord, lastBeat: Duration?) {
        guard let heartbeat = child.specification.heartbeat, case .running(let since) = child.status else { return }
        let due = child.heartbeatDue
        self.children[child.id]?.heartbeatDue = self.now + heartbeat.interval
        if let due, self.now - due >= heartbeat.interval {
            self.children[child.id]?.heartbeatGrace = self.now
        }
        let grace = self.children[child.id]?.heartbeatGrace ?? since
        let silence = self.now - max(since, lastBeat ?? since, grace)
        guard silence >= heartbeat.patience else {
            self.armHeartbeat(child.id, after: heartbeat.interval)
            return
        }
        self.note(child.id, .heartbeatMissed(silence: silence))
        self.beginStop(child.id, .heartbeat(silence: silence), cancelling: true)
    }

    mutating func leadershipChanged(_ id: ChildID, _ state: LeadershipState) {
        guard let child = self.children[id], case .running = self.phase else { return }
        let term: UInt64? = if case .leader(let term) = state { term } else { nil }
        guard term != child.term else { return }
        self.children[id]?.term = term
        self.note(id, .leadership(term: term))
        switch child.status {
        case .standby:
            if term != nil { self.relaunch(id) }
        case .starting, .running:
            self.beginStop(id, .leadership)
        case .pending, .waiting, .blocked:
            guard term == nil else { return }
            self.disarm(id)
            self.setStatus(id, .standby)
        case .stopping, .parked, .finished:
            break  // a stop under way looks at the term when it is through
        }
    }
}
