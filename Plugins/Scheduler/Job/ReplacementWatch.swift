import Logging
import Supervision
import Wingman

/// Ends jobs of schedules with the overlap policy `cancelPrevious` once a newer one has been enqueued.
///
/// Other jobs pass through it; one that has been replaced before it begins is discarded without running.
struct ReplacementWatch: ServerMiddleware {
    let state: SchedulerState

    /// How often a running job's process looks whether it has been replaced.
    private static let interval = Duration.seconds(1)

    @concurrent func perform(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        guard context.json(of: OccurrenceMember.name) != nil, let schedule = context.schedule, schedule.isReplaced,
            let keys = self.state.keys
        else { return try await next() }
        let name = Keys.current(schedule.schedule)
        let own = Array(context.jobID.utf8)
        if try await Self.isReplaced(own, name, keys) { throw Self.discarded(schedule) }
        try await withoutActuallyEscaping(next) { next in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await next()
                    return false
                }
                group.addTask {
                    while true {
                        try await TimerThread.shared.sleep(for: Self.interval)
                        if (try? await Self.isReplaced(own, name, keys)) == true { return true }
                    }
                }
                defer { group.cancelAll() }
                if try await group.next() == true {
                    group.cancelAll()
                    // The job has to return before it counts as ended; what it throws is the cancellation's.
                    while let _ = await group.nextResult() {}
                    throw Self.discarded(schedule)
                }
            }
        }
    }

    private static func isReplaced(_ own: [UInt8], _ name: String, _ keys: any ScheduleStore) async throws -> Bool {
        guard let current = try await keys.values(of: [name]).first ?? nil else { return false }
        return current != own
    }

    private static func discarded(_ schedule: ScheduledOccurrence) -> JobControl {
        .discard(reason: "a newer job of the schedule \(schedule.schedule) takes its place")
    }
}
