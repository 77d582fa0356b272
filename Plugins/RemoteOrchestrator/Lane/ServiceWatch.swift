import Supervision
import Synchronization
import Wingman

/// Waits for a client's service to run again, while its lane stands still.
final class ServiceWatch: Sendable {
    /// From one look at whether it is parked to the next.
    private static let interval = Duration.seconds(5)

    private let services: ServiceDirectory
    private let client: String
    private let work: LaneWork
    private let waker: InboxWaker
    private let time: any Timekeeper
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(
        _ services: ServiceDirectory,
        of client: String,
        work: LaneWork,
        waker: InboxWaker,
        time: any Timekeeper
    ) {
        self.services = services
        self.client = client
        self.work = work
        self.waker = waker
        self.time = time
    }

    /// Begins to wait, unless it does.
    func begin() {
        self.task.withLock { task in
            guard task == nil else { return }
            // Unstructured: the lane's loop goes on settling meanwhile. It is cancelled with the loop's turn.
            task = Task(executorPreference: self.time.executor) { await self.wait() }
        }
    }

    func cancel() { self.task.withLock { $0.take() }?.cancel() }

    private func wait() async {
        while !Task.isCancelled {
            if (try? await self.services.wait(for: self.client, within: Self.interval)) != nil {
                self.task.withLock { $0 = nil }
                return self.work.resume()
            }
            // The lane's loop looks whether it is parked by now.
            self.waker.ring()
        }
    }
}
