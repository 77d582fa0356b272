/// A supervisor without tasks and without a clock: told what happened, it says what to do.
///
/// It decides everything: who starts when, what a failure leads to, which rung of the ladder is next. ``Supervisor`` feeds
/// it one input at a time and performs the actions it returns. A wait is a status with a timer, never a suspended
/// function, so each one ends at once when something else matters more.
struct SupervisorMachine: Sendable {
    /// How far along the supervisor is.
    enum Phase: Sendable {
        case idle
        case running
        case stopping(cancelling: Bool, SupervisionError?)
        case finished
    }

    let specification: SupervisorSpecification
    let path: String
    /// What its jitter began with.
    let seed: UInt64
    var phase = Phase.idle
    var children: [ChildID: ChildRecord] = [:]
    /// The children in the order they are started.
    var order: [ChildID] = []
    var names: [String: ChildID] = [:]
    var zombies: [Zombie] = []
    var window: RestartWindow
    var random: RandomNumbers
    var isQuiet = false
    var hasAnnouncedStart = false
    var startedAt: Duration?
    /// Exits of incarnations that nobody knew.
    var staleExits = 0
    /// The time of the input that is being handled.
    var now = Duration.zero
    var actions: [MachineAction] = []
    private var lastID = 0
    private var lastToken: UInt64 = 0
    var stopLimitToken: UInt64 = 0

    init(_ specification: SupervisorSpecification, path: String, seed: UInt64) {
        self.specification = specification
        self.path = path
        self.seed = seed
        self.window = RestartWindow(specification.intensity)
        self.random = RandomNumbers(seed: seed)
        for child in specification.startOrder { self.insert(child) }
    }

    /// Takes in one thing that happened.
    ///
    /// - Parameters:
    ///   - input: What happened.
    ///   - now: When.
    /// - Returns: What to do, in this order.
    mutating func handle(_ input: MachineInput, at now: Duration) -> [MachineAction] {
        self.now = now
        self.take(input)
        self.advance()
        defer { self.actions = [] }
        return self.actions
    }

    private mutating func take(_ input: MachineInput) {
        switch input {
        case .start: self.start()
        case .ready(let id, let generation): self.becomeReady(id, generation)
        case .exited(let id, let generation, let exit): self.exited(id, generation, exit)
        case .timer(let key, let token, let lastBeat): self.timerFired(key, token, lastBeat: lastBeat)
        case .leadership(let id, let state): self.leadershipChanged(id, state)
        case .stop(let cancelling): self.beginShutdown(cancelling: cancelling, error: nil)
        case .fail(let error): self.beginShutdown(cancelling: false, error: error)
        case .quiet: self.becomeQuiet()
        case .request(let id, let request): self.take(request, id)
        case .pulse(let body): self.actions.append(.pulse(body))
        }
    }

    /// Does the next steps of what is under way: stops before starts, one at a time where order counts.
    private mutating func advance() {
        switch self.phase {
        case .idle, .finished:
            break
        case .running:
            self.advanceGroupStops()
            self.advanceStarts()
            self.announceStart()
        case .stopping:
            self.advanceShutdown()
        }
    }

    /// Enters a child at the end of the order.
    @discardableResult
    mutating func insert(_ specification: ChildSpecification) -> ChildID {
        self.lastID += 1
        let id = ChildID(rawValue: self.lastID)
        self.children[id] = ChildRecord(
            id: id,
            path: "\(self.path)/\(specification.name)",
            specification: specification,
            window: RestartWindow(specification.intensity ?? self.specification.intensity)
        )
        self.order.append(id)
        self.names[specification.name] = id
        return id
    }

    /// Strikes a child out.
    mutating func remove(_ id: ChildID) {
        guard let child = self.children.removeValue(forKey: id) else { return }
        if let index = self.order.firstIndex(of: id) { self.order.remove(at: index) }
        if self.names[child.specification.name] == id { self.names[child.specification.name] = nil }
        self.actions.append(.forget(id, child.specification))
        // Only now is its name free for whoever waited for that.
        for request in child.waitingForStop { self.actions.append(.answer(request, nil)) }
    }

    /// Changes a child's status, and tells the registry if that changes what its name stands for.
    mutating func setStatus(_ id: ChildID, _ status: ChildStatus) {
        guard var child = self.children[id] else { return }
        child.status = status
        let state = RegistryState(status, generation: child.generation)
        if state != child.announced {
            child.announced = state
            if let name = child.specification.registeredName { self.actions.append(.announce(name, id, state)) }
        }
        self.children[id] = child
    }

    mutating func note(_ id: ChildID, _ kind: SupervisionEvent.Kind) {
        guard let child = self.children[id] else { return }
        self.actions.append(.note(path: child.path, generation: child.generation, kind))
    }

    /// Notes something about the supervisor itself.
    mutating func note(_ kind: SupervisionEvent.Kind) {
        self.actions.append(.note(path: self.path, generation: 0, kind))
    }

    /// Sets the timer of the child's status; an earlier one no longer counts.
    mutating func arm(_ id: ChildID, after delay: Duration) {
        self.lastToken += 1
        self.children[id]?.stateToken = self.lastToken
        self.actions.append(.arm(.state(id), token: self.lastToken, after: delay))
    }

    mutating func armHeartbeat(_ id: ChildID, after delay: Duration) {
        self.lastToken += 1
        self.children[id]?.heartbeatToken = self.lastToken
        self.actions.append(.arm(.heartbeat(id), token: self.lastToken, after: delay))
    }

    mutating func armStopLimit(after delay: Duration) {
        self.lastToken += 1
        self.stopLimitToken = self.lastToken
        self.actions.append(.arm(.stopLimit, token: self.lastToken, after: delay))
    }

    mutating func disarm(_ id: ChildID) {
        self.children[id]?.stateToken = 0
        self.actions.append(.disarm(.state(id)))
    }

    mutating func disarmHeartbeat(_ id: ChildID) {
        guard self.children[id]?.heartbeatToken != 0 else { return }
        self.children[id]?.heartbeatToken = 0
        self.actions.append(.disarm(.heartbeat(id)))
    }
}

extension RegistryState {
    init(_ status: ChildStatus, generation: UInt64) {
        switch status {
        case .running: self = .running(generation: generation)
        case .waiting(let until): self = .restarting(until: until)
        case .pending, .starting, .stopping, .blocked: self = .restarting(until: nil)
        case .parked: self = .parked
        case .standby, .finished: self = .absent
        }
    }
}
