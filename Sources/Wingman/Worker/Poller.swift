import Logging
import ServiceLifecycle
import Supervision

/// Moves due jobs from the retry set and the schedule into their queues, through client middleware.
///
/// One process of the cluster does it. Each job is moved by one atomic step of the store, so a poller that dies, or two
/// that believe they lead, neither lose nor double one.
struct Poller: Service {
    /// Programs of other languages add to the schedule without telling anyone, so it is looked at this often: a look
    /// costs the store some 20 µs. Sidekiq looks every five seconds on average.
    static let longestPause = Duration.milliseconds(250)
    /// How soon another process takes over from a leader that died.
    static let term = Duration.seconds(3)
    /// Jobs moved in one step.
    static let batch = 500

    let store: any Store
    let client: Client
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger
    /// Set once the process takes no new jobs: it then leaves promotion to others.
    let isQuiet: @Sendable () -> Bool

    func run() async throws {
        var leadership = Leadership(
            role: "poller",
            term: Self.term,
            store: self.store,
            life: self.life,
            time: self.time
        )
        var outage = Outage(what: "promote due jobs", logger: self.logger)
        await turns(bell: Bell(), on: self.time) {
            do {
                guard !self.isQuiet() else {
                    await leadership.resign()
                    return Self.term
                }
                guard try await leadership.holds() else { return Self.term / 3 }
                let pause = try await self.promoteDue()
                outage.end(at: self.time.now)
                return pause
            } catch {
                return outage.failed(error, at: self.time.now)
            }
        }
        await leadership.resign()
    }

    /// Promotes what is due in both sets, in turns, so that a crowd in one does not delay the other.
    ///
    /// - Returns: When to look again.
    private func promoteDue() async throws -> Duration {
        var pause = Self.longestPause
        for set in DueSet.allCases {
            let due = try await self.store.due(in: set, limit: Self.batch)
            if let next = due.nextDue { pause = min(pause, max(.zero, next)) }
            guard !due.entries.isEmpty else { continue }
            var promotions: [Promotion] = []
            for entry in due.entries { promotions.append(try await self.promotion(of: entry)) }
            _ = try await self.store.promote(promotions, from: set)
            if due.entries.count >= Self.batch { pause = .zero }
        }
        return pause
    }

    /// What becomes of a due entry. A member that would make another Sidekiq schedule it again (`at`) is taken out.
    private func promotion(of entry: [UInt8]) async throws -> Promotion {
        guard let payload = try? JobPayload(entry) else { return .bury(entry: entry) }
        var edits = PayloadEdits()
        edits.set("enqueued_at", .now())
        edits.remove("at")
        let job = PushedJob(queue: payload.queue ?? "default", payload: payload.applying(edits))
        guard let passed = try await self.client.pass(job, reason: .promotion) else { return .drop(entry: entry) }
        return .push(entry: entry, queue: passed.queue, payload: passed.payload)
    }
}
