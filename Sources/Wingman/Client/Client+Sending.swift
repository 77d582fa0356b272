extension Client {
    /// Makes the payloads of `drafts`, passes them through the middleware and pushes what is left in one round trip.
    ///
    /// - Returns: The job IDs in order, nil where a middleware refused.
    func send(_ drafts: [Draft], runAt: Double?) async throws -> [String?] {
        let created = SidekiqTime.now()
        var ids: [String?] = []
        var pushed: [PushedJob] = []
        ids.reserveCapacity(drafts.count)
        pushed.reserveCapacity(drafts.count)
        for draft in drafts {
            let id = JobID.make()
            let payload = draft.payload(jobID: id, created: created, isScheduled: runAt != nil)
            let job = PushedJob(queue: draft.queue, payload: payload, runAt: runAt)
            let accepted = try await self.pass(job, reason: .push)
            ids.append(accepted == nil ? nil : id)
            if let accepted { pushed.append(accepted) }
        }
        if !pushed.isEmpty { try await self.store.enqueue(pushed) }
        return ids
    }

    /// Runs `job` through the middleware; nil if one refused it.
    func pass(_ job: PushedJob, reason: OutgoingJob.Reason) async throws -> PushedJob? {
        guard !self.middleware.isEmpty else { return job }
        var outgoing = OutgoingJob(
            reason: reason,
            queue: job.queue,
            runAt: job.runAt,
            payload: try JobPayload(job.payload)
        )
        for middleware in self.middleware {
            switch try await middleware.process(&outgoing) {
            case .push: continue
            case .refuse: return nil
            }
        }
        return try outgoing.pushed(from: job.queue)
    }

    /// Makes the payload of `job` without pushing it, for steps that push it together with something else.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - options: Changes to the type's options.
    ///   - jobID: An ID derived from what the job stands for, so that two makers of the same job make the same one:
    ///     letters, digits and `-_.:` only.
    /// - Returns: Nil if a middleware refused it.
    /// - Throws: ``ArgumentError``, or ``ConfigurationError`` for an ID with other characters.
    public func draft<J: Job>(_ job: J, options: JobOptions? = nil, jobID: String? = nil) async throws -> PushedJob? {
        let draft = try Draft(job, options: options)
        let id = try jobID.map { try Self.checked(jobID: $0) } ?? JobID.make()
        let payload = draft.payload(jobID: id, created: .now(), isScheduled: false)
        return try await self.pass(PushedJob(queue: draft.queue, payload: payload), reason: .push)
    }

    /// It is written into the JSON as it is, and is part of Sidekiq's addresses.
    private static func checked(jobID: String) throws -> String {
        let isPlain = jobID.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_.:".utf8.contains(byte)
        }
        guard isPlain, !jobID.isEmpty else {
            throw ConfigurationError(["the job ID \"\(jobID)\" may only have letters, digits and -_.: in it"])
        }
        return jobID
    }
}
