public import Wingman

/// A job of one type that lies in a store, with its properties read back.
public struct EnqueuedJob<J: Job>: Sendable {
    /// The job.
    public let job: J
    /// The `jid` field.
    public let jobID: String?
    /// The `queue` field: where it is, or will go.
    public let queue: String
    /// When it is due, or came, in seconds since 1970; nil in a queue.
    public let at: Double?
    /// Its JSON.
    public let payload: [UInt8]
}

/// What tests ask of a store: jobs by their types.
extension Store {
    /// The jobs of `type` that are queued, in order; of one queue, or of all by the names of the queues.
    ///
    /// - Throws: ``Wingman/ArgumentError`` if arguments do not fit the type; what the store throws.
    public func enqueued<J: Job>(_ type: J.Type, in queue: String? = nil) async throws -> [EnqueuedJob<J>] {
        let queues = if let queue { [queue] } else { try await self.counts().queues.keys.sorted() }
        var found: [EnqueuedJob<J>] = []
        for queue in queues { found += try await self.jobs(type, in: .queue(queue)) }
        return found
    }

    /// The jobs of `type` that will run later, the first due first.
    public func scheduled<J: Job>(_ type: J.Type) async throws -> [EnqueuedJob<J>] {
        try await self.jobs(type, in: .schedule)
    }

    /// The jobs of `type` that failed and will run again, the first due first.
    public func retrying<J: Job>(_ type: J.Type) async throws -> [EnqueuedJob<J>] {
        try await self.jobs(type, in: .retry)
    }

    /// The jobs of `type` in the dead set, the last that came first.
    public func dead<J: Job>(_ type: J.Type) async throws -> [EnqueuedJob<J>] {
        try await self.jobs(type, in: .dead)
    }

    /// The jobs of `type` in a place; those of other types are passed over.
    public func jobs<J: Job>(_ type: J.Type, in place: Place) async throws -> [EnqueuedJob<J>] {
        let names = Set([J.name] + J.aliases)
        return try await self.entries(in: place, from: 0, limit: .max).compactMap { entry in
            guard let payload = try? JobPayload(entry.payload), names.contains(payload.className) else { return nil }
            return EnqueuedJob(
                job: try JobArguments.decode(J.self, from: payload.arguments),
                jobID: payload.jobID,
                queue: payload.queue ?? "default",
                at: entry.at,
                payload: entry.payload
            )
        }
    }

    /// Fails unless exactly `count` queued jobs of `type` satisfy `condition`.
    ///
    /// - Throws: ``UnmetExpectation`` that lists what is queued.
    public func expectEnqueued<J: Job>(
        _ type: J.Type,
        count: Int = 1,
        in queue: String? = nil,
        where condition: (J) -> Bool = { _ in true }
    ) async throws {
        let found = try await self.enqueued(type, in: queue)
        let matching = found.count { condition($0.job) }
        guard matching != count else { return }
        throw UnmetExpectation(
            what: "\(count) queued \(J.name)\(queue.map { " in \($0)" } ?? "")",
            found: "\(matching) of [" + found.map { "\($0.job) in \($0.queue)" }.joined(separator: ", ") + "]"
        )
    }
}

/// Something that a test expected of a store is not so.
public struct UnmetExpectation: Error, CustomStringConvertible {
    /// What was expected.
    public let what: String
    /// What there is. It may hold jobs' arguments: it is for tests.
    public let found: String
    /// Both.
    public var description: String { "expected \(self.what), found \(self.found)" }
}
