internal import GRDB
internal import Wingman

/// What a call does its work with: one connection in one transaction, at one moment of the store's clock.
///
/// Its extensions are the store's operations, one file for each part. They check before they write.
final class Transaction {
    let database: Connection
    let now: Moment
    /// What was added where so far, for those who wait.
    var additions = Additions()

    init(_ database: Connection, now: Int) {
        self.database = database
        self.now = Moment(microseconds: now)
    }

    /// Runs `body` so that a failure that others can survive leaves no trace of it in the transaction.
    func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        try self.database.run("SAVEPOINT effects")
        do {
            let result = try body()
            try self.database.run("RELEASE effects")
            return result
        } catch let error where (error as? DatabaseError)?.concernsItsStatementOnly ?? (error is StoreError) {
            try self.database.run("ROLLBACK TO effects")
            try self.database.run("RELEASE effects")
            throw error
        }
    }
}

extension DatabaseError {
    /// SQLite refused what a statement was given; the transaction, the file and the disk are sound.
    var concernsItsStatementOnly: Bool {
        switch self.resultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH: true
        default: false
        }
    }
}

/// Which sources got something to claim.
struct Additions: Sendable, Equatable {
    /// By their names.
    var sources: Set<String> = []
    /// Other processes may wait for them.
    var concernsOthers = false

    var isEmpty: Bool { self.sources.isEmpty }
}
