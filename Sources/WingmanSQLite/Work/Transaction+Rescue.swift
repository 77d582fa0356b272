internal import GRDB
internal import Wingman

/// The ends of processes.
extension Transaction {
    // One call is one transaction, in which nobody else writes.
    private static var rescueLimit: Int { 500 }
    private static var graveMilliseconds: Int { 3_600_000 }

    /// Unregisters a process that holds nothing any more.
    func leave(_ process: ProcessID) throws -> Bool {
        guard let id = try self.processID(process) else { return true }
        guard try self.heldCount(of: id) == 0 else { return false }
        try self.bury(id)
        return true
    }

    /// The lease ends now; what the process holds is the rescuer's, and nobody is convicted of anything.
    func abandon(_ process: ProcessID) throws {
        try self.database.run(
            "UPDATE processes SET state = 1, moment = ?, convicts = 0 WHERE name = ? AND state = 0",
            self.now.milliseconds,
            process.rawValue
        )
    }

    /// Records the one token whose job runs alone; nil is none.
    func isolate(_ token: Token?, process: ProcessID) throws -> Bool {
        guard let lease = try self.lease(of: process) else { return false }
        guard let token else {
            try self.database.run("UPDATE processes SET isolated = NULL WHERE id = ?", lease.id)
            return true
        }
        guard let held = HeldToken(token), held.process == lease.id, try self.holds(held) else { return false }
        try self.database.run("UPDATE processes SET isolated = ? WHERE id = ?", held.row, lease.id)
        return true
    }

    func rescue() throws -> RescueReply {
        let now = self.now.milliseconds
        let clock = try self.clock()
        // Not in a grace, nor before anyone has beaten again after an outage: all leases look expired then.
        let isAway = clock.last.map { now < $0 || now - $0 > clock.lease / 2 } ?? true
        guard !isAway, now >= clock.grace else {
            let wait = isAway ? clock.lease * 2 / 5 : clock.grace - now
            // What has expired is gone for all who ask already, whoever lives.
            let hasMore = try self.forgetExpired()
            return RescueReply(moved: 0, hasMore: hasMore, nextLook: try self.nextLook(notBefore: max(0, wait)))
        }
        var reply = RescueReply(moved: 0, hasMore: false, ended: try self.fence())
        var left = Self.rescueLimit
        for process in try self.draining() {
            try self.empty(process, &left, &reply)
            if try self.heldCount(of: process.id) == 0 {
                try self.bury(process.id)
            } else {
                reply.hasMore = true
                break
            }
        }
        if try self.tidyUp() { reply.hasMore = true }
        reply.nextLook = try self.nextLook(notBefore: 0)
        return reply
    }

    /// Whether nothing is left of a process but, perhaps, its name: it is buried only when it holds nothing.
    func hasDeparted(_ process: ProcessID) throws -> Bool { try self.processID(process) == nil }

    /// Of a process under a lease or being emptied.
    private func processID(_ process: ProcessID) throws -> Int? {
        try self.database.row(
            "SELECT id FROM processes WHERE name = ? AND state IN (0, 1)",
            process.rawValue
        ) { $0.int(0) }
    }

    private func heldCount(of process: Int) throws -> Int {
        try self.database.row("SELECT count(*) FROM held WHERE process = ?", process) { $0.int(0) } ?? 0
    }

    /// How long until there may be something to rescue; nil without any lease.
    private func nextLook(notBefore wait: Int) throws -> Duration? {
        let first = try self.database.row("SELECT min(moment) FROM processes WHERE state = 0") { row in
            row.isNull(0) ? nil : row.int(0)
        }
        guard let first, let first else { return nil }
        return .milliseconds(max(wait, try self.isEmptyingHeldUp(by: wait) ? 0 : first - self.now.milliseconds))
    }

    /// Whether there is something to move as soon as a grace is over.
    private func isEmptyingHeldUp(by wait: Int) throws -> Bool {
        guard wait > 0 else { return false }
        return try self.database.row("SELECT 1 FROM processes WHERE state = 1 LIMIT 1") { _ in true } ?? false
    }

    private func bury(_ id: Int) throws {
        try self.database.run(
            "UPDATE processes SET state = 2, moment = ?, info = '', signals = '', isolated = NULL WHERE id = ?",
            self.now.milliseconds,
            id
        )
        try self.database.run("DELETE FROM lanes WHERE process = ?", id)
    }

    /// What nobody will ask for again.
    ///
    /// - Returns: Whether there may be more of it.
    private func tidyUp() throws -> Bool {
        let now = self.now.milliseconds
        try self.database.run("DELETE FROM processes WHERE state = 2 AND moment < ?", now - Self.graveMilliseconds)
        try self.forgetOldSuspects()
        try self.forgetOldDays()
        return try self.forgetExpired()
    }
}

/// Fencing and emptying.
extension Transaction {
    private struct Dead {
        let id: Int
        let convicts: Bool
        let isolated: Int?
    }

    private struct Orphan {
        let row: Int
        let source: Int
        let isQueue: Bool
        let payload: [UInt8]
    }

    /// From here on a process whose lease ran out is answered `fenced` whatever it asks. The verdict is taken now, for
    /// emptying may take several calls.
    private func fence() throws -> [ProcessID] {
        let now = self.now.milliseconds
        let ended = try self.database.rows(
            "SELECT id, name FROM processes WHERE state = 0 AND moment <= ? ORDER BY moment, name",
            now
        ) { (id: $0.int(0), name: $0.text(1)) }
        guard !ended.isEmpty else { return [] }
        let living = try self.database.rows("SELECT name FROM processes WHERE state = 0 AND moment > ?", now) {
            Self.host(of: $0.text(0))
        }
        // Two or more dead of one host and nobody alive there: the host went, not a job's doing.
        let deaths = Dictionary(grouping: ended) { Self.host(of: $0.name) }.mapValues(\.count)
        for process in ended {
            let host = Self.host(of: process.name)
            let isNodeLoss = deaths[host, default: 0] > 1 && !living.contains(host)
            try self.database.run(
                "UPDATE processes SET state = 1, moment = ?, convicts = ? WHERE id = ?",
                now,
                !isNodeLoss,
                process.id
            )
        }
        return ended.map { ProcessID(rawValue: $0.name) }
    }

    private static func host(of process: String) -> Substring {
        process.prefix { $0 != ":" }
    }

    private func draining() throws -> [Dead] {
        try self.database.rows(
            "SELECT id, convicts, isolated FROM processes WHERE state = 1 ORDER BY moment, name"
        ) { Dead(id: $0.int(0), convicts: $0.int(1) == 1, isolated: $0.isNull(2) ? nil : $0.int(2)) }
    }

    /// Moves what a dead process held, newest first, so that the oldest runs next.
    private func empty(_ process: Dead, _ left: inout Int, _ reply: inout RescueReply) throws {
        let orphans = try self.database.rows(
            """
            SELECT held.id, source, name, payload FROM held JOIN sources ON sources.id = held.source
            WHERE process = ? ORDER BY held.id DESC LIMIT ?
            """,
            process.id,
            left
        ) { row in
            Orphan(
                row: row.int(0),
                source: row.int(1),
                isQueue: Source(key: row.text(2)).isQueue,
                payload: row.bytes(3)
            )
        }
        for orphan in orphans {
            if try self.isConvicted(orphan, by: process), orphan.isQueue {
                try self.add(orphan.payload, to: .quarantine, at: self.now.seconds)
                try self.acquit(orphan.payload)
                reply.quarantined += 1
            } else {
                try self.putBack(orphan.payload, to: orphan.source)
                reply.moved += 1
            }
            try self.database.run("DELETE FROM held WHERE id = ?", orphan.row)
            left -= 1
        }
    }

    /// Counts a crash where it counts: the first always, later ones only against what ran alone.
    ///
    /// - Returns: Whether there were too many by now. They stay that many: a message is given back with them.
    private func isConvicted(_ orphan: Orphan, by process: Dead) throws -> Bool {
        guard process.convicts else { return false }
        var crashes = try self.crashes(of: orphan.payload)
        if crashes == 0 || process.isolated == orphan.row {
            crashes = min(crashes + 1, Self.convictingCrashes)
            try self.suspect(orphan.payload, crashes: crashes)
        }
        return crashes == Self.convictingCrashes
    }
}

/// Housekeeping, a little at each rescue; as long as there is more, the rescuer calls again at once.
extension Transaction {
    // Too little to hold anyone up.
    private static var portion: Int { 500 }
    /// Names of lists are kept as long as there are no more: those in use come back all the time.
    private static var listsKept: Int { 1_000 }
    private static var daysKept: Int { 5 * 365 }

    /// - Returns: Whether there may be more. It is said only after a full portion went, so that it comes to an end.
    private func forgetExpired() throws -> Bool {
        let hasMoreKeys = try self.forgetExpiredKeys()
        let hasMoreExpired = try self.emptyExpiredLists()
        return try self.forgetUnusedLists() || hasMoreExpired || hasMoreKeys
    }

    private func forgetExpiredKeys() throws -> Bool {
        let forgotten = try self.database.run(
            """
            DELETE FROM keys WHERE (namespace, name) IN (
                SELECT namespace, name FROM keys WHERE expires <= ? ORDER BY expires LIMIT ?
            )
            """,
            self.now.milliseconds,
            Self.portion
        )
        return forgotten == Self.portion
    }

    private func emptyExpiredLists() throws -> Bool {
        let expired = try self.database.rows(
            "SELECT name FROM sources WHERE expires <= ? LIMIT ?",
            self.now.milliseconds,
            Self.portion
        ) { $0.text(0) }
        for name in expired { _ = try self.sourceToTake(named: name) }
        return expired.count == Self.portion
    }

    /// Replies go to lists with names of their own: without this their names would stay for ever.
    private func forgetUnusedLists() throws -> Bool {
        let lists = try self.database.row("SELECT count(*) FROM sources WHERE is_queue = 0") { $0.int(0) } ?? 0
        guard lists > Self.listsKept else { return false }
        let forgotten = try self.database.run(
            """
            DELETE FROM sources WHERE id IN (
                SELECT id FROM sources WHERE is_queue = 0 AND is_paused = 0
                AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id >= sources.id << 43 AND jobs.id < (sources.id + 1) << 43)
                AND id NOT IN (SELECT source FROM held) LIMIT ?
            )
            """,
            Self.portion
        )
        return forgotten == Self.portion && lists - forgotten > Self.listsKept
    }

    private func forgetOldDays() throws {
        let first = self.now.wholeSeconds / 86_400 - Self.daysKept
        let old = try self.database.row(
            "SELECT coalesce(sum(processed), 0), coalesce(sum(failed), 0), count(*) FROM days WHERE day > 0 AND day < ?",
            first
        ) { (processed: $0.int(0), failed: $0.int(1), count: $0.int(2)) }
        guard let old, old.count > 0 else { return }
        try self.database.run(
            """
            INSERT INTO days (day, processed, failed) VALUES (0, ?, ?)
            ON CONFLICT (day) DO UPDATE SET processed = processed + excluded.processed, failed = failed + excluded.failed
            """,
            old.processed,
            old.failed
        )
        try self.database.run("DELETE FROM days WHERE day > 0 AND day < ?", first)
    }
}
