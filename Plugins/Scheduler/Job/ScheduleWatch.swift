import Supervision
import Wingman

/// Stands beside running jobs of schedules that care about overlap. Other jobs pass through it.
///
/// For `skip` and `bufferOne` it says in the store that the job runs, so that a search does not take it for lost. For
/// `cancelPrevious` it ends the job once a newer one has been enqueued; one that was replaced before it began is discarded
/// without running.
struct ScheduleWatch: ServerMiddleware {
    let state: SchedulerState

    /// How often a job's process looks whether the job has been replaced.
    private static let replacementInterval = Duration.seconds(1)
    /// How often it says that the job runs, and how long that is believed.
    private static let markInterval = Duration.seconds(20)
    private static let markExpiry = Duration.seconds(60)

    @concurrent func perform(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        guard let keys = self.state.keys, let schedule = context.schedule, schedule.isWatched || schedule.isReplaced
        else { return try await next() }
        let companion = Companion(jid: context.jobID, schedule: schedule, keys: keys)
        guard try await companion.begin() else { throw companion.discarded }
        try await withoutActuallyEscaping(next) { next in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                // On the timer's thread: a job that computes must not keep it from its beats.
                group.addTask(executorPreference: TimerThread.shared.executor) { try await companion.stay() }
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

        /// - Returns: False if the job has been replaced before it began.
        func begin() async throws -> Bool {
            if self.schedule.isReplaced { return try await !self.isReplaced() }
            // An unreachable store delays no job; without the mark a search may take it for lost.
            try? await self.mark()
            return true
        }

        /// Stays until it is cancelled, or returns true: the job has been replaced.
        func stay() async throws -> Bool {
            let interval = self.schedule.isReplaced ? ScheduleWatch.replacementInterval : ScheduleWatch.markInterval
            while true {
                try await TimerThread.shared.sleep(for: interval)
                if self.schedule.isReplaced {
                    if (try? await self.isReplaced()) == true { return true }
                } else {
                    try? await self.mark()
                }
            }
        }

        private func mark() async throws {
            let key = Keys.key(Keys.running(self.jid))
            let change = Change([.put(key, Array(self.schedule.schedule.utf8), expiry: ScheduleWatch.markExpiry)])
            _ = try await self.keys.apply(change)
        }

        private func isReplaced() async throws -> Bool {
            guard let current = try await self.keys.values(of: [Keys.current(self.schedule.schedule)]).first ?? nil
            else {
                return false
            }
            return current != Array(self.jid.utf8)
        }
    }
}
