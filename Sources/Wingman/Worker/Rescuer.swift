import Logging
import ServiceLifecycle
import Supervision

/// Gives back what dead processes held. One process of the cluster does it; the store moves each job once whoever asks.
struct Rescuer: Service {
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger
    let timing: LeaseTiming

    /// Between two looks, should the next lease run out at once.
    private static let shortestPause = Duration.milliseconds(100)

    func run() async throws {
        // A leader that dies is replaced before the leases that died with it run out.
        var leadership = StoreLeadership(
            role: "rescuer",
            term: self.timing.rescue * 2,
            store: self.store,
            life: self.life,
            time: self.time
        )
        var outage = Outage(what: "rescue", logger: self.logger)
        await turns(bell: Bell(), on: self.time) {
            do {
                let next = try await leadership.holds() ? try await self.rescue() : nil
                outage.end(at: self.time.now)
                // A process that is not the leader looks whether it has become so.
                return min(self.timing.rescue, max(next ?? self.timing.rescue, Self.shortestPause))
            } catch {
                return outage.failed(error, at: self.time.now)
            }
        }
        await leadership.resign()
    }

    /// - Returns: When there may be something to rescue again; nil if nobody has a lease.
    private func rescue() async throws -> Duration? {
        var moved = 0
        var quarantined = 0
        var next: Duration?
        var ended: [ProcessID] = []
        var hasMore = true
        // However much there is: nobody who stops waits for it.
        while hasMore, !Task.isCancelled {
            let reply = try await self.store.rescue()
            moved += reply.moved
            ended += reply.ended
            quarantined += reply.quarantined
            next = reply.nextLook
            hasMore = reply.hasMore
        }
        if quarantined > 0 {
            self.logger.error(
                "jobs that ended three processes are in quarantine: look at them before they run again",
                metadata: ["jobs.quarantined": "\(quarantined)"]
            )
        }
        guard moved > 0 else { return next }
        self.logger.warning(
            "jobs of dead processes went back to their queues",
            metadata: ["jobs.rescued": "\(moved)", "process.dead": "\(ended.map(\.rawValue).joined(separator: " "))"]
        )
        return next
    }
}
