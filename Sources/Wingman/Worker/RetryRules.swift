/// What becomes of a job that failed: Sidekiq's rules (sidekiq-wire.md §8), as a pure function.
struct RetryRules: Sendable {
    /// What was decided.
    struct Verdict: Sendable {
        let outcome: Outcome
        /// True if no attempt is left: the job's `exhausted` hook is to be called.
        let isExhausted: Bool
        /// For the log: `retry in 17 s`, `dead`, `discarded`.
        let summary: String
    }

    /// Retries of a job that does not say how many: Sidekiq's 25, about three weeks.
    var standardRetries = 25

    /// Decides for one failure.
    ///
    /// - Parameters:
    ///   - payload: The job as it was claimed.
    ///   - queue: Where it was claimed; overwrites the job's own.
    ///   - definition: Its type, if known here.
    ///   - now: The time written into the payload.
    func verdict(
        payload: JobPayload,
        queue: String,
        definition: JobDefinition?,
        failure: Failure,
        now: SidekiqTime,
        using generator: inout some RandomNumberGenerator
    ) -> Verdict {
        let limit = self.limit(payload, definition)
        // A class that is unknown here is kept, whatever the job says of retries: nobody has judged it.
        guard limit != nil || definition == nil || failure.kills else {
            return Verdict(outcome: .discard(failed: true), isExhausted: true, summary: "discarded, retry is off")
        }
        let count = payload.retryCount.map { $0 + 1 } ?? 0
        let edited = self.edited(payload, queue: queue, failure: failure, count: count, now: now)
        let isKept = payload.goesToDeadSet || definition == nil
        let isOver = (limit ?? .retries(0)).isOver(count: count, firstFailure: payload.failedAt ?? now, now: now)
        guard !isOver, !failure.kills else { return Self.exhausted(edited, isKept: isKept) }
        let choice = definition?.retry(failure.error, count) ?? .backoff
        switch choice {
        case .kill:
            return Self.exhausted(edited, isKept: isKept)
        case .discard:
            return Verdict(outcome: .discard(failed: true), isExhausted: true, summary: "discarded by its type")
        case .backoff, .after:
            let delay = Self.delay(choice, count: count, using: &generator)
            return Verdict(
                outcome: .retry(payload: edited, delay: delay),
                isExhausted: false,
                summary: "retry in \(delay.components.seconds) s"
            )
        }
    }

    private static func exhausted(_ edited: [UInt8], isKept: Bool) -> Verdict {
        isKept
            ? Verdict(outcome: .dead(payload: edited), isExhausted: true, summary: "dead")
            : Verdict(outcome: .discard(failed: true), isExhausted: true, summary: "discarded, dead is false")
    }

    // MARK: How long it goes on

    enum Limit: Equatable {
        case retries(Int)
        case seconds(Duration)

        func isOver(count: Int, firstFailure: SidekiqTime, now: SidekiqTime) -> Bool {
            switch self {
            case .retries(let most): count >= most
            case .seconds(let window): firstFailure.seconds + window.inSeconds < now.seconds
            }
        }
    }

    /// The job's own words win over its type's; nil is no retry at all.
    private func limit(_ payload: JobPayload, _ definition: JobDefinition?) -> Limit? {
        if payload.retry == .disabled { return nil }
        if let window = payload.retryFor { return .seconds(window) }
        switch payload.retry {
        case .limited(let count): return .retries(count)
        case .enabled, .disabled: return .retries(self.standardRetries)
        case nil: return self.limit(of: definition?.options.retry ?? .standard)
        }
    }

    private func limit(of policy: RetryPolicy) -> Limit? {
        switch policy.kind {
        case .standard: .retries(self.standardRetries)
        case .attempts(let count): .retries(count)
        case .window(let seconds): .seconds(.seconds(seconds))
        case .off: nil
        }
    }

    // MARK: What is written down

    private func edited(
        _ payload: JobPayload,
        queue: String,
        failure: Failure,
        count: Int,
        now: SidekiqTime
    ) -> [UInt8] {
        var edits = PayloadEdits()
        edits.set("queue", payload.retryQueue ?? queue)
        edits.setFailure(className: failure.typeName, message: failure.message)
        if payload.retryCount == nil {
            edits.set("failed_at", now)
        } else {
            edits.set("retried_at", now)
        }
        edits.set("retry_count", count)
        switch payload.backtrace {
        case .none: break
        case .all: edits.setBacktrace(failure.backtrace)
        case .lines(let most): edits.setBacktrace(Array(failure.backtrace.prefix(most)))
        }
        return payload.applying(edits)
    }

    // MARK: When

    /// Sidekiq's own limit of `retry_for`, some 31 years: more would leave the scores' exact range.
    static let longestDelay = Duration.seconds(1_000_000_000)

    /// `count⁴ + 15` seconds, or the type's own delay, and up to `10 × (count + 1)` seconds of jitter (Sidekiq 8).
    static func delay(
        _ choice: RetryChoice,
        count: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        // Far beyond the longest delay already; keeps the fourth power from overflowing.
        let bounded = max(0, min(count, 1_000))
        let jitter = Duration.seconds(Int.random(in: 0..<(10 * (bounded + 1)), using: &generator))
        if case .after(let duration) = choice, duration > .zero { return min(duration, Self.longestDelay) + jitter }
        return min(.seconds(bounded * bounded * bounded * bounded + 15), Self.longestDelay) + jitter
    }
}
