import Logging
import Metrics
import Supervision
import Wingman

/// Enqueues what is due of one schedule: makes the jobs, then one compare-and-set that pushes them and moves the record.
///
/// If we die before that step, another process makes it; after it, the store has the jobs and the next occurrence.
struct Claimer: Sendable {
    let keys: any ScheduleStore
    let client: Client
    let time: any Timekeeper
    let making: LimitedCalls
    let metrics: SchedulerMetrics
    let search: JobSearch
    let isQuiet: @Sendable () -> Bool

    /// What came of an attempt. All but the first two bring the store's time.
    enum Outcome: Sendable {
        /// Nothing was due.
        case nothing
        /// The process takes nothing new.
        case quiet
        /// The record is now this one.
        case advanced(ScheduleRecord, [UInt8], now: Int)
        /// Another process was first, or somebody changed the record: read it anew.
        case stale(now: Int)
        /// Not due yet by the store's clock.
        case early(now: Int)
        /// It waits on for the job before.
        case waiting(searched: Bool, now: Int)
        /// The jobs before it are nowhere to be found: it waits until that is certain.
        case searching(missing: Set<String>, now: Int)
        /// It was left out, or waits: the record is now this one.
        case blocked(ScheduleRecord, [UInt8], searched: Bool, now: Int)
    }

    func claim(_ schedule: LiveSchedule, now: Int) async throws -> Outcome {
        guard let timing = schedule.timing, let record = schedule.record else { return .nothing }
        switch FiringPlan(timing, record, now: now) {
        case .rest: return .nothing
        case .advance(let advance), .release(let advance):
            return try await self.perform(advance, of: schedule, timing)
        }
    }

    private func perform(_ advance: Advance, of schedule: LiveSchedule, _ timing: Timing) async throws -> Outcome {
        let overlap = timing.policies.overlap
        var record = advance.record
        var effects: [Effect] = []
        for occurrence in advance.occurrences {
            if let job = try await self.job(for: occurrence, of: schedule, overlap) {
                effects += Self.effects(of: job, occurrence, id: schedule.id, overlap)
            } else {
                record.refuse(occurrence)
            }
        }
        guard !self.isQuiet() else { return .quiet }
        var conditions: [Condition] = [
            .equals(Keys.key(Keys.record(schedule.id)), schedule.bytes), .reached(milliseconds: advance.notBefore),
        ]
        if advance.blocked != nil, !effects.isEmpty { conditions.append(.absent(Keys.key(Keys.live(schedule.id)))) }
        let reply = try await self.put(record, of: schedule.id, if: conditions, effects)
        switch reply {
        case .advanced(let record, let bytes, let now):
            self.metrics.advanced(schedule.id, advance, refused: advance.occurrences.count - effects.jobs, now: now)
            return .advanced(record, bytes, now: now)
        case .blocked(let now):
            return try await self.block(advance, of: schedule, now: now)
        case .stale(let now):
            self.metrics.duplicateClaims.increment()
            return .stale(now: now)
        case .early(let now):
            return .early(now: now)
        }
    }

    /// The job before has not ended: the occurrence waits or is left out. Unless there is no such job any more.
    private func block(_ advance: Advance, of schedule: LiveSchedule, now: Int) async throws -> Outcome {
        let isTimeToSearch = schedule.searchedAt.map { now - $0 >= Self.searchInterval } ?? true
        let searches = isTimeToSearch || schedule.missing != nil
        if searches {
            let missing = try await self.missing(schedule, now: now)
            if !missing.isEmpty { return .searching(missing: missing, now: now) }
        }
        guard let blocked = advance.blocked, blocked != schedule.record else {
            return .waiting(searched: searches, now: now)
        }
        let conditions: [Condition] = [
            .equals(Keys.key(Keys.record(schedule.id)), schedule.bytes), .reached(milliseconds: advance.notBefore),
        ]
        switch try await self.put(blocked, of: schedule.id, if: conditions, []) {
        case .advanced(let record, let bytes, let now):
            self.metrics.skipped.increment()
            return .blocked(record, bytes, searched: searches, now: now)
        case .stale(let now), .blocked(let now): return .stale(now: now)
        case .early(let now): return .early(now: now)
        }
    }

    /// A search reads the whole queue; a schedule of seconds must not do so each time.
    private static let searchInterval = 30_000
    /// A job on its way between two places may be missed by one search, not by two that are so far apart.
    static let searchPatience = 15_000

    /// The jobs of a schedule that are nowhere. Those found missing for the second time are taken for ended.
    private func missing(_ schedule: LiveSchedule, now: Int) async throws -> Set<String> {
        let live = try await self.keys.members(of: Keys.live(schedule.id))
        let missing = try await self.search.missing(Set(live.map { String(decoding: $0, as: UTF8.self) }))
        guard missing.count == live.count else { return [] }
        if let before = schedule.missing, now - before.since >= Self.searchPatience {
            let gone = missing.intersection(before.jids)
            let key = Keys.key(Keys.live(schedule.id))
            _ = try await self.keys.apply(Change(gone.sorted().map { .remove(key, member: Array($0.utf8)) }))
        }
        return missing
    }

    // MARK: The step

    private enum Reply {
        case advanced(ScheduleRecord, [UInt8], now: Int)
        case stale(now: Int)
        case early(now: Int)
        case blocked(now: Int)
    }

    private func put(
        _ record: ScheduleRecord,
        of id: String,
        if conditions: [Condition],
        _ effects: [Effect]
    ) async throws -> Reply {
        let bytes = RecordText.bytes(record)
        let change = Change(if: conditions, effects + [.put(Keys.key(Keys.record(id)), bytes)])
        return switch try await self.keys.apply(change) {
        case .applied(let now): .advanced(record, bytes, now: now)
        case .refused(condition: 0, let now): .stale(now: now)
        case .refused(condition: 1, let now): .early(now: now)
        case .refused(_, let now): .blocked(now: now)
        }
    }

    private func job(
        for occurrence: PlannedOccurrence,
        of schedule: LiveSchedule,
        _ overlap: Overlap
    ) async throws -> PushedJob? {
        let member = OccurrenceMember(occurrence, of: schedule.id, overlap: overlap)
        let client = self.client
        let maker = schedule.maker
        return try await self.making.call(schedule.id, on: self.time) {
            try await maker.make(client, member.occurrence, occurrence.jid, [OccurrenceMember.name: member.json])
        }
    }

    private static func effects(
        of job: PushedJob,
        _ occurrence: PlannedOccurrence,
        id: String,
        _ overlap: Overlap
    ) -> [Effect] {
        var effects: [Effect] = [.push(job)]
        if overlap.watchesJobs { effects.append(.insert(Keys.key(Keys.live(id)), member: Array(occurrence.jid.utf8))) }
        if overlap == .cancelPrevious { effects.append(.put(Keys.key(Keys.current(id)), Array(occurrence.jid.utf8))) }
        return effects
    }
}

extension [Effect] {
    /// How many jobs they push.
    fileprivate var jobs: Int {
        self.reduce(0) { count, effect in
            if case .push = effect { count + 1 } else { count }
        }
    }
}

extension ScheduleRecord {
    /// A client middleware refused the job: that is how it ended.
    fileprivate mutating func refuse(_ occurrence: PlannedOccurrence) {
        guard let index = self.history.lastIndex(where: { $0.jid == occurrence.jid }) else { return }
        self.history[index].kind = .refused
        self.history[index].jid = nil
        self.history[index].slot = nil
    }
}
