internal import GRDB
internal import GRDBSQLite
internal import Wingman

/// Group commit: concurrent calls share one transaction and one fsync, which costs more than hundreds of them. Nobody
/// hears of success before the COMMIT.
///
/// Calls check before they write. Should one fail all the same, the whole transaction is rolled back and every call is
/// made again in one of its own, so that only that one fails.
struct GroupCommit: CallRunner {
    let connection: Connection
    let location: String
    let clock: StoreClock
    let watch: FileWatch
    /// Told after each commit what was added to which sources.
    let onCommit: @Sendable (Additions) -> Void

    private enum Result {
        case committed(Additions)
        /// Nothing is kept. `isOnesOwn`: made alone, another call may do better.
        case failed(StoreError, isOnesOwn: Bool)
    }

    func run(_ calls: [any AnyCall]) {
        self.connection.use { self.commit(calls) }
    }

    func close() {
        // Fails if the disk does; what was answered is in the log already.
        try? self.connection.close()
    }

    private func commit(_ calls: [any AnyCall]) {
        switch self.attempt(calls) {
        case .committed(let additions):
            for call in calls { call.finish() }
            if !additions.isEmpty { self.onCommit(additions) }
            // Nobody waits for this.
            self.watch.trimLog(self.connection)
        case .failed(_, isOnesOwn: true) where calls.count > 1:
            for call in calls { self.commit([call]) }
        case .failed(let error, _):
            for call in calls {
                call.fail(error)
                call.finish()
            }
        }
    }

    /// If we die before the COMMIT, nothing of it has happened; after it, everything has, though nobody was told.
    private func attempt(_ calls: [any AnyCall]) -> Result {
        do throws(StoreError) {
            try self.watch.requireFile(self.connection, location: self.location)
        } catch {
            return .failed(error, isOnesOwn: false)
        }
        do throws(DatabaseError) {
            try self.connection.run("BEGIN IMMEDIATE")
        } catch {
            return .failed(self.storeError(error), isOnesOwn: false)
        }
        let transaction = Transaction(self.connection, now: self.clock.now())
        for call in calls {
            if let error = self.attempt(call, transaction) {
                self.rollBack()
                return .failed(error, isOnesOwn: true)
            }
        }
        do throws(DatabaseError) {
            try self.connection.run("COMMIT")
        } catch {
            let error = self.storeError(error, isCommitting: true)
            self.rollBack()
            return .failed(error, isOnesOwn: error.code == .full)
        }
        return .committed(transaction.additions)
    }

    /// - Returns: Why nothing of the transaction can be kept; nil if the call was made, or refused before it wrote.
    private func attempt(_ call: any AnyCall, _ transaction: Transaction) -> StoreError? {
        let changes = self.connection.totalChanges
        do {
            try call.attempt(transaction)
            return nil
        } catch let error as StoreError {
            call.fail(error)
            return self.connection.totalChanges == changes ? nil : error
        } catch let error as DatabaseError {
            return self.storeError(error)
        } catch {
            return StoreError(.unexpected, "store \(self.location): \(error)", cause: error)
        }
    }

    private func rollBack() {
        self.connection.endStatements()
        guard self.connection.isInTransaction else { return }
        // A rollback only forgets what is in memory; SQLite answers with the error that led here at most.
        _ = try? self.connection.run("ROLLBACK")
    }

    private func storeError(_ error: DatabaseError, isCommitting: Bool = false) -> StoreError {
        StoreError(
            error,
            at: self.location,
            systemError: self.connection.systemError,
            isCommitting: isCommitting
        )
    }
}

/// Runs calls that only read, each on the state of one moment, beside the writer.
struct ReadOnly: CallRunner {
    let connection: Connection
    let location: String
    let clock: StoreClock

    func run(_ calls: [any AnyCall]) {
        self.connection.use {
            for call in calls {
                self.run(call)
                call.finish()
            }
        }
    }

    func close() {
        // Nothing was written.
        try? self.connection.close()
    }

    private func run(_ call: any AnyCall) {
        defer {
            // An error may have ended the transaction already; there is nothing to keep in any case.
            if self.connection.isInTransaction { _ = try? self.connection.run("COMMIT") }
        }
        do {
            try self.connection.run("BEGIN")
            try call.attempt(Transaction(self.connection, now: self.clock.now()))
        } catch let error as StoreError {
            call.fail(error)
        } catch let error as DatabaseError {
            call.fail(StoreError(error, at: self.location, systemError: self.connection.systemError))
        } catch {
            call.fail(StoreError(.unexpected, "store \(self.location): \(error)", cause: error))
        }
    }
}
