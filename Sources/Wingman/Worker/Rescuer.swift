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

    func run() async throws {
        // A leader that dies is replaced before the leases that died with it run out.
        var leadership = Leadership(
            role: "rescuer",
            term: self.timing.rescue * 2,
            store: self.store,
            life: self.life,
            time: self.time
        )
        var outage = Outage(what: "rescue", logger: self.logger)
        await turns(bell: Bell(), on: self.time) {
            do {
                if try await leadership.holds() { try await self.rescue() }
                outage.end(at: self.time.now)
                return self.timing.rescue
            } catch {
                return outage.failed(error, at: self.time.now)
            }
        }
        await leadership.resign()
    }

    private func rescue() async throws {
        var moved = 0
        var ended: [ProcessID] = []
        var hasMore = true
        while hasMore {
            let reply = try await self.store.rescue()
            moved += reply.moved
            ended += reply.ended
            hasMore = reply.hasMore
        }
        guard moved > 0 else { return }
        self.logger.warning(
            "jobs of dead processes went back to their queues",
            metadata: ["jobs.rescued": "\(moved)", "process.dead": "\(ended.map(\.rawValue).joined(separator: " "))"]
        )
    }
}
