internal import GRDB
internal import Wingman

/// Settle and claim, exactly once for each process, lane and number.
extension Transaction {
    /// A process under a lease.
    struct Lease {
        let id: Int
        /// In milliseconds.
        let expires: Int
        /// The held row that runs alone, or did.
        let isolated: Int?
    }

    private struct Record {
        let number: Int
        let answers: String
        let isExpired: Bool
        let first: Int
        let count: Int
    }

    func step(_ step: Step) throws -> StepReply {
        guard let lease = try self.lease(of: step.process) else { return .fenced }
        let record = try self.record(lease.id, step.lane)
        if let record, record.number == step.number { return try self.repeated(step, lease.id, record) }
        let last = record?.number ?? 0
        // The number after the largest is none: data from outside.
        guard last < .max, step.number == last + 1 else { return .gap(last: last) }

        let answers = try self.settle(step.settlements, process: lease.id)
        let isExpired = lease.expires <= self.now.milliseconds
        // Not under an expired lease: a rescuer may be about to take everything from us.
        let claimed = isExpired ? [] : try self.claim(step, process: lease.id)
        if let isolated = lease.isolated, claimed.contains(where: { $0.row == isolated }) {
            // The job that ran alone has ended, and another one got its row.
            try self.database.run("UPDATE processes SET isolated = NULL WHERE id = ?", lease.id)
        }
        try self.database.run(
            """
            INSERT OR REPLACE INTO lanes (process, lane, number, answers, is_expired, first, count)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            lease.id,
            step.lane,
            step.number,
            RecordedAnswers.text(answers),
            isExpired,
            claimed.first?.row ?? 0,
            claimed.count
        )
        return .done(answers: answers, claimed: claimed.map(\.claimed), leaseExpired: isExpired)
    }

    func lease(of process: ProcessID) throws -> Lease? {
        try self.database.row(
            "SELECT id, moment, isolated FROM processes WHERE name = ? AND state = 0",
            process.rawValue
        ) { Lease(id: $0.int(0), expires: $0.int(1), isolated: $0.isNull(2) ? nil : $0.int(2)) }
    }

    private func record(_ process: Int, _ lane: Int) throws -> Record? {
        try self.database.row(
            "SELECT number, answers, is_expired, first, count FROM lanes WHERE process = ? AND lane = ?",
            process,
            lane
        ) { row in
            Record(
                number: row.int(0),
                answers: row.text(1),
                isExpired: row.int(2) == 1,
                first: row.int(3),
                count: row.int(4)
            )
        }
    }

    /// The recorded answer; its jobs are read anew from what is held: those settled since are left out.
    private func repeated(_ step: Step, _ process: Int, _ record: Record) throws -> StepReply {
        let claimed = try self.database.rows(
            """
            SELECT held.id, name, crashes, payload FROM held JOIN sources ON sources.id = held.source
            WHERE held.id >= ? AND held.id < ? AND process = ? AND lane = ? AND step = ? ORDER BY held.id
            """,
            record.first,
            record.first + record.count,
            process,
            step.lane,
            step.number
        ) { row in
            Claimed(
                token: HeldToken(process: process, lane: step.lane, step: step.number, row: row.int(0)).token,
                source: Source(key: row.text(1)),
                payload: row.bytes(3),
                crashes: row.int(2)
            )
        }
        return .done(
            answers: RecordedAnswers.answers(record.answers),
            claimed: claimed,
            leaseExpired: record.isExpired
        )
    }
}

/// Claiming.
extension Transaction {
    // A claim ends here: one answer must hold neither the store nor the worker up.
    private static var claimBytes: Int { 4 << 20 }

    /// Takes jobs off the sources in their order, without paused queues.
    private func claim(_ step: Step, process: Int) throws -> [(row: Int, claimed: Claimed)] {
        var claims: [(row: Int, claimed: Claimed)] = []
        guard step.claim > 0 else { return claims }
        claims.reserveCapacity(step.claim)
        let hasSuspects = try self.hasSuspects()
        let beginning = HeldToken.beginning(process, step.lane, step.number)
        var bytes = 0
        for source in step.sources where claims.count < step.claim && bytes < Self.claimBytes {
            guard let row = try self.sourceToTake(named: source.key) else { continue }
            if row.isPaused, source.isQueue { continue }
            let known = claims.count
            let last = try self.readJobs(in: row.range, limit: step.claim - known) { payload in
                let crashes = hasSuspects ? try self.crashes(of: payload) : 0
                let held = try self.hold(payload, crashes, row.id, step, process)
                let token = HeldToken.token(row: held, after: beginning)
                claims.append(
                    (held, Claimed(token: token, source: source, payload: payload, crashes: crashes))
                )
                bytes += payload.count
                return bytes < Self.claimBytes
            }
            // What was claimed is all that there is up to the last of it.
            guard let last else { continue }
            let removed = try self.database.run(
                "DELETE FROM jobs WHERE id >= ? AND id <= ?",
                row.range.lower,
                last
            )
            guard removed == claims.count - known else {
                throw StoreError(.unexpected, "a claim held \(claims.count - known) jobs and removed \(removed)")
            }
        }
        return claims
    }

    /// Reads the first jobs of a source, oldest first, until `body` says that it has enough.
    ///
    /// - Returns: The row of the last one that was read.
    private func readJobs(
        in range: SourceRange,
        limit: Int,
        _ body: ([UInt8]) throws -> Bool
    ) throws -> Int? {
        let select = try self.database.statement(
            "SELECT id, payload FROM jobs WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
        )
        select.bind(range.lower, at: 1)
        select.bind(range.upper, at: 2)
        select.bind(limit, at: 3)
        // Also when `body` throws: left open, it would survive the rollback, and the next claim would read on from there.
        defer { select.reset() }
        var last: Int?
        while try select.step() {
            last = select.int(0)
            guard try body(select.bytes(1)) else { break }
        }
        return last
    }

    private func hold(_ payload: [UInt8], _ crashes: Int, _ source: Int, _ step: Step, _ process: Int) throws -> Int {
        let insert = try self.database.statement(
            "INSERT INTO held (process, lane, step, source, crashes, payload) VALUES (?, ?, ?, ?, ?, ?)"
        )
        insert.bind(process, at: 1)
        insert.bind(step.lane, at: 2)
        insert.bind(step.number, at: 3)
        insert.bind(source, at: 4)
        insert.bind(crashes, at: 5)
        insert.bind(payload, at: 6)
        try insert.run()
        return self.database.lastInsertedRow
    }
}

/// Answers to settlements, as a lane's record keeps them: a letter each, then the reasons of the failures.
enum RecordedAnswers {
    private static let separator: Character = "\u{1F}"

    static func text(_ answers: [SettleAnswer]) -> String {
        var letters = ""
        var reasons = ""
        for answer in answers {
            switch answer {
            case .settled: letters += "O"
            case .stale: letters += "S"
            case .failed(let reason):
                letters += "E"
                reasons += "\(self.separator)\(reason.filter { $0 != self.separator })"
            }
        }
        return letters + reasons
    }

    static func answers(_ text: String) -> [SettleAnswer] {
        let parts = text.split(separator: self.separator, omittingEmptySubsequences: false)
        var reasons = parts.dropFirst()
        return (parts.first ?? "").map { letter in
            switch letter {
            case "O": .settled
            case "E": .failed(reasons.popFirst().map(String.init) ?? "unknown error")
            default: .stale
            }
        }
    }
}
