import Synchronization

/// Open until the process goes quiet; shared by all incarnations of the service.
final class Gate: Sendable {
    private let closed = Atomic<Bool>(false)

    /// True once the process takes no new work.
    var isClosed: Bool { self.closed.load(ordering: .relaxed) }

    /// Closes it for good: a quiet process does not come back.
    func close() {
        self.closed.store(true, ordering: .relaxed)
    }
}
