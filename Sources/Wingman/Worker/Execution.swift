import Logging
import Supervision

/// Runs one job: payload → type → server middleware → `perform` → ``Outcome``.
struct Execution: Sendable {
    /// A claimed job, read and looked up, ready to run.
    struct Prepared: Sendable {
        enum Content: Sendable {
            case job(JobPayload, JobDefinition)
            case unknownClass(JobPayload)
            case malformed(PayloadError)
        }

        let claimed: Claimed
        let content: Content

        /// The job's own timeout, or its type's.
        var timeout: Duration? {
            guard case .job(let payload, let definition) = self.content else { return nil }
            return payload.timeout ?? definition.options.timeout
        }
    }

    let registry: JobRegistry
    let middleware: [any ServerMiddleware]
    let environment: ServiceEnvironment
    let retries: RetryRules
    let statistics: ExecutionStatistics

    /// Reads the payload and finds its type.
    func prepare(_ claimed: Claimed) -> Prepared {
        do throws(PayloadError) {
            let payload = try JobPayload(claimed.payload)
            let definition = self.registry[payload.className]
            return Prepared(claimed: claimed, content: definition.map { .job(payload, $0) } ?? .unknownClass(payload))
        } catch {
            return Prepared(claimed: claimed, content: .malformed(error))
        }
    }

    /// Runs the job.
    ///
    /// - Parameter cancelReason: Tells, after the job has ended, whether and why we cancelled it.
    func run(_ prepared: Prepared, cancelReason: @Sendable () -> CancelReason?) async -> Outcome {
        switch prepared.content {
        case .malformed(let error):
            self.environment.logger.warning(
                "a payload is not a job: moved to the dead set",
                metadata: ["job.queue": "\(prepared.claimed.source.name)", "error": "\(error)"]
            )
            return .dead(payload: Malformed.keep(prepared.claimed.payload))
        case .unknownClass(let payload):
            let failure = Failure(UnknownJobClass(name: payload.className, known: self.registry.names))
            return await self.failed(payload, nil, failure, self.context(payload, prepared.claimed))
        case .job(let payload, let definition):
            return await self.perform(payload, definition, self.context(payload, prepared.claimed), cancelReason)
        }
    }

    private func context(_ payload: JobPayload, _ claimed: Claimed) -> JobContext {
        JobContext(payload: payload, environment: self.environment, queue: claimed.source.name)
    }

    private func perform(
        _ payload: JobPayload,
        _ definition: JobDefinition,
        _ context: JobContext,
        _ cancelReason: @Sendable () -> CancelReason?
    ) async -> Outcome {
        let began = self.environment.time.now
        do {
            try await JobContext.$current.withValue(context) {
                try await self.call(self.middleware[...], context) {
                    try await definition.perform(payload, context)
                }
            }
            self.statistics.succeeded(
                payload.countedClass,
                nanoseconds: (self.environment.time.now - began).nanoseconds
            )
            return .done
        } catch {
            return await self.ended(by: error, payload, definition, context, cancelReason())
        }
    }

    /// Middleware, outermost first; none at all costs nothing.
    private func call(
        _ middleware: ArraySlice<any ServerMiddleware>,
        _ context: JobContext,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        guard let first = middleware.first else { return try await body() }
        let rest = middleware.dropFirst()
        try await withoutActuallyEscaping(body) { body in
            try await first.perform(context) { try await self.call(rest, context, body) }
        }
    }

    /// What a thrown error means, given whether we had cancelled the job.
    private func ended(
        by error: any Error,
        _ payload: JobPayload,
        _ definition: JobDefinition,
        _ context: JobContext,
        _ reason: CancelReason?
    ) async -> Outcome {
        switch reason {
        case .stop, .fence:
            return .interrupted
        case .timeout:
            let limit = payload.timeout ?? definition.options.timeout ?? .zero
            return await self.failed(payload, definition, Failure(JobTimeout(limit: limit)), context)
        case nil:
            guard let control = error as? JobControl else {
                return await self.failed(payload, definition, Failure(error), context)
            }
            return await self.controlled(control, payload, definition, context)
        }
    }

    private func controlled(
        _ control: JobControl,
        _ payload: JobPayload,
        _ definition: JobDefinition,
        _ context: JobContext
    ) async -> Outcome {
        switch control {
        case .snooze(let duration):
            var edits = PayloadEdits()
            edits.remove("enqueued_at")
            return .snooze(payload: payload.applying(edits), delay: min(max(.zero, duration), RetryRules.longestDelay))
        case .discard:
            return .discard(failed: false)
        case .kill(let reason):
            let failure = Failure(JobKilled(reason: reason), kills: true)
            return await self.failed(payload, definition, failure, context)
        }
    }

    private func failed(
        _ payload: JobPayload,
        _ definition: JobDefinition?,
        _ failure: Failure,
        _ context: JobContext
    ) async -> Outcome {
        self.statistics.failed(payload.countedClass)
        var generator = SystemRandomNumberGenerator()
        let verdict = self.retries.verdict(
            payload: payload,
            queue: context.queue,
            definition: definition,
            failure: failure,
            now: .now(),
            using: &generator
        )
        self.log(failure, verdict, context)
        if verdict.isExhausted, let definition { await definition.exhausted(context, failure.error) }
        return verdict.outcome
    }

    private func log(_ failure: Failure, _ verdict: RetryRules.Verdict, _ context: JobContext) {
        self.environment.logger.warning(
            "job failed",
            metadata: [
                "job.id": "\(context.jobID)", "job.class": "\(context.jobClass)", "job.queue": "\(context.queue)",
                "job.attempt": "\(context.attempt)", "job.next": "\(verdict.summary)",
                "error.type": "\(failure.typeName)",
            ]
        )
    }
}
