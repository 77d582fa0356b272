internal import Supervision
internal import Wingman

/// Looks after a store's file between transactions, at most once a second. Lives on the thread that writes.
final class FileWatch {
    private static let pace = Duration.seconds(1)

    private let time: any Timekeeper
    private var lastLook: Duration?
    private var isLost = false

    init(time: any Timekeeper) {
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

    private func isDue(after last: inout Duration?) -> Bool {
        let now = self.time.now
        if let last, now - last < Self.pace { return false }
        last = now
        return true
    }
}
