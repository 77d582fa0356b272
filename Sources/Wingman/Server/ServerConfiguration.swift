/// How a worker process runs.
public struct ServerConfiguration: Sendable {
    /// Groups of processors with queues of their own; at least one.
    public var capsules: [CapsuleConfiguration]
    /// From a stop request until running jobs are cancelled. Sidekiq's `-t`.
    public var stopTimeout: Duration
    /// A label of the deployment, shown by the pages. Sidekiq's `-g`.
    public var tag: String
    /// More labels, shown by the pages.
    public var labels: [String]
    /// Ends the process with success once nothing is queued, due or running.
    public var stopsWhenEmpty: Bool
    /// Retries of jobs that do not say how many.
    public var standardRetries: Int
    /// Lease, beat and rescue.
    public var lease: LeaseTiming
    /// Whether TERM, INT, TSTP and TTIN are the server's. Off for servers inside tests and other programs.
    public var handlesSignals: Bool

    /// One capsule named `default`, a stop timeout of 25 s, and signals handled.
    public init(
        capsules: [CapsuleConfiguration] = [CapsuleConfiguration()],
        stopTimeout: Duration = .seconds(25),
        tag: String = "",
        labels: [String] = [],
        stopsWhenEmpty: Bool = false,
        standardRetries: Int = 25,
        lease: LeaseTiming = LeaseTiming(),
        handlesSignals: Bool = true
    ) {
        self.capsules = capsules
        self.stopTimeout = stopTimeout
        self.tag = tag
        self.labels = labels
        self.stopsWhenEmpty = stopsWhenEmpty
        self.standardRetries = standardRetries
        self.lease = lease
        self.handlesSignals = handlesSignals
    }

    /// Checks all of it.
    ///
    /// - Throws: ``ConfigurationError`` with every fault.
    public func validate() throws {
        var faults: [String] = []
        if self.capsules.isEmpty { faults.append("no capsule: a worker needs at least one queue") }
        var names: Set<String> = []
        for capsule in self.capsules {
            if !names.insert(capsule.name).inserted { faults.append("two capsules are named \"\(capsule.name)\"") }
            faults += capsule.faults
        }
        if self.stopTimeout < .zero { faults.append("the stop timeout must not be negative") }
        faults += self.lease.faults
        guard faults.isEmpty else { throw ConfigurationError(faults) }
    }
}

/// A group of processors with queues of its own.
public struct CapsuleConfiguration: Sendable {
    /// Unique among the capsules.
    public var name: String
    /// How many jobs run at once. Sidekiq's `-c`.
    public var concurrency: Int
    /// Where its jobs come from. Sidekiq's `-q`.
    public var queues: [QueueWeight]

    /// Five processors on the queue `default`, as Sidekiq.
    public init(name: String = "default", concurrency: Int = 5, queues: [QueueWeight] = [QueueWeight("default")]) {
        self.name = name
        self.concurrency = concurrency
        self.queues = queues
    }

    /// One step asks for all of them: Lua's unpack ends near 8,000.
    static let mostQueues = 1_000

    /// What is wrong with it.
    var faults: [String] {
        var faults: [String] = []
        if self.concurrency < 1 {
            faults.append("capsule \(self.name): concurrency is \(self.concurrency), it must be at least 1")
        }
        if self.queues.isEmpty { faults.append("capsule \(self.name): no queues") }
        if self.queues.count > Self.mostQueues {
            faults.append(
                "capsule \(self.name): \(self.queues.count) queues, it may have \(Self.mostQueues): use several"
            )
        }
        if self.queues.contains(where: \.name.isEmpty) { faults.append("capsule \(self.name): a queue has no name") }
        return faults
    }
}
