import Logging
import Supervision
import Wingman

/// Brings together what the program says of its schedules and what the store has: at the start, and after each change by
/// others.
struct Reconciler: Sendable {
    let plan: SchedulerPlan
    let keys: any ScheduleStore
    let logger: Logger

    /// How long others believe a deployment to live after its last word.
    private static let presence = Duration.seconds(90)
    /// Records that are written beside each other.
    private static let width = 32

    /// Reads everything, writes what differs, and fills the book.
    func reconcile(_ book: inout ScheduleBook, now: Int) async throws {
        try await self.announce()
        let own = self.plan.entries
        let recorded = try await self.keys.ids()
        let records = try await self.keys.records(of: Array(Set(recorded).union(own.keys)).sorted())
        let alive = try await self.alive()
        var next = ScheduleBook()
        for piece in own.values.sorted(by: { $0.id < $1.id }).pieces(of: Self.width) {
            for schedule in try await self.settle(piece, records, alive: alive, now: now) {
                next.set(schedule.id, schedule.continuing(book[schedule.id]), now: now)
            }
        }
        for id in recorded where own[id] == nil {
            guard let found = records[id], let record = found.record, record.owner == .dynamic,
                let schedule = self.dynamic(id, record, found.bytes)
            else { continue }
            next.set(id, schedule.continuing(book[id]), now: now)
        }
        book = next
    }

    /// Says that this deployment lives, and looks after what it and others left behind.
    func keepHouse(_ book: inout ScheduleBook, now: Int) async throws {
        try await self.announce()
        try await self.forgetVanished(now: now)
        let aside = book.schedules.values.filter { $0.standing != .active && self.plan.entries[$0.id] != nil }
        guard !aside.isEmpty else { return }
        let records = try await self.keys.records(of: aside.map(\.id))
        let alive = try await self.alive()
        let entries = aside.compactMap { self.plan.entries[$0.id] }
        for schedule in try await self.settle(entries[...], records, alive: alive, now: now) {
            book.set(schedule.id, schedule.continuing(book[schedule.id]), now: now)
        }
    }

    // MARK: Deployments

    private func announce() async throws {
        let own = self.plan.deployment
        let change = Change([
            .put(Keys.key(Keys.presence(own)), [UInt8(ascii: "1")], expiry: Self.presence),
            .insert(Keys.key(Keys.deployments), member: Array(own.text.utf8)),
        ])
        _ = try await self.keys.apply(change)
    }

    /// The other deployments that have processes. Those that have none any more are forgotten.
    private func alive() async throws -> Set<Deployment> {
        let members = try await self.keys.members(of: Keys.deployments).map { String(decoding: $0, as: UTF8.self) }
        let others = members.compactMap { Deployment($0) }.filter { $0 != self.plan.deployment }
        guard !others.isEmpty else { return [] }
        let values = try await self.keys.values(of: others.map { Keys.presence($0) })
        let alive = zip(others, values).filter { $1 != nil }.map(\.0)
        for gone in zip(others, values) where gone.1 == nil {
            let effect = Effect.remove(Keys.key(Keys.deployments), member: Array(gone.0.text.utf8))
            _ = try await self.keys.apply(Change(if: [.absent(Keys.key(Keys.presence(gone.0)))], [effect]))
        }
        return Set(alive)
    }

    // MARK: Schedules of this program

    private typealias Records = [String: (record: ScheduleRecord?, bytes: [UInt8])]

    /// Writes what differs, and says how each schedule stands.
    private func settle(
        _ entries: ArraySlice<PlannedSchedule>,
        _ records: Records,
        alive: Set<Deployment>,
        now: Int
    ) async throws -> [LiveSchedule] {
        try await withThrowingTaskGroup(of: LiveSchedule.self) { group in
            for entry in entries {
                let found = records[entry.id]
                group.addTask { try await self.settle(entry, found, alive: alive, now: now) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func settle(
        _ entry: PlannedSchedule,
        _ found: (record: ScheduleRecord?, bytes: [UInt8])?,
        alive: Set<Deployment>,
        now: Int
    ) async throws -> LiveSchedule {
        var live = LiveSchedule(id: entry.id, timing: entry.timing, maker: entry.maker)
        live.record = found?.record
        live.bytes = found?.bytes ?? []
        if let found, found.record == nil {
            live.standing = .faulty(LiveSchedule.unreadable)
            return live
        }
        let verdict = Reconciliation.verdict(
            spec: entry.spec,
            jobClass: entry.jobClass,
            choices: entry.choices,
            recorded: found?.record,
            hasNewer: self.hasNewer(alive),
            own: self.plan.deployment,
            isAlive: alive.contains
        )
        guard let record = self.record(after: verdict, entry, found?.record, now: now) else {
            if case .standAside(let why) = verdict { live.standing = .aside(why) }
            return live
        }
        return try await self.write(record, verdict, live)
    }

    private func hasNewer(_ alive: Set<Deployment>) -> Bool {
        let own = self.plan.deployment
        return alive.contains { $0.application == own.application && $0.generation > own.generation }
    }

    /// The record that a verdict asks for; nil: it stays as it is.
    private func record(
        after verdict: Reconciliation,
        _ entry: PlannedSchedule,
        _ recorded: ScheduleRecord?,
        now: Int
    ) -> ScheduleRecord? {
        switch verdict {
        case .keep, .standAside: return nil
        case .create: return entry.newRecord(self.plan.deployment, now: now)
        case .adopt, .change:
            var record = recorded ?? entry.newRecord(self.plan.deployment, now: now)
            record.application = self.plan.deployment.application
            record.generation = self.plan.deployment.generation
            record.jobClass = entry.jobClass
            record.choices = entry.choices
            record.vanishedAt = nil
            guard verdict == .change else { return record }
            record.spec = entry.spec
            record.nextWall = nil
            record.buffered = nil
            record.next = entry.timing.recurrence.next(afterSecond: now.floorDivided(by: 1_000))
            return record
        }
    }

    private func write(_ record: ScheduleRecord, _ verdict: Reconciliation, _ live: LiveSchedule) async throws
        -> LiveSchedule
    {
        var live = live
        let key = Keys.key(Keys.record(live.id))
        let bytes = RecordText.bytes(record)
        let condition: Condition = verdict == .create ? .absent(key) : .equals(key, live.bytes)
        var effects: [Effect] = [.put(key, bytes), .insert(Keys.key(Keys.ids), member: Array(live.id.utf8))]
        // Others have to hear of it only if it makes a difference to them.
        if verdict != .adopt { effects.append(.count(Keys.key(Keys.version), by: 1)) }
        switch try await self.keys.apply(Change(if: [condition], effects)) {
        case .applied:
            self.log(verdict, live, record)
            live.record = record
            live.bytes = bytes
        case .refused:
            // Another process was first: with the same verdict, or it will be seen with the next look.
            let found = try await self.keys.records(of: [live.id])[live.id]
            live.record = found?.record
            live.bytes = found?.bytes ?? []
        }
        return live
    }

    private func log(_ verdict: Reconciliation, _ live: LiveSchedule, _ record: ScheduleRecord) {
        let next = record.next.map { Instant(secondsSince1970: $0).description } ?? "never"
        switch verdict {
        case .create:
            self.logger.info(
                "schedule recorded",
                metadata: ["schedule.id": "\(live.id)", "schedule.spec": "\(record.spec)", "schedule.next": "\(next)"]
            )
        case .change:
            self.logger.info(
                "schedule changed",
                metadata: [
                    "schedule.id": "\(live.id)", "schedule.before": "\(live.record?.spec ?? "")",
                    "schedule.spec": "\(record.spec)", "schedule.next": "\(next)",
                ]
            )
        case .keep, .adopt, .standAside: break
        }
    }

    // MARK: Schedules of others

    /// A schedule that `cron add` made.
    private func dynamic(_ id: String, _ record: ScheduleRecord, _ bytes: [UInt8]) -> LiveSchedule? {
        guard let blueprint = record.job else { return nil }
        let options = self.plan.options(blueprint.jobClass)
        var live = LiveSchedule(id: id, timing: nil, maker: .of(blueprint, options: options))
        live.record = record
        live.bytes = bytes
        do throws(RecurrenceError) {
            live.timing = Timing(
                id: id,
                recurrence: try Recurrence(record.spec, id: id),
                policies: record.choices.resolved(self.plan.policies)
            )
        } catch {
            live.standing = .faulty("\(error)")
        }
        return live
    }

    /// Marks what this program does not have any more, and removes it after its grace.
    private func forgetVanished(now: Int) async throws {
        let foreign = try await self.keys.ids().filter { self.plan.entries[$0] == nil }
        guard !foreign.isEmpty else { return }
        for (id, found) in try await self.keys.records(of: foreign) {
            guard let record = found.record else { continue }
            switch Vanishing.verdict(record, own: self.plan.deployment, grace: self.plan.vanishGrace, now: now) {
            case .keep: continue
            case .mark:
                var marked = record
                marked.vanishedAt = now
                let key = Keys.key(Keys.record(id))
                _ = try await self.keys.apply(
                    Change(if: [.equals(key, found.bytes)], [.put(key, RecordText.bytes(marked))])
                )
            case .remove:
                _ = try await self.keys.apply(Removal.change(of: id, bytes: found.bytes))
                self.logger.info("schedule removed: the program has it no more", metadata: ["schedule.id": "\(id)"])
            }
        }
    }
}

/// How a schedule goes: with all that is kept of it.
enum Removal {
    static func change(of id: String, bytes: [UInt8]) -> Change {
        let names = [Keys.record(id), Keys.live(id), Keys.current(id)]
        let slots = (0..<ScheduleRecord.historyLimit).map { Keys.outcome(id, slot: $0) }
        return Change(
            if: [.equals(Keys.key(Keys.record(id)), bytes)],
            (names + slots).map { .delete(Keys.key($0)) } + [
                .remove(Keys.key(Keys.ids), member: Array(id.utf8)), .count(Keys.key(Keys.version), by: 1),
            ]
        )
    }
}

extension ScheduleRecord {
    var deployment: Deployment { Deployment(application: self.application, generation: self.generation) }
}

extension LiveSchedule {
    /// With the failures that were counted before.
    fileprivate func continuing(_ before: LiveSchedule?) -> LiveSchedule {
        guard let before else { return self }
        var live = self
        live.failures = before.failures
        live.lastFailure = before.lastFailure
        live.notBefore = before.notBefore
        live.missing = before.missing
        live.searchedAt = before.searchedAt
        return live
    }
}

extension Array {
    /// The elements in pieces of `size`.
    fileprivate func pieces(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: size).map { self[$0..<Swift.min($0 + size, self.count)] }
    }
}
