import Wingman

/// What an operator does to schedules: each act is one compare-and-set on a record, tried again where a running process
/// was quicker. All processes hear of it within a second.
struct ScheduleDesk: Sendable {
    let keys: any ScheduleStore
    let client: Client
    let plan: SchedulerPlan

    /// An act that cannot be done, and why.
    struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// Running processes change a record once an occurrence; more tries than this say that something else is wrong.
    private static let largestNumberOfTries = 20

    /// Changes the record of a schedule.
    ///
    /// - Parameters:
    ///   - id: The schedule.
    ///   - body: Changes the record at the store's time, and says what else is to be done in the same step.
    /// - Returns: The record as it is now.
    @discardableResult
    func change(
        _ id: String,
        _ body: (inout ScheduleRecord, _ now: Int) async throws -> [Effect]
    ) async throws -> ScheduleRecord {
        for _ in 0..<Self.largestNumberOfTries {
            let (before, bytes) = try await self.record(id)
            var record = before
            let effects = try await body(&record, try await self.keys.now())
            let key = Keys.key(Keys.record(id))
            let change = Change(
                if: [.equals(key, bytes)],
                effects + [.put(key, RecordText.bytes(record)), .count(Keys.key(Keys.version), by: 1)]
            )
            if case .applied = try await self.keys.apply(change) { return record }
        }
        throw Refusal("schedule \(id) is changed all the time by somebody else: try again")
    }

    /// The record of a schedule.
    func record(_ id: String) async throws -> (record: ScheduleRecord, bytes: [UInt8]) {
        guard let found = try await self.keys.records(of: [id])[id] else {
            let hint = self.plan.entries[id] == nil ? "" : ": no process with it has run on this store yet"
            throw Refusal("there is no schedule \(RecurrenceError.quote(id.utf8)) in the store\(hint)")
        }
        guard let record = found.record else {
            throw Refusal("the record of schedule \(id) cannot be read: `cron remove` takes it away")
        }
        return (record, found.bytes)
    }

    // MARK: Acts

    /// Enqueues nothing more until it is resumed.
    func pause(_ id: String) async throws {
        try await self.change(id) { record, now in
            record.pausedAt = record.pausedAt ?? now
            return []
        }
    }

    /// Goes on.
    ///
    /// - Parameter catchesUp: Whether the catch-up policy decides about the pause; else its occurrences are left out.
    func resume(_ id: String, catchesUp: Bool) async throws -> ScheduleRecord {
        try await self.change(id) { record, now in
            let timing = try self.timing(id, record)
            if record.isPaused, !catchesUp, let next = record.next, timing.due(next) <= now {
                record.next = timing.recurrence.next(afterSecond: now.floorDivided(by: 1_000))
                record.nextWall = nil
            }
            record.pausedAt = nil
            return []
        }
    }

    /// Leaves out the next occurrences, `count` of them; zero takes it back.
    func skip(_ id: String, count: Int) async throws {
        try await self.change(id) { record, _ in
            record.skips = count > 0 ? count : nil
            return []
        }
    }

    /// Enqueues a job now. What is next stays as it is.
    ///
    /// - Returns: The job's ID; nil if a client middleware refused it.
    func run(_ id: String) async throws -> String? {
        var enqueued: String?
        try await self.change(id) { record, now in
            let jid = OccurrenceID.makeManual(schedule: id, at: now)
            let planned = record.enqueue(now.floorDivided(by: 1_000), of: id, as: .manual, jid: jid, now: now)
            let effects = try await self.effects(of: planned, id, record)
            enqueued = effects.isEmpty ? nil : jid
            return effects
        }
        return enqueued
    }

    /// Enqueues the jobs of past occurrences.
    ///
    /// - Returns: The occurrences, in seconds since 1970.
    func backfill(_ id: String, in range: Range<Instant>, limit: Int) async throws -> [Int] {
        let (record, _) = try await self.record(id)
        let occurrences = try self.timing(id, record).recurrence.occurrences(in: range, limit: limit)
        for occurrence in occurrences {
            try await self.change(id) { record, now in
                let at = occurrence.secondsSince1970
                guard occurrence.millisecondsSince1970 <= now else {
                    throw Refusal("\(occurrence) is not past: occurrences to come are enqueued when they are due")
                }
                return try await self.effects(of: record.enqueue(at, of: id, as: .backfilled, now: now), id, record)
            }
        }
        return occurrences.map(\.secondsSince1970)
    }

    /// Puts a schedule into the store, for any program.
    func add(_ text: ScheduleText, replacing: Bool) async throws -> ScheduleRecord {
        let entry: ScheduleEntry
        do throws(ConfigurationError) {
            entry = try text.entry()
        } catch {
            throw Refusal(error.faults.joined(separator: "; "))
        }
        guard case .success(let recurrence) = entry.recurrence else { throw Refusal(entry.fault ?? "no recurrence") }
        if self.plan.entries[entry.id] != nil { throw Refusal("the program has a schedule \(entry.id) in its code") }
        if let found = try await self.keys.records(of: [entry.id])[entry.id] {
            guard replacing, found.record?.owner == .dynamic else {
                throw Refusal("there is a schedule \(entry.id) already\(replacing ? " in a program's code" : "")")
            }
            return try await self.change(entry.id) { record, now in
                self.fill(&record, entry, recurrence, text, now: now)
                return []
            }
        }
        var record = ScheduleRecord(
            spec: "",
            owner: .dynamic,
            application: self.plan.deployment.application,
            generation: 0,
            jobClass: ""
        )
        self.fill(&record, entry, recurrence, text, now: try await self.keys.now())
        let key = Keys.key(Keys.record(entry.id))
        let change = Change(
            if: [.absent(key)],
            [
                .put(key, RecordText.bytes(record)), .insert(Keys.key(Keys.ids), member: Array(entry.id.utf8)),
                .count(Keys.key(Keys.version), by: 1),
            ]
        )
        guard case .applied = try await self.keys.apply(change) else {
            throw Refusal("there is a schedule \(entry.id) already")
        }
        return record
    }

    private func fill(
        _ record: inout ScheduleRecord,
        _ entry: ScheduleEntry,
        _ recurrence: Recurrence,
        _ text: ScheduleText,
        now: Int
    ) {
        record.spec = recurrence.description
        record.jobClass = text.class
        record.job = text.blueprint
        record.choices = entry.choices
        record.nextWall = nil
        record.buffered = nil
        record.next = recurrence.next(afterSecond: now.floorDivided(by: 1_000))
    }

    /// Removes a schedule with all that is kept of it.
    func remove(_ id: String) async throws {
        for _ in 0..<Self.largestNumberOfTries {
            guard let found = try await self.keys.records(of: [id])[id] else {
                throw Refusal("there is no schedule \(RecurrenceError.quote(id.utf8)) in the store")
            }
            if self.plan.entries[id] != nil, found.record != nil {
                throw Refusal("the program has schedule \(id) in its code: take it out there, or pause it")
            }
            if case .applied = try await self.keys.apply(Removal.change(of: id, bytes: found.bytes)) { return }
        }
        throw Refusal("schedule \(id) is changed all the time by somebody else: try again")
    }

    // MARK: Parts

    /// When a recorded schedule occurs.
    func timing(_ id: String, _ record: ScheduleRecord) throws -> Timing {
        if let planned = self.plan.entries[id], planned.spec == record.spec { return planned.timing }
        let policies = record.choices.resolved(self.plan.policies)
        return Timing(id: id, recurrence: try Recurrence(record.spec, id: id), policies: policies)
    }

    private func effects(
        of planned: PlannedOccurrence,
        _ id: String,
        _ record: ScheduleRecord
    ) async throws -> [Effect] {
        guard
            let maker = self.plan.entries[id]?.maker
                ?? record.job.map({ .of($0, options: self.plan.options($0.jobClass)) })
        else { throw Refusal("schedule \(id) belongs to the program \(record.application): use its executable") }
        let overlap = try self.timing(id, record).policies.overlap
        let member = OccurrenceMember(planned, of: id, overlap: overlap)
        let fields = [OccurrenceMember.name: member.json]
        guard let job = try await maker.make(self.client, member.occurrence, planned.jid, fields) else { return [] }
        var effects: [Effect] = [.push(job)]
        if overlap.watchesJobs { effects.append(.insert(Keys.key(Keys.live(id)), member: Array(planned.jid.utf8))) }
        return effects
    }
}
