/// What every new job of one type has in common, as ready bytes: a push then costs a few copies.
///
/// Members come in the order in which Ruby's client writes them:
/// `retry, queue, (other options), args, class, jid, created_at, enqueued_at`.
package struct PayloadTemplate: Sendable {
    /// From the opening brace to the colon before the arguments.
    private let head: [UInt8]

    /// From the comma behind the arguments to the opening quote of the identifier.
    private let middle: [UInt8]

    package init(className: String, options: PayloadOptions) {
        var head = JSONWriter()
        head.raw("{\"retry\":")
        head.retry(options.retry)
        head.raw(",\"queue\":")
        head.string(options.queue)
        for member in options.members {
            head.raw(",")
            head.string(member.key)
            head.raw(":")
            head.raw(member.json)
        }
        head.raw(",\"args\":")
        var middle = JSONWriter()
        middle.raw(",\"class\":")
        middle.string(className)
        middle.raw(",\"jid\":\"")
        self.head = head.bytes
        self.middle = middle.bytes
    }

    /// Makes the bytes of one new job.
    ///
    /// - Parameters:
    ///   - arguments: the JSON array of the arguments, which the caller vouches for.
    ///   - jobID: made by `JobID`: it is written as it is.
    ///   - createdAt: one time for all jobs of a bulk, as in Ruby.
    ///   - enqueuedAt: when it goes to its queue; nil for the schedule, whose jobs have no such member.
    package func payload(
        arguments: [UInt8],
        jobID: String,
        createdAt: SidekiqTime,
        enqueuedAt: SidekiqTime?
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.bytes.reserveCapacity(self.head.count + arguments.count + self.middle.count + 96)
        writer.raw(self.head)
        writer.raw(arguments)
        writer.raw(self.middle)
        writer.raw(jobID.utf8)
        writer.raw("\",\"created_at\":")
        writer.integer(createdAt.milliseconds)
        if let enqueuedAt {
            writer.raw(",\"enqueued_at\":")
            writer.integer(enqueuedAt.milliseconds)
        }
        writer.raw("}")
        return writer.bytes
    }
}

/// What a new job says beside its class and arguments. Members that say what is usual are left out, but `retry`
/// and `queue`, which Ruby's client always writes.
package struct PayloadOptions: Sendable {
    package var queue = "default"
    package var retry = JobPayload.Retry.enabled
    package var retryQueue: String?
    package var retryFor: Duration?
    package var timeout: Duration?
    package var backtrace = JobPayload.Backtrace.none
    package var goesToDeadSet = true
    package var tags: [String] = []

    package init() {}

    /// The optional members with their values as JSON text, in the order of their keys.
    fileprivate var members: [(key: String, json: [UInt8])] {
        var members: [(key: String, json: [UInt8])] = []
        func add(_ key: String, _ write: (inout JSONWriter) -> Void) {
            var writer = JSONWriter()
            write(&writer)
            members.append((key, writer.bytes))
        }
        switch self.backtrace {
        case .none: break
        case .all: add("backtrace") { $0.boolean(true) }
        case .lines(let count): add("backtrace") { $0.integer(count) }
        }
        if !self.goesToDeadSet { add("dead") { $0.boolean(false) } }
        if let retryFor { add("retry_for") { $0.seconds(retryFor) } }
        if let retryQueue { add("retry_queue") { $0.string(retryQueue) } }
        if !self.tags.isEmpty { add("tags") { $0.strings(self.tags) } }
        if let timeout { add("timeout") { $0.seconds(timeout) } }
        return members
    }
}

extension JSONWriter {
    fileprivate mutating func retry(_ retry: JobPayload.Retry) {
        switch retry {
        case .enabled: self.boolean(true)
        case .disabled: self.boolean(false)
        case .limited(let count): self.integer(count)
        }
    }

    /// Whole seconds as an integer, which Ruby's `retry_for` has to be; others with their fraction.
    fileprivate mutating func seconds(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        if attoseconds == 0 {
            self.integer(seconds)
        } else {
            _ = self.floating(Double(seconds) + Double(attoseconds) * 1e-18)
        }
    }

    mutating func strings(_ strings: some Sequence<String>) {
        self.raw("[")
        var isFirst = true
        for string in strings {
            if !isFirst { self.raw(",") }
            isFirst = false
            self.string(string)
        }
        self.raw("]")
    }
}
