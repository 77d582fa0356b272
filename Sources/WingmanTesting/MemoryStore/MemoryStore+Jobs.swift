internal import Supervision
public import Wingman

/// A job's life. The calls are documented in ``Wingman/Store``.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MemoryStore {
    public func enqueue(_ jobs: [PushedJob]) async throws {
        guard jobs.allSatisfy({ $0.runAt?.isFinite ?? true }) else {
            throw StoreError(.unexpected, "a job's time is not a number; give seconds since 1970")
        }
        self.memory.change { state in
            for job in jobs { state.push(job) }
        }
    }

    public func step(_ step: Step) async throws -> StepReply {
        guard step.settlements.count <= Step.limit, step.claim <= Step.limit else {
            throw StoreError(.unexpected, "a step of more than \(Step.limit) settlements or claims; make several")
        }
        return self.memory.change { $0.step(step) }
    }

    /// Answered as soon as a source has something; a cancelled task is answered false at once.
    public func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool {
        try await self.wait(timeout) { .claim(process, sources, $0) }
    }

    public func stopWaiting(process: ProcessID) async throws {
        self.memory.stopWaiting(process, on: self.connection)
    }

    public func due(in set: DueSet, limit: Int) async throws -> DueReply {
        self.memory.read { $0.due(in: set, limit: limit) }
    }

    public func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int {
        self.memory.change { $0.promote(promotions, from: set) }
    }

    /// Answered as soon as there is an element; a cancelled task is answered nil at once.
    public func receive(from list: String, timeout: Duration) async throws -> [UInt8]? {
        try await self.wait(timeout) { .element(list, $0) }
    }

    private func wait<Answer: Sendable>(
        _ timeout: Duration,
        for purpose: @escaping @Sendable (CheckedContinuation<Answer, any Error>) -> MemoryWaits.Wait.Purpose
    ) async throws -> Answer {
        let memory = self.memory
        let number = memory.nextNumber()
        let timer = self.time.schedule(after: timeout) { memory.giveUp(number, isCancelled: false) }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                memory.enter(MemoryWaits.Wait(connection: self.connection, purpose: purpose(waiter)), number: number)
            }
        } onCancel: {
            memory.giveUp(number, isCancelled: true)
        }
    }
}
