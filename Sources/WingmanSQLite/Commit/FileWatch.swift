internal import Supervision
internal import Wingman

/// Looks after a store's file between transactions, at most once a second. Lives on the thread that writes.
final class FileWatch {
    private static let pace = Duration.seconds(1)
    private static let logPatience = Duration.milliseconds(90)

    /// Nil in memory.
    private let file: StoreFile?
    /// In bytes.
    private let longestLog: Int
    private let time: any Timekeeper
    private var lastLook: Duration?
    private var isLost = false
    private var lastTrim: Duration?

    /// - Parameter pagesOfLog: After how many pages SQLite itself moves the log into the file.
    init(_ file: StoreFile?, pagesOfLog: Int, time: any Timekeeper) {
        self.file = file
        self.longestLog = 4 * pagesOfLog * 4_096
        self.time = time
    }

    /// Fails if the file is not at its path any more: what is written to it then, nobody finds again.
    func requireFile(_ connection: Connection, location: String) throws(StoreError) {
        if self.isDue(after: &self.lastLook) { self.isLost = connection.hasMoved }
        guard self.isLost else { return }
        throw StoreError(
            .refused,
            "store \(location): the file was moved or deleted under this process: restart it, or put the file back"
        )
    }

    /// Empties a log that has grown long. SQLite begins it anew only at a moment when nobody reads from it, and never makes
    /// one: several busy processes, or a long read, let it grow without end. It is emptied and not only begun anew, as a
    /// file that keeps its size would be tried again every second.
    func trimLog(_ connection: Connection) {
        guard let file = self.file, self.isDue(after: &self.lastTrim) else { return }
        guard let size = StoreFile.facts(file.log)?.size, size > self.longestLog else { return }
        connection.emptyLog(waiting: Self.logPatience)
    }

    private func isDue(after last: inout Duration?) -> Bool {
        let now = self.time.now
        if let last, now - last < Self.pace { return false }
        last = now
        return true
    }
}
