internal import GRDB
internal import Wingman

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension StoreError {
    /// What an error of SQLite means for the worker, in words an operator can act on.
    ///
    /// - Parameters:
    ///   - error: What SQLite said.
    ///   - location: The store.
    ///   - systemError: What the operating system said to SQLite, if anything.
    ///   - isCommitting: The error came while the transaction was made durable.
    init(_ error: DatabaseError, at location: String, systemError: Int32 = 0, isCommitting: Bool = false) {
        let code: Code
        let advice: String
        // A full disk answers a write with SQLITE_FULL; a quota or an fsync that runs out of room comes as an I/O error.
        let isOutOfRoom = error.resultCode == .SQLITE_IOERR && [ENOSPC, EDQUOT].contains(systemError)
        switch isOutOfRoom ? .SQLITE_FULL : error.resultCode {
        case .SQLITE_FULL:
            code = .full
            advice = "no space left: free some on its disk. Jobs can be pushed and settled again by themselves then"
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            code = .unavailable
            advice = "another process keeps it locked: look for one that is stopped or hangs in a transaction"
        case .SQLITE_IOERR, .SQLITE_PROTOCOL, .SQLITE_NOMEM, .SQLITE_INTERRUPT:
            code = .unavailable
            advice = "the disk or the system fails: see the system's log"
        case .SQLITE_CANTOPEN:
            code = .unavailable
            advice = "it cannot be opened: check that its directory exists and that this user may read and write there"
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            code = .refused
            advice = "it cannot be written: check the rights of the file and its directory, and how the disk is mounted"
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            code = .refused
            advice = "the file is damaged: stop every process that uses it, then start one, which checks and copies it"
        default:
            code = .unexpected
            advice = "please report this"
        }
        let reason = systemError == 0 ? "" : ", errno \(systemError)"
        self.init(
            code,
            "store \(location): \(advice) (SQLite \(error.extendedResultCode.rawValue): "
                + "\(error.message ?? "no message")\(reason))",
            // Before the end nothing is kept; a write that had no room is not complete either. But what an fsync
            // has refused may be found after a power cut all the same.
            mayHaveRun: isCommitting && code != .full,
            cause: error
        )
    }
}
