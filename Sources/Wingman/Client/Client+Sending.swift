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
    ///   - jobID: An ID derived from what the job stands for, so that two makers of the same job make the same one.
    /// - Returns: Nil if a middleware refused it.
    public func draft<J: Job>(_ job: J, options: JobOptions? = nil, jobID: String? = nil) async throws -> PushedJob? {
        let draft = try Draft(job, options: options)
        let payload = draft.payload(jobID: jobID ?? JobID.make(), created: .now(), isScheduled: false)
        return try await self.pass(PushedJob(queue: draft.queue, payload: payload), reason: .push)
    }
}
