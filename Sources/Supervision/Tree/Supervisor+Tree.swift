import Synchronization

extension Supervisor {
    /// The tree as it is now, from this supervisor down.
    public func tree() -> TreeNode {
        let now = self.environment.time.now
        let (node, nested) = self.machine.withLock { machine in
            (machine.node(at: now), machine.order.filter { machine.children[$0]?.specification.supervisor != nil })
        }
        return self.withNested(node, nested)
    }

    /// Puts the supervisors that run now in the places of their specifications.
    private func withNested(_ node: TreeNode, _ ids: [ChildID]) -> TreeNode {
        var node = node
        let running = self.shell.withLock { shell in ids.compactMap { shell.runners[$0]?.service as? Supervisor } }
        for supervisor in running {
            guard let index = node.children.firstIndex(where: { $0.path == supervisor.path }) else { continue }
            let inner = supervisor.tree()
            node.children[index].children = inner.children
            node.children[index].isQuiet = inner.isQuiet
        }
        return node
    }
}

extension SupervisorMachine {
    /// The supervisor and its children; supervisors among them as their specifications.
    func node(at now: Duration) -> TreeNode {
        var node = TreeNode(self.specification, path: self.path)
        node.state = self.state
        node.isQuiet = self.isQuiet
        node.uptimeSeconds = self.startedAt.map { (now - $0) / .seconds(1) }
        node.generation = self.startedAt == nil ? 0 : 1
        node.children = self.order.compactMap { self.children[$0] }.map { self.node($0, at: now) }
        return node
    }

    private var state: TreeNode.State {
        switch self.phase {
        case .idle: .pending
        case .running: self.hasAnnouncedStart ? .running : .starting
        case .stopping: .stopping
        case .finished: .finished
        }
    }

    private func node(_ child: ChildRecord, at now: Duration) -> TreeNode {
        var node = TreeNode(child.specification, path: child.path)
        node.state = TreeNode.State(child.status)
        node.isQuiet = self.isQuiet
        node.generation = child.generation
        node.restartsInWindow = child.window.count(at: now)
        node.restarts = child.restarts
        node.lastError = child.history.last.map { "\($0.reason)" }
        node.term = child.term
        node.mailboxDepth = child.specification.mailbox?.depth
        node.abandoned = self.zombies.count { $0.id == child.id }
        if case .park = self.giveUpPolicy(child) { node.isOptional = true }
        switch child.status {
        case .running(let since): node.uptimeSeconds = (now - since) / .seconds(1)
        case .waiting(let until), .parked(let until?): node.nextAttemptSeconds = max(.zero, until - now) / .seconds(1)
        case .pending, .starting, .stopping, .blocked, .parked(nil), .standby, .finished: break
        }
        return node
    }
}

extension TreeNode.State {
    fileprivate init(_ status: ChildStatus) {
        switch status {
        case .pending: self = .pending
        case .starting: self = .starting
        case .running: self = .running
        case .stopping: self = .stopping
        case .waiting: self = .restarting
        case .blocked: self = .blocked
        case .parked: self = .parked
        case .standby: self = .standby
        case .finished(.failed): self = .failed
        case .finished(.done), .finished(.stopped): self = .finished
        }
    }
}

extension TreeNode {
    /// A supervisor that does not run, with all below it.
    public init(_ specification: SupervisorSpecification, path: String) {
        self.init(name: specification.name, path: path, kind: .supervisor)
        self.strategy = specification.strategy.name
        self.giveUp = specification.giveUp.phrase
        self.children = specification.startOrder.map { child in
            var node = TreeNode(child, path: "\(path)/\(child.name)")
            if case .park = child.giveUp ?? specification.giveUp { node.isOptional = true }
            return node
        }
    }

    fileprivate init(_ child: ChildSpecification, path: String) {
        if let supervisor = child.supervisor {
            self.init(supervisor, path: path)
        } else {
            self.init(name: child.name, path: path, kind: .service)
        }
        if let giveUp = child.giveUp, child.supervisor == nil { self.giveUp = giveUp.phrase }
    }

    private init(name: String, path: String, kind: Kind) {
        self.init(
            name: name,
            path: path,
            kind: kind,
            state: .pending,
            isQuiet: false,
            generation: 0,
            restartsInWindow: 0,
            restarts: 0,
            abandoned: 0,
            isOptional: false,
            children: []
        )
    }
}

extension GiveUpPolicy {
    /// What it does, to follow "one-for-one,".
    fileprivate var phrase: String {
        switch self {
        case .escalate: "escalates"
        case .park: "parks what keeps failing"
        case .terminate(let exitCode): "ends the process with \(exitCode)"
        }
    }
}
