internal import GRDB
internal import Wingman

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Opens a store's file: looks before it touches, and refuses what it must not touch.
struct Opening: Sendable {
    // A file up to here is read through in about a third of a second.
    private static let quickCheckBytes = 256 << 20
    private static let largestLog = 64 << 20

    let address: SQLiteAddress
    /// Nil in memory.
    let file: StoreFile?
    let host: HostIdentity
    let clock: StoreClock
    var migrations = Schema.migrations

    private var location: String { self.address.location }

    /// The connection that writes.
    func writer() throws -> Connection {
        try self.explained(copiesDamaged: true) {
            let connection = try self.connect(isReader: false)
            do {
                try connection.use { try self.prepare(connection) }
            } catch {
                // What is wrong is said by the error.
                try? connection.close()
                throw error
            }
            return connection
        }
    }

    /// A connection that only reads; there is none in memory. To be opened after the writer.
    func reader() throws -> Connection {
        // The writer is open: to copy the file would drop its locks, see StoreFile.
        try self.explained(copiesDamaged: false) {
            let connection = try self.connect(isReader: true)
            try connection.use { try connection.execute("PRAGMA query_only = 1") }
            return connection
        }
    }

    private func connect(isReader: Bool) throws -> Connection {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false  // there are none
        configuration.busyMode = .timeout(self.address.busyTimeout / .seconds(1))  // while GRDB opens it
        configuration.label = isReader ? "wingman-reader" : "wingman-writer"
        let queue =
            try self.file.map { try DatabaseQueue(path: $0.path, configuration: configuration) }
            ?? DatabaseQueue(configuration: configuration)
        let connection = try Connection(queue)
        connection.use { connection.waitWhenBusy(for: self.address.busyTimeout) }
        return connection
    }

    /// In this order: nothing is changed in a file before it is known to be ours and whole.
    private func prepare(_ connection: Connection) throws {
        guard !connection.isReadOnly else { throw self.refusal(Self.readOnly) }
        let isNew = try self.identify(connection)
        if !isNew { try self.check(connection) }
        try connection.execute("PRAGMA secure_delete = FAST")  // Debian's default writes every freed page once more
        try connection.execute("PRAGMA temp_store = MEMORY")
        try connection.execute("PRAGMA cache_size = -8000")
        if self.file != nil { try self.log(connection) }
        try self.migrate(connection)
    }

    private static let readOnly =
        "it can only be read: check the rights of the file and its directory, and how the disk is mounted"

    private func refusal(_ what: String) -> StoreError {
        StoreError(.refused, "store \(self.location): \(what)")
    }
}

/// What is in the file.
extension Opening {
    private func number(_ pragma: StaticString, _ connection: Connection) throws(DatabaseError) -> Int {
        try connection.row(pragma) { $0.int(0) } ?? 0
    }

    /// - Returns: Whether nothing is in it yet.
    private func identify(_ connection: Connection) throws -> Bool {
        // The tables first: these are two reads, and another process that makes the store commits both at once. Seen in
        // between, its tables with no application id would be another program's.
        let tables = try self.number("SELECT count(*) FROM sqlite_schema", connection)
        let application = try self.number("PRAGMA application_id", connection)
        if application == 0, tables == 0 { return true }
        guard application == Schema.applicationID else {
            throw self.refusal(
                "the file belongs to another program (application id \(application), \(tables) tables and indexes). "
                    + "Name another file; nothing was changed in this one"
            )
        }
        let version = try self.number("PRAGMA user_version", connection)
        guard version <= self.migrations.count else {
            throw self.refusal(
                "its schema has version \(version), this program knows up to \(self.migrations.count). Use the newer program "
                    + "that wrote it, or name another file; nothing was changed in this one"
            )
        }
        return false
    }

    private func check(_ connection: Connection) throws {
        switch self.address.check {
        case .off: return
        case .quick: guard self.file?.size ?? 0 <= Self.quickCheckBytes else { return }
        case .full: break
        }
        let finding = try connection.row("PRAGMA quick_check(1)") { $0.text(0) }
        guard let finding, finding != "ok" else { return }
        throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: finding)
    }

    /// The write-ahead log, and how it is made durable: set after opening, and read back, for it decides what a power cut
    /// costs.
    private func log(_ connection: Connection) throws {
        let mode = try self.retrying { () throws(DatabaseError) in
            try connection.row("PRAGMA journal_mode = WAL") { $0.text(0) }
        }
        guard mode == "wal" else {
            throw self.refusal("SQLite cannot keep a write-ahead log here (\(mode ?? "no answer")): use a local disk")
        }
        let synchronous: (name: String, number: Int) =
            switch self.address.synchronous {
            case .full: ("FULL", 2)
            case .normal: ("NORMAL", 1)
            }
        try connection.execute("PRAGMA synchronous = \(synchronous.name)")
        guard try self.number("PRAGMA synchronous", connection) == synchronous.number else {
            throw StoreError(.unexpected, "store \(self.location): SQLite did not take synchronous=\(synchronous.name)")
        }
        try connection.execute("PRAGMA wal_autocheckpoint = \(self.address.pagesOfLog)")
        try connection.execute("PRAGMA journal_size_limit = \(Self.largestLog)")
    }

    /// Of two processes that switch a new file to the log at once, SQLite refuses one without waiting.
    private func retrying<Result>(_ body: () throws(DatabaseError) -> Result) throws(DatabaseError) -> Result {
        var tries = Int(self.address.busyTimeout / .milliseconds(2))
        while true {
            do throws(DatabaseError) {
                return try body()
            } catch {
                guard error.resultCode == .SQLITE_BUSY, tries > 0 else { throw error }
                tries -= 1
                usleep(2_000)  // on the connection's own thread
            }
        }
    }

    /// Brings the tables up to date, all steps in one transaction; also shows that the file can be written.
    private func migrate(_ connection: Connection) throws {
        try connection.run("BEGIN IMMEDIATE")
        do {
            // Again, as another process may have been first.
            _ = try self.identify(connection)
            let version = try self.number("PRAGMA user_version", connection)
            if version < self.migrations.count {
                for step in self.migrations[version...] { try connection.execute(step) }
                try connection.execute("PRAGMA application_id = \(Schema.applicationID)")
                try connection.execute("PRAGMA user_version = \(self.migrations.count)")
            } else {
                // Written anew as it was, so that a disk or a mount that takes no writes is found now.
                try connection.execute("PRAGMA user_version = \(version)")
            }
            try Transaction(connection, now: self.clock.now()).refuseOtherHosts(self.host, location: self.location)
            try connection.run("COMMIT")
        } catch {
            // The error says what is wrong; a rollback only forgets.
            if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
            throw error
        }
    }
}

/// Errors of opening.
extension Opening {
    private func explained(copiesDamaged: Bool, _ open: () throws -> Connection) throws -> Connection {
        do {
            return try open()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: throw self.damage(error, isCopied: copiesDamaged)
            case .SQLITE_READONLY: throw self.refusal("\(Self.readOnly) (SQLite \(error.extendedResultCode.rawValue))")
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
                throw self.refusal(
                    "it cannot be opened: check that this user may read and write the file and its directory, and how the disk "
                        + "is mounted (SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message"))"
                )
            default: throw StoreError(error, at: self.location)
            }
        }
    }

    private func damage(_ error: DatabaseError, isCopied: Bool) -> StoreError {
        let what =
            error.resultCode == .SQLITE_NOTADB
            ? "the file is no SQLite database, or its beginning is destroyed"
            : "the file is damaged: \(error.message ?? "no message")"
        let aside = isCopied ? self.file?.copyAside(now: Moment(microseconds: self.clock.now()).wholeSeconds) : nil
        let next =
            switch aside {
            case .copied(let copy): "It was copied to \(copy), with its log"
            case .known(let copy): "It has not changed since it was copied to \(copy), with its log"
            case .foreign: "It was left as it is: if it was a store, copy it aside with its log first"
            case .failed: "It could not be copied aside: do that first"
            case nil: "Stop every process that uses it and copy it aside, with its log"
            }
        return StoreError(
            .refused,
            "store \(self.location): \(what). \(next). Save what can be saved with: sqlite3 FILE .recover; then restore a "
                + "backup, or move the file away to begin with an empty store",
            cause: error
        )
    }
}
