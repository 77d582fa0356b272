internal import GRDB
internal import Wingman

/// What is where.
extension Transaction {
    func counts() throws -> StoreCounts {
        var counts = StoreCounts()
        let queues = try self.database.rows("SELECT id, name FROM sources WHERE is_queue = 1") {
            (range: SourceRange(source: $0.int(0)), source: Source(key: $0.text(1)))
        }
        for queue in queues {
            guard case .queue(let name) = queue.source else { continue }
            counts.queues[name] = try self.database.row(
                "SELECT count(*) FROM jobs WHERE id >= ? AND id < ?",
                queue.range.lower,
                queue.range.upper
            ) { $0.int(0) }
        }
        let held = try self.database.rows(
            "SELECT name, count(*) FROM held JOIN sources ON sources.id = held.source GROUP BY name"
        ) { (source: Source(key: $0.text(0)), count: $0.int(1)) }
        for (source, count) in held { counts.inFlightBySource[source] = count }
        counts.inFlight = held.reduce(0) { $0 + $1.count }
        (counts.retries, counts.retriesDue) = try self.count(.retry)
        (counts.scheduled, counts.scheduledDue) = try self.count(.schedule)
        counts.dead = try self.count(.dead).all
        counts.quarantined = try self.count(.quarantine).all
        let sums = try self.database.row(
            "SELECT coalesce(sum(processed), 0), coalesce(sum(failed), 0) FROM days"
        ) { ($0.int(0), $0.int(1)) }
        (counts.processed, counts.failed) = sums ?? (0, 0)
        return counts
    }

    func inFlight(_ jobIDs: Set<String>) throws -> Set<String> {
        let held = try self.database.rows("SELECT payload FROM held") { try? JobPayload($0.bytes(0)).jobID }
        return jobIDs.intersection(held.compactMap(\.self))
    }

    private func count(_ place: TimedPlace) throws -> (all: Int, due: Int) {
        let all = try self.database.row("SELECT count(*) FROM timed WHERE place = ?", place.name) { $0.int(0) }
        let due = try self.database.row(
            "SELECT count(*) FROM timed WHERE place = ? AND at <= ?",
            place.name,
            self.now.seconds
        ) { $0.int(0) }
        return (all ?? 0, due ?? 0)
    }

    // Sidekiq's: who has not beaten for a minute is not shown.
    private static var shownSeconds: Double { 60 }

    func processes() throws -> [ProcessReport] {
        try self.database.rows(
            """
            SELECT name, info, busy, is_quiet, beat_at FROM processes WHERE state IN (0, 1) AND beat_at > ? ORDER BY name
            """,
            self.now.seconds - Self.shownSeconds
        ) { row in
            ProcessReport(
                process: ProcessID(rawValue: row.text(0)),
                info: row.text(1),
                busy: row.int(2),
                isQuiet: row.int(3) == 1,
                beatAt: row.double(4)
            )
        }
    }

    func entries(in place: Place, from offset: Int, limit: Int) throws -> [Entry] {
        let offset = max(0, offset)
        let limit = max(0, limit)
        switch TargetPlace(place) {
        case .source(let source):
            guard let row = try self.source(named: source.key), row.expires.map({ $0 > self.now.milliseconds }) ?? true
            else { return [] }
            return try self.database.rows(
                "SELECT payload FROM jobs WHERE id >= ? AND id < ? ORDER BY id LIMIT ? OFFSET ?",
                row.range.lower,
                row.range.upper,
                limit,
                offset
            ) { Entry(payload: $0.bytes(0)) }
        case .timed(let timed):
            let sql: StaticString =
                timed.isDueSet
                ? "SELECT payload, at FROM timed WHERE place = ? ORDER BY at, id LIMIT ? OFFSET ?"
                : "SELECT payload, at FROM timed WHERE place = ? ORDER BY at DESC, id DESC LIMIT ? OFFSET ?"
            return try self.database.rows(sql, timed.name, limit, offset) {
                Entry(payload: $0.bytes(0), at: $0.double(1))
            }
        }
    }
}

/// A place as this store keeps it.
enum TargetPlace {
    case source(Source)
    case timed(TimedPlace)

    init(_ place: Place) {
        switch place {
        case .queue(let name): self = .source(.queue(name))
        case .list(let key): self = .source(.list(key))
        case .retry: self = .timed(.retry)
        case .schedule: self = .timed(.schedule)
        case .later(let list): self = .timed(.later(list))
        case .dead: self = .timed(.dead)
        case .quarantine: self = .timed(.quarantine)
        }
    }
}

/// Operation.
extension Transaction {
    /// - Returns: How many of the entries were there.
    func edit(_ edits: [EntryEdit], in place: Place) throws -> Int {
        for edit in edits {
            guard let at = edit.destination?.entry.at, !at.isFinite else { continue }
            throw StoreError(.unexpected, "an entry's time is \(at); give seconds since 1970")
        }
        var found = 0
        for edit in edits {
            guard try self.remove(edit.entry.payload, from: TargetPlace(place)) else { continue }
            found += 1
            if let (destination, entry) = edit.destination { try self.add(entry, to: destination) }
        }
        return found
    }

    private func remove(_ payload: [UInt8], from place: TargetPlace) throws -> Bool {
        switch place {
        case .timed(let timed):
            return try self.remove(payload, from: timed)
        case .source(let source):
            guard let row = try self.sourceToTake(named: source.key) else { return false }
            let removed = try self.database.run(
                """
                DELETE FROM jobs WHERE id = (
                    SELECT id FROM jobs WHERE id >= ? AND id < ? AND payload = ? ORDER BY id LIMIT 1
                )
                """,
                row.range.lower,
                row.range.upper,
                payload
            )
            return removed == 1
        }
    }

    /// Behind all others of a queue or list; at its time, or now, in a place ordered by time.
    func add(_ entry: Entry, to place: Place) throws {
        switch TargetPlace(place) {
        case .source(let source):
            var isQueue = false
            if case .queue = place { isQueue = true }
            try self.append(CollectionOfOne(entry.payload), to: source.key, isQueue: isQueue)
        case .timed(let timed):
            let at = entry.at ?? self.now.seconds
            guard at.isFinite else {
                throw StoreError(.unexpected, "an entry's time is \(at); give seconds since 1970")
            }
            try self.add(entry.payload, to: timed, at: at)
            if case .dead = timed { try self.trimDead() }
        }
    }

    func setPaused(_ isPaused: Bool, queue: String) throws {
        let name = Source.queue(queue).key
        let source = try self.sourceToFill(named: name)
        try self.database.run("UPDATE sources SET is_paused = ? WHERE id = ?", isPaused, source.id)
        // Whoever waits for it looks again.
        if !isPaused { self.additions.sources.insert(name) }
    }

    func pausedQueues() throws -> Set<String> {
        let names = try self.database.rows("SELECT name FROM sources WHERE is_paused = 1") {
            Source(key: $0.text(0))
        }
        return Set(
            names.compactMap { source in
                guard case .queue(let name) = source else { return nil }
                return name
            }
        )
    }

    /// Whether a step should be made: something can be claimed, or the lease needs to be looked at.
    func isWorthAStep(_ sources: [Source], process: ProcessID) throws -> Bool {
        guard let lease = try self.lease(of: process), lease.expires > self.now.milliseconds else { return true }
        for source in sources {
            guard let row = try self.source(named: source.key) else { continue }
            if row.isPaused, source.isQueue { continue }
            if try self.hasJobs(row) { return true }
        }
        return false
    }

    /// Whether processes of other store objects are alive, who may wait for what was added.
    func concernsOthers(session: Int) throws -> Bool {
        try self.database.row("SELECT 1 FROM processes WHERE state = 0 AND session <> ? LIMIT 1", session) { _ in
            true
        } ?? false
    }
}
