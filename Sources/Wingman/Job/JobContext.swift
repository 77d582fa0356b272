public import Logging

/// What a running job knows of itself, and how it reaches what it needs.
public struct JobContext: Sendable {
    /// The context of the job that runs in this task, for code that was not handed it (log metadata, libraries).
    @TaskLocal public static var current: JobContext?

    let payload: JobPayload
    let environment: ServiceEnvironment

    /// The queue it was claimed from.
    public let queue: String

    /// The job's identity, the same over all its attempts.
    public var jobID: String { self.payload.jobID ?? "" }

    /// The `class` it was pushed under.
    public var jobClass: String { self.payload.className }

    /// Which execution this is, from 1; executions given back by a stop do not count.
    public var attempt: Int { (self.payload.retryCount ?? -1) + 2 }

    /// Labels it was pushed with.
    public var tags: [String] { self.payload.tags }

    /// The JSON of a top-level member of the job, as a plugin may have added one: `json(of: "wingman_schedule")`.
    ///
    /// - Returns: Nil if the job has no such member. Found by a walk over the payload: ask once.
    public func json(of field: String) -> [UInt8]? {
        // Most jobs have none of a plugin's members: that is seen at once.
        guard self.payload.bytes.holds(Array("\"\(field)\"".utf8)) else { return nil }
        return (try? JSONObjectView(self.payload.bytes))?.value(of: field).map { Array($0) }
    }

    /// The host's logger with `job.id`, `job.class` and `job.queue`.
    public var logger: Logger {
        var logger = self.environment.logger
        logger[metadataKey: "job.id"] = "\(self.jobID)"
        logger[metadataKey: "job.class"] = "\(self.jobClass)"
        logger[metadataKey: "job.queue"] = "\(self.queue)"
        return logger
    }

    /// Pushes further jobs.
    public var client: Client { self.environment.client }

    /// The services of this process, by name, resolved at each use.
    public var services: ServiceDirectory { self.environment.services }

    /// The value of type `Value` that the app put there at start.
    ///
    /// - Throws: ``ConfigurationError`` naming the type, if the app put none.
    public func value<Value: Sendable>(_ type: Value.Type = Value.self) throws -> Value {
        try self.environment.values.value(of: type)
    }
}

/// Values that jobs and services share: a database pool, a mailer; one of each type.
public struct SharedValues: Sendable {
    private var storage: [ObjectIdentifier: any Sendable] = [:]

    /// Nothing.
    public init() {}

    /// Puts `value` there for every job and service; a second one of its type replaces the first.
    public mutating func put<Value: Sendable>(_ value: Value) {
        self.storage[ObjectIdentifier(Value.self)] = value
    }

    /// The value of `type`.
    ///
    /// - Throws: ``ConfigurationError`` naming the type, if there is none.
    public func value<Value: Sendable>(of type: Value.Type) throws -> Value {
        guard let value = self.storage[ObjectIdentifier(type)] as? Value else {
            throw ConfigurationError([
                "no value of type \(type) was put there: add `values.put(…)` to the app's `prepare(_:)`"
            ])
        }
        return value
    }
}
