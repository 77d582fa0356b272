/// Decides what one schedule does now, from its record and the store's time. A value: others perform it.
enum FiringPlan: Equatable {
    /// Nothing is due before this time, in milliseconds since 1970; nil: nothing will be due as things are.
    case rest(until: Int?)
    /// Occurrences are due.
    case advance(Advance)
    /// An occurrence waits for the job before to end.
    case release(Advance)

    /// More jobs are not enqueued in one step; what is left follows in the next one, at once.
    static let batchLimit = 50

    init(_ timing: Timing, _ record: ScheduleRecord, now: Int) {
        guard !record.isPaused else {
            self = .rest(until: nil)
            return
        }
        if let first = record.next, timing.due(first) <= now {
            self = .advance(Self.advance(timing, record, from: first, now: now))
        } else if let buffered = record.buffered {
            self = .release(Self.release(timing, record, buffered, now: now))
        } else {
            self = .rest(until: record.next.map { timing.due($0) })
        }
    }

    // MARK: Due occurrences

    private static func advance(_ timing: Timing, _ record: ScheduleRecord, from first: Int, now: Int) -> Advance {
        let due = DueOccurrences(of: timing, from: first, now: now)
        var after = record
        var chosen = due.chosen
        var missed = due.missed
        var newest = due.newest
        if !timing.policies.overlap.allowsSeveral, chosen.count > 1 {
            // Of several jobs at once all but one would overlap.
            missed += chosen.count - 1
            chosen = chosen.suffix(1)
        }
        if chosen.count > Self.batchLimit {
            newest = chosen[Self.batchLimit - 1]
            chosen = Array(chosen.prefix(Self.batchLimit))
        }
        Self.skip(&chosen, &after, now: now)
        Self.move(&after, past: newest, timing: timing)
        if missed > 0 {
            after.note(HistoryEntry(kind: .missed, at: first, on: now, number: missed > 1 ? missed : nil))
        }
        let blocked = timing.policies.overlap.watchesJobs ? Self.blocked(after, chosen, timing, now: now) : nil
        // What waited did so for a job that has ended just now; this occurrence takes its place.
        if !chosen.isEmpty { after.leaveOutBuffered(now: now) }
        let occurrences = Self.enqueue(chosen, in: &after, timing: timing, missed: missed, now: now)
        return Advance(
            occurrences: occurrences,
            record: after,
            blocked: occurrences.isEmpty ? nil : blocked,
            notBefore: timing.due(newest),
            missed: missed
        )
    }

    /// Takes out what `cron skip` asked for.
    private static func skip(_ chosen: inout [Int], _ record: inout ScheduleRecord, now: Int) {
        guard let skips = record.skips, skips > 0, !chosen.isEmpty else { return }
        let skipped = chosen.prefix(skips)
        for occurrence in skipped { record.note(HistoryEntry(kind: .skipped, at: occurrence, on: now)) }
        record.skips = skips > skipped.count ? skips - skipped.count : nil
        chosen.removeFirst(skipped.count)
    }

    /// Makes what follows `newest` the next occurrence.
    private static func move(_ record: inout ScheduleRecord, past newest: Int, timing: Timing) {
        let isRecorded = newest == record.next
        let wall = isRecorded ? record.nextWall : nil
        record.next = timing.following(newest, after: wall ?? timing.recurrence.nominalWall(of: newest))
        record.nextWall = record.next.map { timing.recurrence.nominalWall(of: $0) }
    }

    /// The record if a job has not ended: the occurrence waits, or is left out.
    private static func blocked(_ record: ScheduleRecord, _ chosen: [Int], _ timing: Timing, now: Int) -> ScheduleRecord
    {
        var blocked = record
        guard let newest = chosen.last else { return blocked }
        let waits = timing.policies.overlap == .bufferOne
        if waits {
            blocked.leaveOutBuffered(now: now)
            blocked.buffered = newest
        }
        blocked.note(HistoryEntry(kind: waits ? .buffered : .overlapped, at: newest, on: now))
        return blocked
    }

    // MARK: An occurrence that waited

    private static func release(_ timing: Timing, _ record: ScheduleRecord, _ buffered: Int, now: Int) -> Advance {
        var after = record
        after.buffered = nil
        let occurrences = Self.enqueue([buffered], in: &after, timing: timing, missed: 0, now: now)
        return Advance(occurrences: occurrences, record: after, blocked: record, notBefore: timing.due(buffered))
    }

    private static func enqueue(
        _ chosen: [Int],
        in record: inout ScheduleRecord,
        timing: Timing,
        missed: Int,
        now: Int
    ) -> [PlannedOccurrence] {
        var missed = missed
        return chosen.map { at in
            defer { missed = 0 }
            return record.enqueue(at, of: timing.id, missed: missed, now: now)
        }
    }
}

extension Overlap {
    /// Whether several occurrences can have jobs at one time.
    fileprivate var allowsSeveral: Bool { self == .allow }
}

extension ScheduleRecord {
    /// Counts and remembers a job of the occurrence `at`.
    mutating func enqueue(
        _ at: Int,
        of id: String,
        as kind: HistoryEntry.Kind = .enqueued,
        jid: String? = nil,
        missed: Int = 0,
        now: Int
    ) -> PlannedOccurrence {
        let milliseconds = Instant(secondsSince1970: at).millisecondsSince1970
        let planned = PlannedOccurrence(
            at: at,
            previous: self.last,
            lateBy: max(0, now - milliseconds),
            missed: missed,
            jid: jid ?? OccurrenceID.make(schedule: id, at: milliseconds),
            slot: self.count % Self.historyLimit
        )
        self.count += 1
        if kind == .enqueued { self.last = at }
        self.note(HistoryEntry(kind: kind, at: at, on: now, jid: planned.jid, slot: planned.slot))
        return planned
    }
}
