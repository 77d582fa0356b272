import Synchronization

/// Wakes the loop that waits in ``Inbox/exchange(_:upTo:)``, from anywhere: by a handler that has ended, so that its message
/// is settled at once.
public final class InboxWaker: Sendable {
    /// Rung by everything the inbox waits for.
    let bell = Bell()
    private let isRung = Atomic(false)

    init() {}

    /// Ends the wait of an exchange; if there is none, the next one does not wait. Several rings are one.
    public func ring() {
        self.isRung.store(true, ordering: .releasing)
        self.bell.ring()
    }

    /// Whether it was rung since the last call.
    func takeRing() -> Bool { self.isRung.exchange(false, ordering: .acquiringAndReleasing) }
}

/// Something under way that rings a bell when it ends.
final class Errand<Outcome: Sendable>: Sendable {
    private let outcome: Mutex<Outcome?>
    private let task: Mutex<Task<Void, Never>?>

    private init() {
        self.outcome = Mutex(nil)
        self.task = Mutex(nil)
    }

    /// Begins `body` in a task of its own on `executor`.
    static func begin(
        on executor: any TaskExecutor,
        ringing bell: Bell,
        _ body: @escaping @Sendable () async -> Outcome
    ) -> Errand {
        let errand = Errand()
        // Unstructured: whoever sent it may leave before it is back.
        let task = Task(executorPreference: executor) {
            let outcome = await body()
            errand.outcome.withLock { $0 = outcome }
            bell.ring()
        }
        errand.task.withLock { $0 = task }
        return errand
    }

    /// What it led to; nil while it is under way.
    var result: Outcome? { self.outcome.withLock { $0 } }

    /// Waits for its end, also when the caller is cancelled.
    func end() async { await self.task.withLock { $0 }?.value }

    /// Nobody needs it any more.
    func cancel() { self.task.withLock { $0 }?.cancel() }
}
