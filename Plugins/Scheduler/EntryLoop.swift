import Logging
import Supervision
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Performs the steps of one entry's ``EntryPlan``, until its task is cancelled or the process goes quiet.
///
/// Nothing that happens to the entry leaves the loop: an unreachable store is waited for, a job that cannot be made is
/// logged and tried again later.
struct EntryLoop: Sendable {
    let entry: ScheduleEntry
    let environment: ServiceEnvironment
    let gate: Gate
    /// Milliseconds since 1970 by this machine: only for a schedule that the store has never seen.
    var localNow: @Sendable () -> Int = { Int(Date().timeIntervalSince1970 * 1_000) }

    func run() async {
        let plan = EntryPlan(interval: self.entry.interval)
        var outage = Outage(what: "offer a schedule", logger: self.logger, longestDelay: Self.longestDelay)
        var step = plan.first(localNow: self.localNow())
        while !Task.isCancelled && !self.gate.isClosed {
            do {
                step = try await self.perform(step, of: plan)
                outage.end(at: self.environment.time.now)
            } catch is CancellationError {
                return
            } catch let error as StoreError {
                await self.wait(after: error, in: &outage)
                // The fate of an offer without an answer is unknown: the question tells.
                step = plan.first(localNow: self.localNow())
            } catch {
                await self.wait(afterUnmakeable: error)
                step = plan.first(localNow: self.localNow())
            }
        }
    }

    private func perform(_ step: EntryPlan.Step, of plan: EntryPlan) async throws -> EntryPlan.Step {
        switch step {
        case .ask(let following):
            let reply = try await self.environment.tick(self.tick(expected: nil, following: following, job: .nothing))
            return plan.next(after: reply, localNow: self.localNow())
        case .offer(let expected, let following):
            let jobID = OccurrenceID.make(schedule: self.entry.id, at: expected)
            guard let job = try await self.entry.draft(self.environment.client, jobID) else {
                return plan.nextAfterRefusal()
            }
            // If we die before the call, another process offers; after it, the store has the job and the next occurrence.
            let reply = try await self.environment.tick(self.tick(expected: expected, following: following, job: job))
            if reply == .pushed { self.logger.debug("scheduled job enqueued", metadata: ["job.id": "\(jobID)"]) }
            return plan.next(after: reply, localNow: self.localNow())
        case .sleep(let milliseconds):
            try await self.environment.time.sleep(for: .milliseconds(milliseconds))
            return plan.first(localNow: self.localNow())
        }
    }

    private func tick(expected: Int?, following: Int, job: PushedJob) -> RecurringTick {
        RecurringTick(
            id: self.entry.id,
            specification: self.entry.specification,
            expected: expected,
            following: following,
            job: job
        )
    }

    /// Long enough to spare a store that recovers, short enough that an interval of a minute is hardly missed.
    private static let longestDelay = Duration.seconds(30)

    private func wait(after error: StoreError, in outage: inout Outage) async {
        let delay = outage.failed(error, at: self.environment.time.now)
        try? await self.environment.time.sleep(for: delay)
    }

    /// The job's own code refuses: say so, and look again after an interval, at most a minute.
    private func wait(afterUnmakeable error: any Error) async {
        self.logger.error("scheduled job cannot be made", metadata: ["error": "\(error)"])
        try? await self.environment.time.sleep(for: .seconds(min(self.entry.interval.seconds, 60)))
    }

    private var logger: Logger {
        var logger = self.environment.logger
        logger[metadataKey: "schedule.id"] = "\(self.entry.id)"
        return logger
    }
}

extension PushedJob {
    /// Stands in a question, which never pushes.
    fileprivate static let nothing = PushedJob(queue: "default", payload: [])
}
