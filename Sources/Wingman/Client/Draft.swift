import Synchronization

/// A job on the client's side of a push: its bytes, made once, without a time.
struct Draft: Sendable {
    let jobClass: String
    let queue: String
    let arguments: [UInt8]
    let template: PayloadTemplate

    /// Encodes `job` and checks its type if it is the first of it.
    init<J: Job>(_ job: J, options: JobOptions?) throws {
        self.arguments = try JobArguments.encode(job)
        self.jobClass = J.name
        let options = options ?? J.options
        self.queue = try Self.checked(options.queue)
        self.template = Self.templates.template(for: J.name, options: options)
    }

    /// A job of another program's class.
    init(jobClass: String, arguments: [UInt8], options: JobOptions) throws {
        try JSONText.validateArray(arguments)
        guard !jobClass.isEmpty else { throw ConfigurationError(["a job needs a class: its name is empty"]) }
        self.arguments = arguments
        self.jobClass = jobClass
        self.queue = try Self.checked(options.queue)
        self.template = Self.templates.template(for: jobClass, options: options)
    }

    private static func checked(_ queue: String) throws -> String {
        guard !queue.isEmpty else {
            throw ConfigurationError(["a job needs a queue: the name in its options is empty"])
        }
        return queue
    }

    /// The job's JSON; without `enqueued_at` for the schedule.
    func payload(jobID: String, created: SidekiqTime, isScheduled: Bool) -> [UInt8] {
        self.template.payload(
            arguments: self.arguments,
            jobID: jobID,
            createdAt: created,
            enqueuedAt: isScheduled ? nil : created
        )
    }

    private static let templates = TemplateCache()
}

/// The fixed parts of payloads, by class and options: most programs have a handful.
private final class TemplateCache: Sendable {
    /// Programs that make options up per push do not grow the cache for ever.
    private static let limit = 1_000
    private let cache = Mutex<[String: [(options: JobOptions, template: PayloadTemplate)]]>([:])

    func template(for jobClass: String, options: JobOptions) -> PayloadTemplate {
        self.cache.withLock { cache in
            if let known = cache[jobClass]?.first(where: { $0.options == options }) { return known.template }
            let template = PayloadTemplate(className: jobClass, options: PayloadOptions(options))
            if cache.count >= Self.limit || (cache[jobClass]?.count ?? 0) >= Self.limit { cache.removeAll() }
            cache[jobClass, default: []].append((options, template))
            return template
        }
    }
}

extension PayloadOptions {
    init(_ options: JobOptions) {
        self.init()
        self.queue = options.queue
        self.retryQueue = options.retryQueue
        self.timeout = options.timeout
        self.goesToDeadSet = options.dead
        self.tags = options.tags
        switch options.retry.kind {
        case .standard: self.retry = .enabled
        case .attempts(let count): self.retry = .limited(count)
        case .off: self.retry = .disabled
        case .window(let seconds): self.retryFor = .seconds(seconds)
        }
        switch options.backtrace {
        case .off: self.backtrace = .none
        case .all: self.backtrace = .all
        case .lines(let count): self.backtrace = .lines(count)
        }
    }
}
