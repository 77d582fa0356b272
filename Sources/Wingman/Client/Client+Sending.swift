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
    ///   - fields: Top-level members to add, by name, as JSON.
    /// - Returns: Nil if a middleware refused it.
    /// - Throws: ``ArgumentError``, or ``ConfigurationError`` for an ID with other characters.
    public func draft<J: Job>(
        _ job: J,
        options: JobOptions? = nil,
        jobID: String? = nil,
        fields: [String: [UInt8]] = [:]
    ) async throws -> PushedJob? {
        try await self.draft(try Draft(job, options: options), jobID: jobID, fields: fields)
    }

    /// Makes the payload of a job of another program's class, as ``draft(_:options:jobID:fields:)`` does.
    ///
    /// - Parameters:
    ///   - jobClass: The `class` field.
    ///   - argumentsJSON: A JSON array.
    ///   - options: Queue, retries and the like.
    ///   - jobID: An ID derived from what the job stands for.
    ///   - fields: Top-level members to add, by name, as JSON.
    /// - Returns: Nil if a middleware refused it.
    /// - Throws: ``PayloadError`` if the arguments are not a JSON array.
    public func draft(
        class jobClass: String,
        argumentsJSON: some StringProtocol,
        options: JobOptions = JobOptions(),
        jobID: String? = nil,
        fields: [String: [UInt8]] = [:]
    ) async throws -> PushedJob? {
        let draft = try Draft(jobClass: jobClass, arguments: Array(argumentsJSON.utf8), options: options)
        return try await self.draft(draft, jobID: jobID, fields: fields)
    }

    private func draft(_ draft: Draft, jobID: String?, fields: [String: [UInt8]]) async throws -> PushedJob? {
        let id = try jobID.map { try Self.checked(jobID: $0) } ?? JobID.make()
        var payload = draft.payload(jobID: id, created: .now(), isScheduled: false)
        if !fields.isEmpty {
            var edits = PayloadEdits()
            for (name, json) in fields.sorted(by: { $0.key < $1.key }) { edits.set(name, json: json) }
            payload = try JobPayload(payload).applying(edits)
            // What was spliced in has to leave a job.
            _ = try JobPayload(payload)
        }
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
