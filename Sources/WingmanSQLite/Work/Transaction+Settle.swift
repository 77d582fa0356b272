internal import GRDB
internal import Wingman

/// Settling: each only if its token is still held. An error in one leaves that token and touches no other.
extension Transaction {
    private struct Held {
        let token: HeldToken
        let source: Int
        let payload: [UInt8]
    }

    /// - Returns: One answer each, in order.
    func settle(_ settlements: [Settlement], process: Int) throws -> [SettleAnswer] {
        guard !settlements.isEmpty else { return [] }
        let hasSuspects = try self.hasSuspects()
        var answers: [SettleAnswer] = []
        answers.reserveCapacity(settlements.count)
        var returned: [(at: Int, token: HeldToken)] = []
        var processed = 0
        var failed = 0
        var isBuried = false
        for settlement in settlements {
            // A token of another process or store is none of this one's.
            guard let token = HeldToken(settlement.token), token.process == process else {
                answers.append(.stale)
                continue
            }
            if case .giveBack = settlement.disposition {
                returned.append((answers.count, token))
                answers.append(.stale)  // until its turn below
                continue
            }
            let answer = try self.settle(settlement, token, hasSuspects: hasSuspects)
            answers.append(answer)
            guard answer == .settled else { continue }
            switch settlement.tally {
            case .none: break
            case .processed: processed += 1
            case .failed:
                processed += 1
                failed += 1
            }
            if case .dead = settlement.disposition { isBuried = true }
        }
        // Newest first, so that the oldest runs next. Counts nothing.
        for (at, token) in returned.sorted(by: { $0.token.row > $1.token.row }) {
            answers[at] = try self.giveBack(token, settlements[at].effects)
        }
        if isBuried { try self.trimDead() }
        try self.count(processed: processed, failed: failed)
        return answers
    }

    private func settle(_ settlement: Settlement, _ token: HeldToken, hasSuspects: Bool) throws -> SettleAnswer {
        if case .done = settlement.disposition, settlement.effects.isEmpty, !hasSuspects {
            return try self.release(token) ? .settled : .stale
        }
        guard let held = try self.held(token) else { return .stale }
        let trouble = try self.trouble {
            try self.apply(settlement.effects)
            try self.send(settlement.disposition)
        }
        if let trouble { return .failed(trouble) }
        if hasSuspects { try self.acquit(held.payload) }
        return try self.release(token) ? .settled : .stale
    }

    /// Does what may fail for this settlement alone.
    ///
    /// - Returns: Why it cannot be done; nothing of it is done then.
    private func trouble(_ body: () throws -> Void) throws -> String? {
        do {
            try self.savepoint(body)
            return nil
        } catch let error as StoreError {
            return error.message
        } catch let error as DatabaseError where error.concernsItsStatementOnly {
            return "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
        }
    }

    /// Writes a job where its settlement sends it.
    private func send(_ disposition: Disposition) throws {
        switch disposition {
        case .done, .giveBack:
            break
        case .retry(let payload, let delay):
            try self.add(payload, to: .retry, at: self.now.seconds(after: delay.wholeMilliseconds))
        case .schedule(let payload, let delay):
            try self.add(payload, to: .schedule, at: self.now.seconds(after: delay.wholeMilliseconds))
        case .dead(let payload):
            try self.add(payload, to: .dead, at: self.now.seconds)
        case .later(let list, let payload, let delay):
            try self.add(payload, to: .later(list), at: self.now.seconds(after: delay.wholeMilliseconds))
        case .append(let list, let payload):
            try self.append(CollectionOfOne(payload), to: list, isQueue: false)
        }
    }

    private func giveBack(_ token: HeldToken, _ effects: [Effect]) throws -> SettleAnswer {
        guard let held = try self.held(token) else { return .stale }
        let trouble = try self.trouble {
            try self.apply(effects)
            try self.putBack(held.payload, to: held.source)
        }
        if let trouble { return .failed(trouble) }
        return try self.release(token) ? .settled : .stale
    }

    /// Ends a claim.
    ///
    /// - Returns: False if the token is not held.
    private func release(_ token: HeldToken) throws -> Bool {
        let delete = try self.database.statement(
            "DELETE FROM held WHERE id = ? AND process = ? AND lane = ? AND step = ?"
        )
        delete.bind(token.row, at: 1)
        delete.bind(token.process, at: 2)
        delete.bind(token.lane, at: 3)
        delete.bind(token.step, at: 4)
        try delete.run()
        return self.database.lastChanges == 1
    }

    private func held(_ token: HeldToken) throws -> Held? {
        try self.database.row(
            "SELECT source, payload FROM held WHERE id = ? AND process = ? AND lane = ? AND step = ?",
            token.row,
            token.process,
            token.lane,
            token.step
        ) { Held(token: token, source: $0.int(0), payload: $0.bytes(1)) }
    }

    /// Whether a process holds a token.
    func holds(_ token: HeldToken) throws -> Bool {
        try self.held(token) != nil
    }

    /// Statistics as Sidekiq counts them: every execution is processed, failed ones also failed.
    private func count(processed: Int, failed: Int) throws {
        guard processed > 0 else { return }
        try self.database.run(
            """
            INSERT INTO days (day, processed, failed) VALUES (?, ?, ?)
            ON CONFLICT (day) DO UPDATE SET processed = processed + excluded.processed, failed = failed + excluded.failed
            """,
            self.now.wholeSeconds / 86_400,
            processed,
            failed
        )
    }
}

/// Suspects: payloads that were in flight when a process died.
extension Transaction {
    private static var suspicionMilliseconds: Int { 72 * 3_600_000 }
    /// The crash that moves a job to the quarantine.
    static var convictingCrashes: Int { 3 }

    /// Asked once a step: without suspects nobody pays more for them.
    func hasSuspects() throws -> Bool {
        try self.database.row("SELECT 1 FROM suspects LIMIT 1") { _ in true } ?? false
    }

    func crashes(of payload: [UInt8]) throws -> Int {
        try self.database.row(
            "SELECT crashes FROM suspects WHERE payload = ? AND at > ?",
            payload,
            self.now.milliseconds - Self.suspicionMilliseconds
        ) { $0.int(0) } ?? 0
    }

    func suspect(_ payload: [UInt8], crashes: Int) throws {
        try self.database.run(
            "INSERT OR REPLACE INTO suspects (payload, crashes, at) VALUES (?, ?, ?)",
            payload,
            crashes,
            self.now.milliseconds
        )
    }

    func acquit(_ payload: [UInt8]) throws {
        try self.database.run("DELETE FROM suspects WHERE payload = ?", payload)
    }

    func forgetOldSuspects() throws {
        try self.database.run(
            "DELETE FROM suspects WHERE at <= ?",
            self.now.milliseconds - Self.suspicionMilliseconds
        )
    }
}
