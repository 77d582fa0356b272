import Supervision
import Synchronization
import Wingman

/// Runs what the app and its client middleware do to make a job: code that may throw, hang or block.
///
/// It runs on a thread of its own, for a limited time. A call that has not returned holds up its own schedule only, and
/// its thread is left to it: the others get a fresh one. There are never more of them than schedules that hang.
final class JobMaking: Sendable {
    private struct State {
        var thread: (any TaskExecutor)?
        var running: Set<String> = []
    }

    /// Longer than any client middleware should take, shorter than a minute's schedule can bear.
    static let limit = Duration.seconds(5)

    private let state = Mutex(State())
    private let makeThread: @Sendable () -> any TaskExecutor

    init(thread: @escaping @Sendable () -> any TaskExecutor = { TimerThread(name: "scheduler.jobs") }) {
        self.makeThread = thread
    }

    /// Why there is no job yet.
    enum Trouble: Error, CustomStringConvertible {
        case tooSlow
        case stillRunning

        var description: String {
            switch self {
            case .tooSlow: "making the job took longer than \(JobMaking.limit)"
            case .stillRunning: "making an earlier job has not ended"
            }
        }
    }

    /// What `body` makes, if it is quick enough.
    func make<Made: Sendable>(
        for id: String,
        on time: any Timekeeper,
        _ body: @escaping @Sendable () async throws -> Made
    ) async throws -> Made {
        let thread = try self.begin(id)
        let (answers, answer) = AsyncStream<Result<Made, any Error>>.makeStream(bufferingPolicy: .bufferingOldest(1))
        // Unstructured: nobody can wait for what hangs.
        let task = Task(name: "schedule \(id)", executorPreference: thread) {
            do {
                answer.yield(.success(try await body()))
            } catch {
                answer.yield(.failure(error))
            }
            self.end(id)
        }
        let timer = time.schedule(after: Self.limit) { answer.yield(.failure(Trouble.tooSlow)) }
        defer {
            timer.cancel()
            task.cancel()
        }
        for await first in answers {
            if case .failure(Trouble.tooSlow) = first { self.leave(thread) }
            return try first.get()
        }
        throw CancellationError()
    }

    private func begin(_ id: String) throws -> any TaskExecutor {
        try self.state.withLock { state in
            guard state.running.insert(id).inserted else { throw Trouble.stillRunning }
            let thread = state.thread ?? self.makeThread()
            state.thread = thread
            return thread
        }
    }

    private func end(_ id: String) {
        self.state.withLock { _ = $0.running.remove(id) }
    }

    /// Leaves a thread to what may block it.
    private func leave(_ thread: any TaskExecutor) {
        self.state.withLock { state in
            if let current = state.thread, current === thread { state.thread = nil }
        }
    }
}
