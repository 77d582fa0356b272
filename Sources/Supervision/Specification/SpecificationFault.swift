/// One thing wrong with a specification.
public struct SpecificationFault: Sendable, Hashable, CustomStringConvertible {
    /// Where, as a path from the root: `wingman/plugins/mailer`.
    public let path: String
    /// What is wrong, and what would be right.
    public let message: String

    /// Path and message.
    public var description: String { "\(self.path): \(self.message)" }
}

/// Looks through a whole tree of specifications and lists every fault, so that one run of a program shows them all.
struct SpecificationCheck {
    private(set) var faults: [SpecificationFault] = []
    private(set) var warnings: [SpecificationFault] = []
    private var registered: [String: String] = [:]

    init(_ root: SupervisorSpecification) {
        self.check(root, path: root.name)
    }

    /// Checks a child that is added to a running supervisor, after all its siblings.
    init(
        _ child: ChildSpecification,
        of supervisor: SupervisorSpecification,
        siblings: some Collection<String>,
        path: String
    ) {
        let path = "\(path)/\(child.name)"
        self.check(child, of: supervisor, path: path)
        self.checkOrder(child, of: supervisor, siblings: Set(siblings), path)
    }

    private mutating func check(_ supervisor: SupervisorSpecification, path: String) {
        self.checkName(supervisor.name, path)
        self.checkIntensity(supervisor.intensity, path)
        self.checkGiveUp(supervisor.giveUp, path)
        if let limit = supervisor.stopLimit { self.check(limit > .zero, path, "the stop limit must be positive") }
        if case .dynamic(let maximum) = supervisor.strategy {
            self.check(maximum > 0, path, "a dynamic supervisor needs a maximum of at least 1")
            self.check(supervisor.children.count <= max(0, maximum), path, "has more children than its maximum")
        }
        let siblings = Set(supervisor.children.map(\.name))
        var names: Set<String> = []
        for child in supervisor.children {
            let path = "\(path)/\(child.name)"
            self.check(names.insert(child.name).inserted, path, "a sibling has the same name")
            self.check(child, of: supervisor, path: path)
            self.checkOrder(child, of: supervisor, siblings: siblings, path)
        }
        for cycle in StartOrder(supervisor.children).cycles {
            self.check(false, path, "children wait for one another: \(cycle.joined(separator: " after "))")
        }
    }

    private mutating func checkOrder(
        _ child: ChildSpecification,
        of supervisor: SupervisorSpecification,
        siblings: Set<String>,
        _ path: String
    ) {
        guard !child.after.isEmpty else { return }
        self.check(
            !supervisor.strategy.isDynamic,
            path,
            "starts after others, but a dynamic supervisor starts its children in no order"
        )
        for name in child.after where !siblings.contains(name) {
            self.check(false, path, "starts after \(name), but has no sibling of that name")
        }
    }

    private mutating func check(_ child: ChildSpecification, of supervisor: SupervisorSpecification, path: String) {
        self.checkName(child.name, path)
        self.checkTimes(child, path)
        self.checkBackoff(child.backoff, path)
        if let intensity = child.intensity { self.checkIntensity(intensity, path) }
        if let giveUp = child.giveUp { self.checkGiveUp(giveUp, path) }
        self.checkSignificance(child, of: supervisor, path)
        self.checkRegistration(child, path)
        self.checkReach(child, of: supervisor, path)
        if let nested = child.supervisor { self.check(nested, path: path) }
    }

    private mutating func check(_ isRight: Bool, _ path: String, _ message: String) {
        if !isRight { self.faults.append(SpecificationFault(path: path, message: message)) }
    }

    private mutating func checkName(_ name: String, _ path: String) {
        self.check(!name.isEmpty, path, "the name is empty")
        self.check(!name.contains("/"), path, "the name contains a slash, which separates the parts of a path")
    }

    private mutating func checkIntensity(_ intensity: Intensity, _ path: String) {
        self.check(intensity.limit >= 0, path, "the intensity's limit is negative")
        self.check(intensity.window > .zero, path, "the intensity's window must be positive")
    }

    private mutating func checkGiveUp(_ policy: GiveUpPolicy, _ path: String) {
        switch policy {
        case .escalate: break
        case .park(let retryAfter):
            if let retryAfter { self.check(retryAfter > .zero, path, "the time parked must be positive") }
        case .terminate(let exitCode):
            self.check((1...255).contains(exitCode), path, "the exit code of a failure is from 1 to 255")
        }
    }

    private mutating func checkTimes(_ child: ChildSpecification, _ path: String) {
        if let limit = child.readinessLimit {
            self.check(limit > .zero, path, "the time to get ready must be positive")
        }
        self.check(child.stop.graceful >= .zero, path, "the graceful part of the stop budget is negative")
        self.check(child.stop.cancel >= .zero, path, "the cancel part of the stop budget is negative")
        if let heartbeat = child.heartbeat {
            self.check(heartbeat.interval > .zero, path, "the heartbeat's interval must be positive")
            self.check(heartbeat.missed > 0, path, "at least one heartbeat must be missed")
        }
    }

    private mutating func checkBackoff(_ backoff: Backoff, _ path: String) {
        self.check(backoff.minimum >= .zero, path, "the backoff's minimum is negative")
        self.check(backoff.minimum <= backoff.maximum, path, "the backoff's minimum exceeds its maximum")
        self.check(backoff.factor >= 1, path, "the backoff's factor is less than 1")
        self.check(backoff.resetAfter >= .zero, path, "the backoff's reset time is negative")
    }

    private mutating func checkSignificance(
        _ child: ChildSpecification,
        of supervisor: SupervisorSpecification,
        _ path: String
    ) {
        if child.isSignificant {
            self.check(
                child.restart != .permanent,
                path,
                "a permanent child never ends by itself, so it cannot be significant"
            )
            self.check(
                supervisor.automaticShutdown != .never,
                path,
                "is significant, but its supervisor never shuts down by itself"
            )
        }
        if let nested = child.supervisor, nested.automaticShutdown != .never {
            self.check(child.restart != .permanent, path, "shuts down by itself, so it must not be permanent")
        }
    }

    private mutating func checkRegistration(_ child: ChildSpecification, _ path: String) {
        guard let name = child.registeredName else { return }
        self.check(!name.isEmpty, path, "the registered name is empty")
        if let other = self.registered.updateValue(path, forKey: name) {
            self.check(false, path, "is registered as \(name), and so is \(other)")
        }
    }

    /// A limit that the backoff never lets it reach is dead code: the child would fail for ever and nobody would be told.
    private mutating func checkReach(
        _ child: ChildSpecification,
        of supervisor: SupervisorSpecification,
        _ path: String
    ) {
        let intensity = child.intensity ?? supervisor.intensity
        guard intensity.limit < 1_000, intensity.limit >= 0 else { return }
        let needed = child.backoff.expectedTime(ofRestarts: intensity.limit)
        guard needed > intensity.window else { return }
        self.warnings.append(
            SpecificationFault(
                path: path,
                message:
                    "\(intensity.limit) restarts take about \(needed) with this backoff, longer than the window of "
                    + "\(intensity.window): the limit is never reached"
            )
        )
    }
}
