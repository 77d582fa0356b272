internal import Synchronization
internal import Wingman

/// A call on its way through the thread of a connection.
protocol AnyCall: AnyObject, Sendable {
    /// How many rows it is about, or as good as: what a shared transaction is measured by.
    var rows: Int { get }

    /// Does it; may be called again after a rollback. The answer is kept until ``finish()``.
    ///
    /// - Throws: What made it fail.
    func attempt(_ transaction: Transaction) throws

    /// Fails it; the reason is kept until ``finish()``.
    func fail(_ error: StoreError)

    /// Gives the caller the answer, once it is durable.
    func finish()
}

/// A call with its answer and whoever waits for it.
final class PendingCall<Answer: Sendable>: AnyCall {
    typealias Body = @Sendable (Transaction) throws -> Answer

    let rows: Int
    private let body: Body
    private let caller: CheckedContinuation<Result<Answer, StoreError>, Never>
    private let result = Mutex<Result<Answer, StoreError>?>(nil)

    init(rows: Int, caller: CheckedContinuation<Result<Answer, StoreError>, Never>, body: @escaping Body) {
        self.rows = rows
        self.body = body
        self.caller = caller
    }

    func attempt(_ transaction: Transaction) throws {
        let answer = try self.body(transaction)
        self.result.withLock { $0 = .success(answer) }
    }

    func fail(_ error: StoreError) {
        self.result.withLock { $0 = .failure(error) }
    }

    func finish() {
        let result = self.result.withLock { $0.take() }
        // Nil would be a call that was neither attempted nor failed: the threads do one of the two before they finish it.
        self.caller.resume(returning: result ?? .failure(StoreError(.unexpected, "a call of the store had no answer")))
    }
}
