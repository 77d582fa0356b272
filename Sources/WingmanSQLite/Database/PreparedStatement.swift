internal import GRDB
internal import GRDBSQLite

/// A statement that SQLite has compiled, kept by its ``Connection`` and used again.
///
/// GRDB's own statements cost more than a claim does: these are bare. Only the connection's thread touches them.
final class PreparedStatement {
    /// Asks SQLite to copy what is bound.
    ///
    /// `SQLITE_TRANSIENT` is -1 cast to a function pointer, which Swift does not import; SQLite compares it and never
    /// calls it.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let handle: OpaquePointer
    private let connection: OpaquePointer
    /// The first value that SQLite did not take: running without it would be running with an older one.
    private var bindError: DatabaseError?

    init(_ sql: StaticString, on connection: OpaquePointer) throws(DatabaseError) {
        var compiled: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = sql.withUTF8Buffer { text in
            text.withMemoryRebound(to: CChar.self) { text in
                sqlite3_prepare_v3(connection, text.baseAddress, Int32(text.count), flags, &compiled, nil)
            }
        }
        guard code == SQLITE_OK, let compiled else { throw DatabaseError(code, on: connection, sql) }
        self.handle = compiled
        self.connection = connection
    }

    deinit {
        sqlite3_finalize(self.handle)
    }

    /// Runs to the end, and is ready to be bound again.
    func run() throws(DatabaseError) {
        while try self.step() {}
        self.reset()
    }

    /// Goes to the next row. After an error the statement is ready to be bound again.
    ///
    /// - Returns: False if there is none.
    func step() throws(DatabaseError) -> Bool {
        if let error = self.bindError {
            self.reset()
            throw error
        }
        let code = sqlite3_step(self.handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        let error = DatabaseError(code, on: self.connection)
        self.reset()
        throw error
    }

    /// Ends a run, as often as one likes.
    func reset() {
        self.bindError = nil
        sqlite3_reset(self.handle)
    }
}

/// Values in, values out. Parameters count from 1, columns from 0. A value that SQLite does not take makes the next
/// ``step()`` fail.
extension PreparedStatement {
    private func note(_ code: Int32) {
        guard code != SQLITE_OK, self.bindError == nil else { return }
        self.bindError = DatabaseError(code, on: self.connection)
    }

    func bind(_ value: Int, at index: Int32) {
        self.note(sqlite3_bind_int64(self.handle, index, Int64(value)))
    }

    func bind(_ value: Double, at index: Int32) {
        self.note(sqlite3_bind_double(self.handle, index, value))
    }

    func bind(_ value: String, at index: Int32) {
        // A terminated copy: the buffer of an empty text may have no address, which would be NULL.
        let count = UInt64(value.utf8.count)
        let code = value.withCString {
            sqlite3_bind_text64(self.handle, index, $0, count, Self.copied, UInt8(SQLITE_UTF8))
        }
        self.note(code)
    }

    func bind(_ value: [UInt8], at index: Int32) {
        guard !value.isEmpty else {
            self.note(sqlite3_bind_zeroblob(self.handle, index, 0))  // a null pointer would be NULL
            return
        }
        let code = value.withUnsafeBytes { bytes in
            sqlite3_bind_blob64(self.handle, index, bytes.baseAddress, UInt64(bytes.count), Self.copied)
        }
        self.note(code)
    }

    func bindNull(at index: Int32) {
        self.note(sqlite3_bind_null(self.handle, index))
    }

    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(self.handle, column)) }

    func double(_ column: Int32) -> Double { sqlite3_column_double(self.handle, column) }

    func text(_ column: Int32) -> String { String(decoding: self.bytes(column), as: UTF8.self) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(self.handle, column) == SQLITE_NULL }

    func bytes(_ column: Int32) -> [UInt8] {
        // The pointer first, the length after it: asking for a blob may convert the value.
        let start = sqlite3_column_blob(self.handle, column)
        let count = Int(sqlite3_column_bytes(self.handle, column))
        guard let start, count > 0 else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// What a parameter can be.
protocol Bindable {
    func bind(to statement: PreparedStatement, at index: Int32)
}

extension Int: Bindable {
    func bind(to statement: PreparedStatement, at index: Int32) { statement.bind(self, at: index) }
}

extension Double: Bindable {
    func bind(to statement: PreparedStatement, at index: Int32) { statement.bind(self, at: index) }
}

extension String: Bindable {
    func bind(to statement: PreparedStatement, at index: Int32) { statement.bind(self, at: index) }
}

extension [UInt8]: Bindable {
    func bind(to statement: PreparedStatement, at index: Int32) { statement.bind(self, at: index) }
}

extension Bool: Bindable {
    func bind(to statement: PreparedStatement, at index: Int32) { statement.bind(self ? 1 : 0, at: index) }
}

extension Optional: Bindable where Wrapped: Bindable {
    func bind(to statement: PreparedStatement, at index: Int32) {
        switch self {
        case .some(let value): value.bind(to: statement, at: index)
        case .none: statement.bindNull(at: index)
        }
    }
}
