import Supervision
import Wingman

/// Stands beside running jobs of schedules whose newest job takes the place of those before it. Other jobs pass through.
///
/// It ends the job once a newer one has been enqueued; one that was replaced before it began is discarded without running.
struct ScheduleWatch: ServerMiddleware {
    let state: SchedulerState

    /// How often a job's process looks whether the job has been replaced.
    private static let interval = Duration.seconds(1)

    @concurrent func perform(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        guard let keys = self.state.keys, let schedule = context.schedule, schedule.isReplaced else {
            return try await next()
        }
        let companion = Companion(jid: context.jobID, schedule: schedule, keys: keys)
        guard try await !companion.isReplaced() else { throw companion.discarded }
        try await withoutActuallyEscaping(next) { next in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                // On the timer's thread: a job that computes must not keep it from its looks.
                group.addTask(executorPreference: TimerThread.shared.executor) {
                    try await companion.untilReplaced()
                    return true
                }
                group.addTask {
                    try await next()
                    return false
                }
                defer { group.cancelAll() }
                guard try await group.next() == true else { return }
                group.cancelAll()
                // The job has to return before it counts as ended; what it throws is the cancellation's.
                while await group.nextResult() != nil {}
                throw companion.discarded
            }
        }
    }

    /// What goes on beside one job.
    private struct Companion: Sendable {
        let jid: String
        let schedule: ScheduledOccurrence
        let keys: any ScheduleStore

        var discarded: JobControl {
            .discard(reason: "a newer job of the schedule \(self.schedule.schedule) takes its place")
        }

        /// Returns when a newer job has been enqueued. An unreachable store says nothing about it.
        func untilReplaced() async throws {
            repeat {
                try await TimerThread.shared.sleep(for: ScheduleWatch.interval)
            } while (try? await self.isReplaced()) != true
        }

        func isReplaced() async throws -> Bool {
            let name = Keys.current(self.schedule.schedule)
            guard let current = try await self.keys.values(of: [name]).first ?? nil else { return false }
            return current != Array(self.jid.utf8)
        }
    }
}
