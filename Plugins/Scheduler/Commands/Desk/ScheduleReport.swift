import Wingman

/// One schedule as `cron list` shows it.
struct ScheduleReport: Codable, Sendable, Equatable {
    var id: String
    var spec: String
    var zone: String
    var jobClass: String
    /// `code`, `dynamic`.
    var owner: String
    /// `waiting`, `paused`, `ended`, `vanished`, `unrecorded`, `unreadable`.
    var state: String
    var next: String?
    var nextInZone: String?
    var nextHere: String?
    var last: String?
    /// How late the last job was enqueued, in seconds.
    var lag: Double?
    var count: Int
    var skips: Int
    /// The jobs that have not ended, of schedules that must not overlap.
    var running: Int
}

/// One thing that happened, as `cron history` shows it.
struct HistoryReport: Codable, Sendable, Equatable {
    var kind: String
    var at: String
    var on: String
    var jid: String?
    /// `done`, `retrying`, `dead` …; nil: the job has not ended, or another program ran it.
    var outcome: String?
    var number: Int?
}

extension ScheduleDesk {
    /// All schedules: those of the store, and those of this program that the store does not have yet.
    func list(here: Zone) async throws -> [ScheduleReport] {
        let ids = Set(try await self.keys.ids()).union(self.plan.entries.keys).sorted()
        let records = try await self.keys.records(of: ids)
        let now = try await self.keys.now()
        var reports: [ScheduleReport] = []
        for id in ids {
            guard let record = records[id]?.record else {
                reports.append(self.report(id, isRecorded: records[id] != nil, here: here, now: now))
                continue
            }
            // A call a schedule: for those only that know their jobs.
            let isWatched = record.choices.resolved(self.plan.policies).overlap.watchesJobs
            let live = isWatched ? try await self.keys.members(of: Keys.live(id)).count : 0
            reports.append(self.report(id, record, running: live, here: here))
        }
        return reports
    }

    /// A schedule without a record that could be read. If the program has it, it begins with its next occurrence.
    private func report(_ id: String, isRecorded: Bool, here: Zone, now: Int) -> ScheduleReport {
        let entry = self.plan.entries[id]
        let zone = entry?.timing.recurrence.zone
        let next = isRecorded ? nil : entry?.timing.recurrence.next(after: Instant(millisecondsSince1970: now))
        return ScheduleReport(
            id: id,
            spec: entry?.spec ?? "?",
            zone: zone?.name ?? "?",
            jobClass: entry?.jobClass ?? "?",
            owner: entry == nil ? "?" : "code",
            state: isRecorded ? "unreadable" : "unrecorded",
            next: next?.description,
            nextInZone: next.flatMap { next in zone.map { $0.wallTime(at: next).description } },
            nextHere: next.map { here.wallTime(at: $0).description },
            count: 0,
            skips: 0,
            running: 0
        )
    }

    private func report(_ id: String, _ record: ScheduleRecord, running: Int, here: Zone) -> ScheduleReport {
        let zone = (try? self.timing(id, record))?.recurrence.zone
        let next = record.next.map { Instant(secondsSince1970: $0) }
        let lastEntry = record.history.last { $0.kind == .enqueued && $0.at == record.last }
        return ScheduleReport(
            id: id,
            spec: record.spec,
            zone: zone?.name ?? "?",
            jobClass: record.jobClass,
            owner: record.owner.rawValue,
            state: record.stateWord,
            next: next?.description,
            nextInZone: next.flatMap { next in zone.map { $0.wallTime(at: next).description } },
            nextHere: next.map { here.wallTime(at: $0).description },
            last: record.last.map { Instant(secondsSince1970: $0).description },
            lag: lastEntry.map { Double(max(0, $0.on - $0.at * 1_000)) / 1_000 },
            count: record.count,
            skips: record.skips ?? 0,
            running: running
        )
    }

    /// What happened to a schedule, the newest first.
    func history(_ id: String) async throws -> [HistoryReport] {
        let (record, _) = try await self.record(id)
        let slots = (0..<ScheduleRecord.historyLimit).map { Keys.outcome(id, slot: $0) }
        let outcomes = try await self.keys.values(of: slots).map { $0.flatMap { JobOutcome($0) } }
        return record.history.reversed().map { entry in
            let outcome = entry.slot.flatMap { outcomes.indices.contains($0) ? outcomes[$0] : nil }
            return HistoryReport(
                kind: entry.kind.rawValue,
                at: Instant(secondsSince1970: entry.at).description,
                on: Instant(millisecondsSince1970: entry.on).description,
                jid: entry.jid,
                outcome: outcome?.jid == entry.jid ? outcome?.kind : nil,
                number: entry.number
            )
        }
    }
}

extension ScheduleRecord {
    /// How it stands, in a word.
    var stateWord: String {
        if self.isPaused { return "paused" }
        if self.isRetired { return "ended" }
        if self.vanishedAt != nil { return "vanished" }
        return "waiting"
    }
}
