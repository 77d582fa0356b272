import TestSupport
package import Wingman

/// What has a store of one kind: the fixtures of Redis and of SQLite. Tests say here in few words what a process asks of it.
package protocol StoreOwner: Sendable {
    associatedtype Kept: Store
    var store: Kept { get }
}

extension StoreOwner {
    /// Registers a process whose lease lasts long enough for every test, ten minutes.
    @discardableResult
    package func register(_ name: String, lease: Duration = .seconds(600)) async throws -> ProcessID {
        let process = ProcessID(rawValue: name)
        let reply = try await self.store.beat(.of(process, .register, number: 1, lease: lease))
        guard case .alive = reply else { throw TestSupportError.process("\(name) was refused") }
        return process
    }

    package func push(_ payloads: String..., to queue: String = "default") async throws {
        try await self.store.enqueue(payloads.map { PushedJob(queue: queue, payload: Array($0.utf8)) })
    }

    /// One step, which has to be done.
    package func done(
        _ process: ProcessID,
        _ number: Int,
        settle settlements: [Settlement] = [],
        claim: Int = 0,
        from sources: [Source] = [.queue("default")],
        lane: Int = 1
    ) async throws -> (answers: [SettleAnswer], claimed: [Claimed], leaseExpired: Bool) {
        let reply = try await self.step(process, number, settle: settlements, claim: claim, from: sources, lane: lane)
        guard case .done(let answers, let claimed, let expired) = reply else {
            throw TestSupportError.process("the step was answered \(reply)")
        }
        return (answers, claimed, expired)
    }

    package func step(
        _ process: ProcessID,
        _ number: Int,
        settle settlements: [Settlement] = [],
        claim: Int = 0,
        from sources: [Source] = [.queue("default")],
        lane: Int = 1
    ) async throws -> StepReply {
        try await self.store.step(
            Step(
                process: process,
                lane: lane,
                number: number,
                settlements: settlements,
                claim: claim,
                sources: sources
            )
        )
    }
}
