public import Logging
internal import Supervision
internal import Synchronization
public import Wingman

/// Runs an app's jobs in place, on a store in memory: pushed through its client middleware, run through its server
/// middleware, with its retry rules, one after another in the order a worker would take them.
///
/// ```swift
/// let tester = try await JobTester(PhotoWorker())
/// try await tester.client.push(Thumbnail(imageID: 7, size: 64))
/// let performed = try await tester.drain()
/// #expect(performed.map(\.outcome) == [.done])
/// ```
///
/// No server runs: services do not start, timeouts do not end jobs, and nobody waits. For a whole server in a test give
/// ``store`` to a `Server`.
public final class JobTester: Sendable {
    /// Where the jobs are.
    public let store: MemoryStore
    /// Pushes jobs, through the client middleware of the app's plugins.
    public let client: Client

    private let worker: InlineWorker
    private let process: ProcessID
    private let steps = Mutex(0)
    private static let names = Atomic<Int>(0)

    /// A tester of `app`: its jobs, plugins and prepared values.
    ///
    /// - Parameters:
    ///   - app: Read once, as the server reads it.
    ///   - store: Shared by several testers if you like.
    ///   - logger: What the jobs log to.
    ///   - change: Puts other values there, after the app's own: a mailer that only takes notes.
    /// - Throws: `ConfigurationError` with every fault of the app; what its `prepare` throws.
    public init(
        _ app: some WingmanApp,
        store: MemoryStore = MemoryStore(),
        logger: Logger = Logger(label: "wingman.test"),
        values change: (inout SharedValues) throws -> Void = { _ in }
    ) async throws {
        let assembly = try Assembly(app, mode: .server, logger: logger)
        var values = try await assembly.preparedValues()
        try change(&values)
        self.store = store
        self.worker = InlineWorker(assembly, store: store, values: values, logger: logger, time: store.time)
        self.client = self.worker.client
        let number = Self.names.add(1, ordering: .relaxed).newValue
        self.process = ProcessID(rawValue: "tester:\(number):\(String(UInt64.random(in: 0 ... .max), radix: 16))")
    }

    /// A tester of some job types, without an app.
    ///
    /// - Parameters:
    ///   - change: Puts the values there that the jobs use.
    ///   - jobs: The types, one a line.
    public convenience init(
        values change: (inout SharedValues) throws -> Void = { _ in },
        @JobListBuilder jobs: () -> JobList
    ) async throws {
        try await self.init(JobsAlone(jobs()), values: change)
    }

    /// Puts the store's clock forward: what was to run later may be due then.
    public func advance(by duration: Duration) {
        self.store.advance(by: duration)
    }

    /// Performs what is queued and due, and what those jobs push in turn, until nothing is left.
    ///
    /// Queues take turns by their names. A job that fails goes to the retry set, as in life: put the clock forward and
    /// drain again to see it retried.
    ///
    /// - Parameter limit: Most jobs to perform: ends a job that pushes itself.
    /// - Throws: ``TooManyJobs`` after `limit` jobs.
    @discardableResult
    public func drain(atMost limit: Int = 10_000) async throws -> [PerformedJob] {
        var performed: [PerformedJob] = []
        while let next = try await self.performNext() {
            performed.append(next)
            if performed.count >= limit, try await !self.isEmpty() { throw TooManyJobs(limit: limit) }
        }
        return performed
    }

    /// Performs the next job that is queued or due.
    ///
    /// - Returns: Nil if there is none.
    public func performNext() async throws -> PerformedJob? {
        try await self.promoteDue()
        let queues = try await self.store.counts().queues.filter { $0.value > 0 }.keys.sorted()
        guard !queues.isEmpty else { return nil }
        try await self.register()
        let claimed = try await self.step([], claim: 1, from: queues.map { .queue($0) })
        guard let job = claimed.first else { return nil }
        return try await self.perform(job)
    }

    /// Pushes a job and performs it at once, whatever is queued.
    ///
    /// - Throws: ``RefusedJob`` if a client middleware refused it.
    public func perform<J: Job>(_ job: J) async throws -> PerformedJob {
        guard let draft = try await self.client.draft(job) else { throw RefusedJob(jobClass: J.name) }
        // A queue that nobody else uses.
        let queue = Source.queue("\(draft.queue) of \(self.process)")
        try await self.store.enqueue([PushedJob(queue: "\(draft.queue) of \(self.process)", payload: draft.payload)])
        try await self.register()
        guard let claimed = try await self.step([], claim: 1, from: [queue]).first else {
            throw RefusedJob(jobClass: J.name)
        }
        return try await self.perform(
            Claimed(token: claimed.token, source: .queue(draft.queue), payload: claimed.payload)
        )
    }

    private func perform(_ claimed: Claimed) async throws -> PerformedJob {
        let settlement = await self.worker.run(claimed)
        _ = try await self.step([settlement], claim: 0, from: [])
        return PerformedJob(claimed, settlement)
    }

    private func isEmpty() async throws -> Bool {
        try await self.promoteDue()
        return try await self.store.counts().queues.allSatisfy { $0.value == 0 }
    }

    /// Moves what is due into its queues, through client middleware.
    private func promoteDue() async throws {
        for set in DueSet.jobs {
            while case let due = try await self.store.due(in: set, limit: 500).entries, !due.isEmpty {
                var promotions: [Promotion] = []
                for entry in due { promotions.append(try await self.worker.promotion(of: entry)) }
                _ = try await self.store.promote(promotions, from: set)
            }
        }
    }

    /// A lease of years, renewed before each claim: tests put the clock forward.
    private func register() async throws {
        for kind in [Beat.Kind.renew, .register] {
            let beat = Beat(
                process: self.process,
                kind: kind,
                number: 1,
                lease: .seconds(315_360_000),
                info: "{}",
                concurrency: 1,
                isQuiet: false,
                residentKiB: 0,
                roundTripMicroseconds: 0,
                work: [],
                executions: []
            )
            if case .alive = try await self.store.beat(beat) { return }
        }
    }

    private func step(_ settlements: [Settlement], claim: Int, from sources: [Source]) async throws -> [Claimed] {
        let number = self.steps.withLock { steps in
            steps += 1
            return steps
        }
        let step = Step(
            process: self.process,
            lane: 1,
            number: number,
            settlements: settlements,
            claim: claim,
            sources: sources
        )
        guard case .done(_, let claimed, _) = try await self.store.step(step) else {
            throw StoreError(.unexpected, "the tester's own process was fenced: was the store emptied under it?")
        }
        return claimed
    }
}

/// Job types without an app around them.
private struct JobsAlone: WingmanApp {
    let jobs: JobList

    init() { self.jobs = JobList() }
    init(_ jobs: JobList) { self.jobs = jobs }
}

/// A drain that did not come to an end.
public struct TooManyJobs: Error, CustomStringConvertible {
    /// How many were performed.
    public let limit: Int
    /// What to do.
    public var description: String {
        "\(self.limit) jobs were performed and there are more: does a job push itself? Raise drain(atMost:) if not"
    }
}

/// A job that was not performed, as a client middleware refused it.
public struct RefusedJob: Error, CustomStringConvertible {
    /// Of which class.
    public let jobClass: String
    /// What happened.
    public var description: String { "a client middleware refused \(self.jobClass): it was not pushed" }
}
