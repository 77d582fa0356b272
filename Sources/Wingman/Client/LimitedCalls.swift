public import Supervision
import Synchronization

/// Runs code of the app and its plugins that may throw, hang or block, such as client middleware, for those who must go on.
///
/// It runs on a thread of its own, for a limited time. A call that has not returned by then is cancelled and holds up nobody;
/// its thread is left to it, and the others get a fresh one, up to ``mostRunning``.
public final class LimitedCalls: Sendable {
    private struct State {
        var thread: (any TaskExecutor)?
        var running: Set<String> = []
    }

    /// Longer than any client middleware should take, shorter than a minute's schedule can bear.
    public static let limit = Duration.seconds(5)
    /// Calls at one time, counted with those that were given up and have not returned.
    public static let mostRunning = 100

    private let state = Mutex(State())
    private let makeThread: @Sendable () -> any TaskExecutor

    /// - Parameter thread: Makes a thread to run calls on.
    public init(thread: @escaping @Sendable () -> any TaskExecutor) {
        self.makeThread = thread
    }

    /// Calls on threads that are named `name`.
    public convenience init(name: String) {
        self.init { TimerThread(name: name) }
    }

    /// Why there is no answer.
    public enum Trouble: Error, Sendable, CustomStringConvertible {
        /// The call took longer than ``LimitedCalls/limit``.
        case tooSlow
        /// An earlier call of the same name has not returned, or ``LimitedCalls/mostRunning`` have not.
        case stillRunning

        /// One line for people.
        public var description: String {
            switch self {
            case .tooSlow: "it took longer than \(LimitedCalls.limit)"
            case .stillRunning: "an earlier call has not ended"
            }
        }
    }

    /// What `body` returns, if it is quick enough.
    ///
    /// - Parameters:
    ///   - id: The call's name: one runs at a time.
    ///   - time: Where the limit is kept.
    /// - Throws: ``Trouble``, and what `body` throws.
    public func call<Value: Sendable>(
        _ id: String,
        on time: any Timekeeper,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let thread = try self.begin(id)
        let first = FirstAnswer<Result<Value, any Error>>()
        // Unstructured: nobody can wait for what hangs.
        let task = Task(name: id, executorPreference: thread) {
            do {
                first.answer(.success(try await body()))
            } catch {
                first.answer(.failure(error))
            }
            self.end(id)
        }
        let timer = time.schedule(after: Self.limit) { first.answer(.failure(Trouble.tooSlow)) }
        defer { timer.cancel() }
        let answer = await withTaskCancellationHandler {
            await first.wait()
        } onCancel: {
            first.answer(.failure(CancellationError()))
        }
        if case .failure(Trouble.tooSlow) = answer { self.leave(thread) }
        if case .failure = answer {
            // Unstructured, and on the call's own thread: its cancellation handlers run inside, and may block as well.
            Task(executorPreference: thread) { task.cancel() }
        }
        return try answer.get()
    }

    private func begin(_ id: String) throws -> any TaskExecutor {
        try self.state.withLock { state in
            guard state.running.count < Self.mostRunning, state.running.insert(id).inserted else {
                throw Trouble.stillRunning
            }
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
