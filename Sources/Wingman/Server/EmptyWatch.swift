import Logging
import ServiceLifecycle
import Supervision

/// Stops the process once nothing that it would run is queued, due or running: `run --until-empty`.
///
/// Its own queues and lists count, in whoever's hands: what another process holds of them may come back. Others' do not.
struct EmptyWatch: Service {
    /// Between two looks. A look counts the queues in one round trip, and in a few more once they are empty.
    private static let interval = Duration.milliseconds(100)
    /// Due entries looked at: the poller moves them on, so there are rarely any.
    private static let dueLimit = 500

    let queues: Set<String>
    /// Lists of messages that plugins have declared.
    let lists: Set<String>
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
                emptyLooks = try await self.isEmpty() ? emptyLooks + 1 : 0
                outage.end(at: self.time.now)
            } catch {
                return outage.failed(error, at: self.time.now)
            }
            // Twice, so that a job between two places of two commands of another program is not overlooked.
            if emptyLooks == 2, !hasStopped {
                hasStopped = true
                self.stop()
            }
            return Self.interval
        }
    }

    private func isEmpty() async throws -> Bool {
        let lists = self.lists.union(self.life.inboxes)
        let counts = try await self.store.counts()
        guard Self.isEmpty(counts, queues: self.queues, lists: lists) else { return false }
        for list in lists {
            guard try await self.store.entries(in: .list(list), from: 0, limit: 1).isEmpty,
                try await self.store.due(in: .later(list), limit: 1).entries.isEmpty
            else { return false }
        }
        if counts.retriesDue > 0, try await self.hasDue(.retry) { return false }
        if counts.scheduledDue > 0, try await self.hasDue(.schedule) { return false }
        return true
    }

    private func hasDue(_ set: DueSet) async throws -> Bool {
        let due = try await self.store.due(in: set, limit: Self.dueLimit)
        // Among more than that some may be ours.
        return due.entries.count >= Self.dueLimit
            || due.entries.contains { entry in
                let queue = (try? JobPayload(entry))?.queue.flatMap { $0.isEmpty ? nil : $0 }
                return self.queues.contains(queue ?? Poller.standardQueue)
            }
    }

    /// What one look at the counts says.
    static func isEmpty(_ counts: StoreCounts, queues: Set<String>, lists: Set<String>) -> Bool {
        let sources = queues.map { Source.queue($0) } + lists.map { .list($0) }
        return sources.allSatisfy { counts.inFlightBySource[$0, default: 0] == 0 }
            && queues.allSatisfy { counts.queues[$0, default: 0] == 0 }
    }
}
