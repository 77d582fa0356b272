import GRDBSQLite

/// What SQLite does with the same rows and the same settings, without anything around it: prepared statements, a transaction
/// for each batch, no calls between threads, no tokens, no answers to repeat.
final class RawLimit {
    private let database: OpaquePointer
    private let begin, commit, push, select, hold, take, release: OpaquePointer
    private var nextJob: Int64 = 1
    private var nextHeld: Int64 = 1
    private var nextReleased: Int64 = 1

    init(path: String, synchronous: String) {
        var opened: OpaquePointer?
        precondition(sqlite3_open(path, &opened) == SQLITE_OK, "cannot open \(path)")
        // sqlite3_open has set it, as it said OK.
        let database = opened!
        let settings = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous); PRAGMA wal_autocheckpoint = 4000;
            PRAGMA cache_size = -8000; PRAGMA secure_delete = FAST; PRAGMA journal_size_limit = 67108864;
            CREATE TABLE jobs (id INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT;
            CREATE TABLE held (id INTEGER PRIMARY KEY, process INTEGER, lane INTEGER, step INTEGER, source INTEGER,
                crashes INTEGER, payload BLOB NOT NULL) STRICT;
            """
        precondition(sqlite3_exec(database, settings, nil, nil, nil) == SQLITE_OK, "cannot prepare \(path)")
        func prepared(_ sql: String) -> OpaquePointer {
            var statement: OpaquePointer?
            precondition(sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, sql)
            // sqlite3_prepare_v2 has set it, as it said OK.
            return statement!
        }
        self.database = database
        self.begin = prepared("BEGIN IMMEDIATE")
        self.commit = prepared("COMMIT")
        self.push = prepared("INSERT INTO jobs (id, payload) VALUES (?, ?)")
        self.select = prepared("SELECT id, payload FROM jobs WHERE id >= ? ORDER BY id LIMIT ?")
        self.hold = prepared(
            "INSERT INTO held (id, process, lane, step, source, crashes, payload) VALUES (?2, 1, 1, 1, 1, 0, ?1)"
        )
        self.take = prepared("DELETE FROM jobs WHERE id >= ? AND id <= ?")
        self.release = prepared("DELETE FROM held WHERE id = ?")
    }

    func close() {
        for statement in [self.begin, self.commit, self.push, self.select, self.hold, self.take, self.release] {
            sqlite3_finalize(statement)
        }
        sqlite3_close(self.database)
    }

    private func run(_ statement: OpaquePointer) {
        let code = sqlite3_step(statement)
        precondition(code == SQLITE_DONE, "SQLite: \(String(cString: sqlite3_errmsg(self.database)))")
        sqlite3_reset(statement)
    }

    private func transaction(_ body: () -> Void) {
        self.run(self.begin)
        body()
        self.run(self.commit)
    }

    func push(_ payload: [UInt8], batch: Int) {
        self.transaction {
            for _ in 0..<batch {
                sqlite3_bind_int64(self.push, 1, self.nextJob)
                payload.withUnsafeBytes { _ = sqlite3_bind_blob(self.push, 2, $0.baseAddress, Int32($0.count), nil) }
                self.run(self.push)
                self.nextJob += 1
            }
        }
    }

    /// Settles the last claim's rows, then claims.
    func drain(settle: Int, claim: Int) {
        self.transaction {
            for _ in 0..<settle {
                sqlite3_bind_int64(self.release, 1, self.nextReleased)
                self.run(self.release)
                self.nextReleased += 1
            }
            if claim > 0 { self.claim(claim) }
        }
    }

    private func claim(_ count: Int) {
        sqlite3_bind_int64(self.select, 1, self.nextHeld)
        sqlite3_bind_int64(self.select, 2, Int64(count))
        let first = self.nextHeld
        while sqlite3_step(self.select) == SQLITE_ROW {
            sqlite3_bind_blob(
                self.hold,
                1,
                sqlite3_column_blob(self.select, 1),
                sqlite3_column_bytes(self.select, 1),
                nil
            )
            sqlite3_bind_int64(self.hold, 2, self.nextHeld)
            self.run(self.hold)
            self.nextHeld += 1
        }
        sqlite3_reset(self.select)
        sqlite3_bind_int64(self.take, 1, first)
        sqlite3_bind_int64(self.take, 2, self.nextHeld - 1)
        self.run(self.take)
    }
}
