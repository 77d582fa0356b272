internal import GRDB
internal import Wingman

/// Where a process is in its life; stored as a number.
enum ProcessState: Int {
    /// Under a lease, which may have run out.
    case leased = 0
    /// Fenced; being emptied by rescuers.
    case draining = 1
    /// Emptied; its name stays taken for an hour.
    case grave = 2
}

/// Leases and what processes publish.
extension Transaction {
    func beat(_ beat: Beat, host: HostIdentity, session: Int) throws -> BeatReply {
        let lease = beat.lease.wholeMilliseconds
        try self.keepClock(lease: lease)
        let known = try self.database.row(
            "SELECT id, state, beat, signals FROM processes WHERE name = ?",
            beat.process.rawValue
        ) { (id: $0.int(0), state: $0.int(1), beat: $0.int(2), signals: $0.text(3)) }

        let id: Int
        switch (beat.kind, known) {
        case (.register, .some), (.renew, nil):
            return .refused
        case (.register, nil):
            try self.database.run(
                "INSERT INTO processes (name, state, moment, session, boot, machine) VALUES (?, 0, 0, ?, ?, ?)",
                beat.process.rawValue,
                session,
                host.boot,
                host.machine
            )
            id = self.database.lastInsertedRow
        case (.renew, .some(let known)):
            guard known.state == ProcessState.leased.rawValue else { return .refused }
            id = known.id
        }
        // One that has run out but that nobody fenced yet is revived.
        try self.database.run(
            "UPDATE processes SET moment = ? WHERE id = ?",
            self.now.milliseconds + lease,
            id
        )
        let signals = try self.signals(for: beat, last: known?.beat ?? 0, brought: known?.signals ?? "", id)
        try self.publish(beat, id)
        let lanes = try self.database.rows("SELECT lane, number FROM lanes WHERE process = ?", id) {
            ($0.int(0), $0.int(1))
        }
        // The primary key is process and lane: no lane comes twice.
        return .alive(lanes: Dictionary(lanes) { $1 }, signals: signals)
    }

    /// If nobody beat for over half a lease, or the time went back, then the store was away or its clock was set: nobody
    /// is rescued until all have had the chance to beat twice (6 s for a lease of 15).
    private func keepClock(lease: Int) throws {
        let now = self.now.milliseconds
        let clock = try self.clock()
        let isBack = clock.last.map { now < $0 } ?? false
        if isBack {
            try self.database.run("UPDATE processes SET moment = ? WHERE state = 0", now + lease)
        }
        var grace = clock.grace
        if isBack || clock.last.map({ now - $0 > lease / 2 }) ?? true { grace = now + lease * 2 / 5 }
        try self.database.run("UPDATE clock SET last = ?, lease = ?, grace = ?", now, lease, grace)
    }

    /// Time of the last beat of anyone, the lease it asked for, and the end of the grace, in milliseconds.
    func clock() throws -> (last: Int?, lease: Int, grace: Int) {
        try self.database.row("SELECT last, lease, grace FROM clock") { row in
            (last: row.isNull(0) ? nil : row.int(0), lease: row.int(1), grace: row.int(2))
        } ?? (nil, 0, 0)
    }

    // Sidekiq's: a signal that nobody fetched for a minute is void.
    private static var signalMilliseconds: Int { 60_000 }
    private static var mostSignals: Int { 100 }

    /// Once for each number: counts executions and fetches signals, which a repetition gets again. A late duplicate of an
    /// older beat gets neither.
    private func signals(for beat: Beat, last: Int, brought: String, _ id: Int) throws -> [String] {
        guard beat.number >= last else { return [] }
        var signals = beat.number == last ? brought.split(separator: " ").map(String.init) : []
        if beat.number > last { try self.count(beat.executions) }
        let sent = try self.database.rows(
            "SELECT id, signal FROM signals WHERE process = ? AND at > ? ORDER BY id LIMIT ?",
            beat.process.rawValue,
            self.now.milliseconds - Self.signalMilliseconds,
            Self.mostSignals
        ) { (id: $0.int(0), signal: $0.text(1)) }
        if let last = sent.last {
            try self.database.run("DELETE FROM signals WHERE process = ? AND id <= ?", beat.process.rawValue, last.id)
        }
        signals += sent.map(\.signal)
        try self.database.run(
            "UPDATE processes SET beat = ?, signals = ? WHERE id = ?",
            beat.number,
            signals.joined(separator: " "),
            id
        )
        return signals
    }

    private func publish(_ beat: Beat, _ id: Int) throws {
        try self.database.run(
            """
            UPDATE processes SET info = ?, concurrency = ?, busy = ?, is_quiet = ?, resident = ?, round_trip = ?, beat_at = ?
            WHERE id = ?
            """,
            beat.info,
            beat.concurrency,
            beat.work.count,
            beat.isQuiet,
            beat.residentKiB,
            beat.roundTripMicroseconds,
            self.now.seconds,
            id
        )
    }

    /// Sends a process a signal, which its next beat brings.
    func signal(_ process: ProcessID, _ signal: String) throws {
        guard !signal.contains(" "), !signal.isEmpty else {
            throw StoreError(.unexpected, "'\(signal)' is no signal; give TSTP, TERM or TTIN")
        }
        try self.database.run(
            "DELETE FROM signals WHERE at <= ?",
            self.now.milliseconds - Self.signalMilliseconds
        )
        try self.database.run(
            "INSERT INTO signals (process, signal, at) VALUES (?, ?, ?)",
            process.rawValue,
            signal,
            self.now.milliseconds
        )
    }
}
