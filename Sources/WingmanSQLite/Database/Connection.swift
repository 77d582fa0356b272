internal import GRDB
internal import GRDBSQLite

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One connection to the file, for one thread: opened and guarded by GRDB, driven by statements that stay compiled.
final class Connection {
    private let queue: DatabaseQueue
    private let handle: OpaquePointer
    /// How long it waits for other processes.
    private var patience = Duration.zero
    /// By the address of their text, which is a literal.
    private var statements: [UnsafePointer<UInt8>: PreparedStatement] = [:]

    init(_ queue: DatabaseQueue) throws {
        self.queue = queue
        guard let handle = queue.writeWithoutTransaction({ $0.sqliteConnection }) else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
        }
        self.handle = handle
    }

    /// Runs `body` with GRDB's word that nobody else uses the connection. Everything else here is called inside.
    func use<Result>(_ body: () throws -> Result) rethrows -> Result {
        try self.queue.writeWithoutTransaction { _ in try body() }
    }

    /// Closes the connection; SQLite then moves the log into the file, if nobody else has it open.
    func close() throws {
        self.statements = [:]
        try self.queue.close()
    }

    /// The statement for `sql`, compiled once.
    func statement(_ sql: StaticString) throws(DatabaseError) -> PreparedStatement {
        if let known = self.statements[sql.utf8Start] { return known }
        let statement = try PreparedStatement(sql, on: self.handle)
        self.statements[sql.utf8Start] = statement
        return statement
    }

    /// Runs statements that have no parameters and no result, one after another.
    func execute(_ sql: String) throws(DatabaseError) {
        let code = sqlite3_exec(self.handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw DatabaseError(code, on: self.handle) }
    }

    /// Ends every statement that still runs: an open one keeps SQLite from leaving a transaction, and what failed in it,
    /// altogether.
    func endStatements() {
        var statement = sqlite3_next_stmt(self.handle, nil)
        while let current = statement {
            if sqlite3_stmt_busy(current) != 0 { sqlite3_reset(current) }
            statement = sqlite3_next_stmt(self.handle, current)
        }
    }

    /// True between a BEGIN and its end; SQLite ends a transaction by itself after some errors.
    var isInTransaction: Bool { sqlite3_get_autocommit(self.handle) == 0 }

    /// Rows changed since the connection was opened.
    var totalChanges: Int { Int(sqlite3_total_changes64(self.handle)) }

    /// Rows that the last INSERT, UPDATE or DELETE changed.
    var lastChanges: Int { Int(sqlite3_changes64(self.handle)) }

    /// The row that the last INSERT made.
    var lastInsertedRow: Int { Int(sqlite3_last_insert_rowid(self.handle)) }

    /// What the operating system said at the last failure.
    var systemError: Int32 { sqlite3_system_errno(self.handle) }

    /// True if the file can only be read.
    var isReadOnly: Bool { sqlite3_db_readonly(self.handle, "main") == 1 }

    /// True if the file that was opened is not at its path any more.
    var hasMoved: Bool {
        var moved: CInt = 0
        // In memory nobody answers.
        sqlite3_file_control(self.handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return moved != 0
    }

    /// Moves the log into the file and empties it. Waits for those who read from it, at most `patience` and 10 ms; the log
    /// stays as it is if that was not enough.
    func emptyLog(waiting patience: Duration) {
        let usual = self.patience
        self.waitWhenBusy(for: patience)
        sqlite3_wal_checkpoint_v2(self.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        self.waitWhenBusy(for: usual)
    }

    /// Waits for another process's transaction by asking every half millisecond, later every two: SQLite's own handler
    /// sleeps up to a tenth of a second, in which a short transaction comes and goes.
    func waitWhenBusy(for duration: Duration) {
        self.patience = duration
        let tries = 20 + max(0, Int(duration / .milliseconds(2)))
        // The number of tries travels as the bits of the pointer, which is never followed.
        sqlite3_busy_handler(
            self.handle,
            { limit, tried in
                guard tried < Int32(clamping: Int(bitPattern: limit)) else { return 0 }
                usleep(tried < 20 ? 500 : 2_000)
                return 1
            },
            UnsafeMutableRawPointer(bitPattern: tries)
        )
    }
}

/// Statements by their text.
extension Connection {
    /// Runs a statement to its end.
    ///
    /// - Returns: How many rows an INSERT, UPDATE or DELETE changed.
    @discardableResult
    func run<each Value: Bindable>(_ sql: StaticString, _ values: repeat each Value) throws(DatabaseError) -> Int {
        let statement = try self.bound(sql, repeat each values)
        try statement.run()
        return self.lastChanges
    }

    /// Reads the first row, if there is one.
    func row<each Value: Bindable, Row>(
        _ sql: StaticString,
        _ values: repeat each Value,
        read: (PreparedStatement) -> Row
    ) throws(DatabaseError) -> Row? {
        let statement = try self.bound(sql, repeat each values)
        guard try statement.step() else {
            statement.reset()
            return nil
        }
        defer { statement.reset() }
        return read(statement)
    }

    /// Reads all rows.
    func rows<each Value: Bindable, Row>(
        _ sql: StaticString,
        _ values: repeat each Value,
        read: (PreparedStatement) -> Row
    ) throws(DatabaseError) -> [Row] {
        let statement = try self.bound(sql, repeat each values)
        var rows: [Row] = []
        while try statement.step() { rows.append(read(statement)) }
        statement.reset()
        return rows
    }

    private func bound<each Value: Bindable>(
        _ sql: StaticString,
        _ values: repeat each Value
    ) throws(DatabaseError) -> PreparedStatement {
        let statement = try self.statement(sql)
        var index: Int32 = 1
        for value in repeat each values {
            value.bind(to: statement, at: index)
            index += 1
        }
        return statement
    }
}

extension DatabaseError {
    /// SQLite's last error. It names the text of a statement, never its values.
    init(_ code: Int32, on connection: OpaquePointer, _ sql: StaticString? = nil) {
        let extended = sqlite3_extended_errcode(connection)
        self.init(
            resultCode: ResultCode(rawValue: extended & 0xFF == code & 0xFF ? extended : code),
            message: String(cString: sqlite3_errmsg(connection)),
            sql: sql?.description
        )
    }
}
