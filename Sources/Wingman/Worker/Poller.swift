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
    /// Entries of one batch on which middleware may fail before the others wait for the next turn: a middleware that is
    /// down and slow must not hold the poller for hours.
    static let mostFailures = 10

    /// Of jobs that do not name theirs.
    static let standardQueue = "default"

    let store: any Store
    let client: Client
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger
    /// Set once the process takes no new jobs: it then leaves promotion to others.
    let isQuiet: @Sendable () -> Bool
    /// For client middleware, which may hang or block: nil runs it here, without a limit.
    var calls: LimitedCalls?

    func run() async throws {
        var leadership = StoreLeadership(
            role: "poller",
            term: Self.term,
            store: self.store,
            life: self.life,
            time: self.time
        )
        var outage = Outage(what: "promote due jobs", logger: self.logger)
        var setAside = Dictionary(uniqueKeysWithValues: DueSet.jobs.map { ($0, SetAside()) })
        await turns(bell: Bell(), on: self.time) {
            do {
                guard !self.isQuiet() else {
                    await leadership.resign()
                    return Self.term
                }
                guard try await leadership.holds() else { return Self.term / 3 }
                var pause = Self.longestPause
                for set in DueSet.jobs {
                    pause = min(pause, try await self.promoteDue(in: set, &setAside[set, default: SetAside()]))
                }
                outage.end(at: self.time.now)
                return pause
            } catch {
                return outage.failed(error, at: self.time.now)
            }
        }
        await leadership.resign()
    }

    /// Promotes one batch of what is due in `set`; the sets take turns, so that a crowd in one does not delay the other.
    ///
    /// - Returns: When to look again.
    private func promoteDue(in set: DueSet, _ setAside: inout SetAside) async throws -> Duration {
        let limit = Self.batch + setAside.count
        let due = try await self.store.due(in: set, limit: limit)
        var promotions: [Promotion] = []
        var failures: [any Error] = []
        for entry in setAside.passable(due.entries, at: self.time.now).prefix(Self.batch) {
            do {
                promotions.append(try await self.promotion(of: entry))
                setAside.remove(entry)
            } catch {
                setAside.add(entry, at: self.time.now)
                failures.append(error)
                if failures.count >= Self.mostFailures || Task.isCancelled { break }
            }
        }
        self.report(failures)
        let moved = promotions.isEmpty ? 0 : try await self.store.promote(promotions, from: set)
        if moved > 0, due.entries.count >= limit { return .zero }
        return due.nextDue.map { max(.zero, $0) } ?? Self.longestPause
    }

    private func report(_ failures: [any Error]) {
        guard let error = failures.first else { return }
        self.logger.error(
            "client middleware failed on due jobs: they stay in their set and are tried again",
            metadata: ["jobs.unpromoted": "\(failures.count)", "error": "\(error)"]
        )
    }

    /// What becomes of a due entry. A member that would make another Sidekiq schedule it again (`at`) is taken out.
    func promotion(of entry: [UInt8]) async throws -> Promotion {
        guard let payload = try? JobPayload(entry) else { return .bury(entry: entry, payload: Malformed.keep(entry)) }
        var edits = PayloadEdits()
        edits.set("enqueued_at", .now())
        edits.remove("at")
        let queue = payload.queue.flatMap { $0.isEmpty ? nil : $0 } ?? Self.standardQueue
        let job = PushedJob(queue: queue, payload: payload.applying(edits))
        guard let passed = try await self.pass(job) else { return .drop(entry: entry) }
        return .push(entry: entry, queue: passed.queue, payload: passed.payload)
    }

    private func pass(_ job: PushedJob) async throws -> PushedJob? {
        let client = self.client
        guard let calls, !client.middleware.isEmpty else { return try await client.pass(job, reason: .promotion) }
        // A job is tried again while its last try has not returned: the calls know it by its bytes.
        return try await calls.call("promotion \(job.payload.hashValue)", on: self.time) {
            try await client.pass(job, reason: .promotion)
        }
    }
}
