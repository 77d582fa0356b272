/// Sees every job on its way into a queue: the first push, a push for later, and each promotion from the retry set or
/// the schedule (as Sidekiq's client middleware does).
///
/// A promotion is one for many: it waits five seconds for the middleware (``LimitedCalls/limit``), then goes on with other jobs
/// and tries this one again later.
public protocol ClientMiddleware: Sendable {
    /// Changes `job`, or refuses it.
    ///
    /// - Throws: Whatever stops the push; its caller gets the error.
    func process(_ job: inout OutgoingJob) async throws -> PushVerdict
}

/// Whether a job goes on its way.
public enum PushVerdict: Sendable {
    /// It goes on to the next middleware, then into the store.
    case push
    /// It is not pushed; its pusher gets no job ID. An entry that was due is removed.
    case refuse
}

/// A job on its way into the store, open to changes of its top-level fields.
public struct OutgoingJob: Sendable {
    /// Why it is on its way.
    public enum Reason: Sendable {
        /// Somebody pushes it.
        case push
        /// Its time in the retry set or the schedule has come.
        case promotion
    }

    /// Why it is on its way.
    public let reason: Reason
    /// The bare name of the queue it goes to; may be changed.
    public var queue: String
    /// When it will run, in seconds since 1970; nil is now.
    public let runAt: Double?

    private(set) var payload: JobPayload

    init(reason: Reason, queue: String, runAt: Double?, payload: JobPayload) {
        self.reason = reason
        self.queue = queue
        self.runAt = runAt
        self.payload = payload
    }

    /// The `class` field.
    public var jobClass: String { self.payload.className }
    /// The `jid` field.
    public var jobID: String? { self.payload.jobID }
    /// The job's JSON as it is now.
    public var json: [UInt8] { self.payload.bytes }

    /// Sets a top-level field to a piece of JSON. All other bytes stay as they are.
    ///
    /// - Throws: ``PayloadError`` if `json` is not valid JSON, or the change makes the whole invalid as a job.
    public mutating func set(_ field: String, json: String) throws {
        var edits = PayloadEdits()
        edits.set(field, json: Array(json.utf8))
        self.payload = try JobPayload(self.payload.applying(edits))
    }

    /// The job as it goes into the store. A queue that was changed is written into the JSON, too: from the schedule and
    /// the retry set a job finds its queue by that.
    ///
    /// - Throws: ``ConfigurationError`` if a middleware took the queue's name away.
    func pushed(from queue: String) throws -> PushedJob {
        let written = self.payload.queue.flatMap { $0.isEmpty ? nil : $0 } ?? self.queue
        let chosen = self.queue == queue ? written : self.queue
        guard !chosen.isEmpty else {
            throw ConfigurationError(["a client middleware left job class \(self.jobClass) without a queue"])
        }
        guard chosen != self.payload.queue else {
            return PushedJob(queue: chosen, payload: self.json, runAt: self.runAt)
        }
        var edits = PayloadEdits()
        edits.set("queue", chosen)
        return PushedJob(queue: chosen, payload: self.payload.applying(edits), runAt: self.runAt)
    }
}
