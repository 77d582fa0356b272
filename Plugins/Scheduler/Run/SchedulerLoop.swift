import Logging
import Metrics
import Supervision
import Wingman

/// The loop of the scheduler: sleeps until something is due or a second has passed, enqueues what is due, looks whether
/// others changed anything.
///
/// All times are the store's; this machine's clock only measures sleeps. Nothing that happens to one schedule reaches
/// another, and nothing but a stop ends the loop: an unreachable store is waited for.
struct SchedulerLoop: Sendable {
    let plan: SchedulerPlan
    let keys: any ScheduleStore
    let environment: ServiceEnvironment
    let state: SchedulerState
    let claimer: Claimer
    let reconciler: Reconciler

    /// Changes by others, jumps of a clock and a suspended machine are noticed after this time.
    private static let longestSleep = 1_000
    /// How long a follower leaves an occurrence to the leader, in milliseconds.
    private static let followerDelay = 1_000
    /// Presence is renewed, and what others left behind looked at, so often: in milliseconds.
    private static let housekeepingInterval = 30_000
    /// Schedules that are enqueued beside each other.
    private static let width = 32

    /// Runs until the task is cancelled.
    func run() async {
        var outage = Outage(what: "schedule jobs", logger: self.environment.logger, longestDelay: .seconds(5))
        var round = Round()
        while !Task.isCancelled {
            Incarnation.current?.beat()
            self.state.ticked(at: self.time.now)
            if self.state.takeWedge() { await self.hang() }
            do {
                try await self.goRound(&round)
                outage.end(at: self.time.now)
                try await self.time.sleep(for: .milliseconds(self.pause(&round)))
            } catch is CancellationError {
                return
            } catch {
                let delay = outage.failed(error, at: self.time.now)
                // What an unanswered step has done nobody knows: everything is read anew.
                round.version = nil
                try? await self.time.sleep(for: delay)
            }
        }
    }

    /// What the loop keeps from round to round.
    struct Round: Sendable {
        var book = ScheduleBook()
        var clock = StoreClock()
        /// The count of changes as of the last reading; nil: everything has to be read.
        var version: [UInt8]??
        var polledAt: Duration?
        var housekeptAt: Int?
    }

    private var time: any Timekeeper { self.environment.time }

    private func goRound(_ round: inout Round) async throws {
        // A process that takes nothing new keeps still; it may not even be asked what is due.
        guard !self.environment.isQuiet else { return }
        try await self.poll(&round)
        try await self.keepHouse(&round)
        try await self.enqueueDue(&round)
        self.state.troubles = round.book.troubles
    }

    /// Asks for the time, and whether anything was changed by others: one call for both.
    private func poll(_ round: inout Round) async throws {
        let now = self.time.now
        if let polledAt = round.polledAt, round.version != nil, now - polledAt < .milliseconds(Self.longestSleep) {
            return
        }
        round.polledAt = now
        if let known = round.version {
            let key = Keys.key(Keys.version)
            let condition: Condition = known.map { .equals(key, $0) } ?? .absent(key)
            let reply = try await self.keys.apply(Change(if: [condition, .reached(milliseconds: .max)], []))
            round.clock.set(reply.now, at: self.time.now)
            guard case .refused(condition: 0, _) = reply else { return }
        }
        try await self.readAll(&round)
    }

    /// Reads all records. The version is read before them, so that a change meanwhile is seen by the next poll.
    private func readAll(_ round: inout Round) async throws {
        round.clock.set(try await self.keys.now(), at: self.time.now)
        let version = try await self.keys.values(of: [Keys.version]).first ?? nil
        try await self.reconciler.reconcile(&round.book, now: round.clock.milliseconds(at: self.time.now))
        round.version = .some(version)
        self.claimer.metrics.schedules.record(round.book.schedules.count)
    }

    private func keepHouse(_ round: inout Round) async throws {
        let now = round.clock.milliseconds(at: self.time.now)
        if let last = round.housekeptAt, (0..<Self.housekeepingInterval).contains(now - last) { return }
        try await self.reconciler.keepHouse(&round.book, now: now)
        round.housekeptAt = now
    }

    // MARK: What is due

    private func enqueueDue(_ round: inout Round) async throws {
        while !Task.isCancelled, !self.environment.isQuiet {
            let now = round.clock.milliseconds(at: self.time.now)
            let horizon = self.state.isLeader ? now : now - Self.followerDelay
            var due = round.book.takeDue(at: horizon, limit: Self.width)
            guard !due.isEmpty else { return }
            if !self.state.isLeader { due = try await self.reread(due, &round, now: now) }
            try await self.enqueue(due, &round, now: now)
            Incarnation.current?.beat()
        }
    }

    /// What the leader has not done yet.
    private func reread(_ due: [LiveSchedule], _ round: inout Round, now: Int) async throws -> [LiveSchedule] {
        do {
            let records = try await self.keys.records(of: due.map(\.id))
            for schedule in due {
                self.note(records[schedule.id], of: schedule.id, &round, now: now)
            }
        } catch {
            for schedule in due { round.book.set(schedule.id, schedule, now: now) }
            throw error
        }
        return due.compactMap { round.book[$0.id] }.filter { ($0.due(now: now) ?? .max) <= now }
    }

    private func enqueue(_ due: [LiveSchedule], _ round: inout Round, now: Int) async throws {
        let claimer = self.claimer
        let results = await withTaskGroup(of: (LiveSchedule, Result<Claimer.Outcome, any Error>).self) { group in
            for schedule in due {
                group.addTask {
                    do {
                        return (schedule, .success(try await claimer.claim(schedule, now: now)))
                    } catch {
                        return (schedule, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var storeError: StoreError?
        var stale: [String] = []
        for (schedule, result) in results {
            switch result {
            case .success(let outcome):
                if self.note(outcome, of: schedule, &round) { stale.append(schedule.id) }
            case .failure(let error as StoreError) where error.code != .unexpected:
                storeError = error
                round.book.set(schedule.id, schedule, now: now)
            case .failure(is CancellationError):
                round.book.set(schedule.id, schedule, now: now)
            case .failure(let error):
                self.note(error, of: schedule, &round, now: now)
            }
        }
        if let storeError { throw storeError }
        try await self.refresh(stale, &round)
    }

    /// Notes what came of an attempt.
    ///
    /// - Returns: Whether the record has to be read anew.
    private func note(_ outcome: Claimer.Outcome, of schedule: LiveSchedule, _ round: inout Round) -> Bool {
        var schedule = schedule
        switch outcome {
        case .nothing, .quiet: break
        case .advanced(let record, let bytes, let now):
            round.clock.set(now, at: self.time.now)
            schedule.record = record
            schedule.bytes = bytes
            schedule.succeeded()
            schedule.missing = nil
        case .stale(let now):
            round.clock.set(now, at: self.time.now)
            return true
        case .early(let now): round.clock.set(now, at: self.time.now)
        case .waiting(let searched, let now):
            round.clock.set(now, at: self.time.now)
            schedule.wait(searched: searched, now: now)
            schedule.notBefore = now + LiveSchedule.bufferedInterval
        case .blocked(let record, let bytes, let searched, let now):
            round.clock.set(now, at: self.time.now)
            schedule.record = record
            schedule.bytes = bytes
            schedule.wait(searched: searched, now: now)
        case .searching(let missing, let now):
            round.clock.set(now, at: self.time.now)
            schedule.search(missing, now: now)
        }
        round.book.set(schedule.id, schedule, now: round.clock.milliseconds(at: self.time.now))
        return false
    }

    /// Its job could not be made, or a key of its own is spoilt: its own affair.
    private func note(_ error: any Error, of schedule: LiveSchedule, _ round: inout Round, now: Int) {
        var schedule = schedule
        schedule.failed(error, now: now)
        self.claimer.metrics.failures.increment()
        self.environment.logger.error(
            "scheduled job cannot be made",
            metadata: [
                "schedule.id": "\(schedule.id)", "error": "\(error)", "schedule.failures": "\(schedule.failures)",
                "schedule.retry": "\((schedule.notBefore - now) / 1_000) s",
            ]
        )
        round.book.set(schedule.id, schedule, now: now)
    }

    private func refresh(_ ids: [String], _ round: inout Round) async throws {
        guard !ids.isEmpty else { return }
        let records = try await self.keys.records(of: ids)
        let now = round.clock.milliseconds(at: self.time.now)
        for id in ids {
            self.note(records[id], of: id, &round, now: now)
        }
    }

    /// Notes what the store says of a schedule. If it has forgotten it, as after a FLUSHALL, everything is looked at anew.
    private func note(
        _ found: (record: ScheduleRecord?, bytes: [UInt8])?,
        of id: String,
        _ round: inout Round,
        now: Int
    ) {
        if found == nil { round.version = nil }
        round.book.read(id, found?.record, found?.bytes ?? [], now: now)
    }

    /// How long nothing is due, in milliseconds.
    private func pause(_ round: inout Round) -> Int {
        let now = round.clock.milliseconds(at: self.time.now)
        guard !self.environment.isQuiet, let due = round.book.nextDue else { return Self.longestSleep }
        let wait = self.state.isLeader ? due - now : due + Self.followerDelay - now
        return min(max(wait, 1), Self.longestSleep)
    }

    /// A test's hook: what a defect of ours would look like.
    private func hang() async {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }
}
