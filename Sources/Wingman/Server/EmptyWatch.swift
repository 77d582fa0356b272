import Logging
import ServiceLifecycle
import Supervision

/// Stops the process once nothing is queued, due or running: `run --until-empty`.
struct EmptyWatch: Service {
    /// Between two looks. A look counts the queues in one round trip.
    private static let interval = Duration.milliseconds(100)

    let queues: Set<String>
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger
    let stop: @Sendable () -> Void

    func run() async throws {
        var emptyLooks = 0
        var hasStopped = false
        var outage = Outage(what: "count jobs", logger: self.logger)
        await turns(bell: Bell(), on: self.time) {
            guard self.life.holder != nil else { return Self.interval }
            do {
                emptyLooks = Self.isEmpty(try await self.store.counts(), queues: self.queues) ? emptyLooks + 1 : 0
                outage.end(at: self.time.now)
            } catch {
                return outage.failed(error, at: self.time.now)
            }
            // Twice, so that a job between two places of two commands of another program is not overlooked.
            // And only once: a second request to stop would be taken for impatience.
            if emptyLooks == 2, !hasStopped {
                hasStopped = true
                self.stop()
            }
            return Self.interval
        }
    }

    /// Counts only the queues this process serves: others are not its to empty.
    static func isEmpty(_ counts: StoreCounts, queues: Set<String>) -> Bool {
        counts.inFlight == 0 && counts.scheduledDue == 0 && counts.retriesDue == 0
            && queues.allSatisfy { counts.queues[$0, default: 0] == 0 }
    }
}
