internal import HiredisNIO
public import Wingman

/// A job's life: pushed, claimed and settled, promoted.
extension RedisStore {
    /// One script, which checks everything before it writes: a push is whole or nothing, and fails at once when memory is
    /// full.
    public func enqueue(_ jobs: [PushedJob]) async throws {
        guard !jobs.isEmpty else { return }
        _ = try await self.run(PushCall.encode(jobs, self.scripts.push), on: self.pushes)
    }

    /// One script: settlements, claims, statistics and the answer that a repetition gets.
    ///
    /// - Throws: ``Wingman/StoreError``; send the same step again, unchanged, until it is answered.
    public func step(_ step: Step) async throws -> StepReply {
        guard step.settlements.count <= Step.limit, step.claim <= Step.limit else {
            throw StoreError(.unexpected, "a step of more than \(Step.limit) settlements or claims; make several")
        }
        let script = self.scripts.step
        let value = try await self.run(StepCall.encode(step, script), on: self.work)
        var troubles: [String] = []
        let reply = try StepCall.decode(value, of: step, script, troubles: &troubles)
        if !troubles.isEmpty { self.report(troubles) }
        if case .done(_, let claimed, _) = reply, claimed.count >= min(step.enough, step.claim) {
            // It has enough to do and will not wait soon: what else lands here would lie while others are idle.
            self.waits.endStanding(of: step.process)
        }
        return reply
    }

    /// One script; kept with the process's step numbers, so it goes away with them.
    public func isolate(_ token: Token?, process: ProcessID) async throws -> Bool {
        var call = self.scripts.isolate.call()
        call.append(process.rawValue)
        if let token { call.append(token.rawValue) }
        return try await self.run(call, on: self.work).integer == 1
    }

    /// Blocks on each source by a BLMOVE into the process's landing list, on a connection of its own.
    public func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool {
        try await self.waits.wait(for: sources, process: process, timeout: timeout)
    }

    /// Ends the blocked BLMOVEs and puts back what they brought.
    public func stopWaiting(process: ProcessID) async throws {
        try await self.waits.stop(process)
    }

    /// Entries of one answer: a batch of the poller, and as many as it passes over.
    private static var dueLimit: Int { 6_000 }

    /// At most 6,000 entries and about 4 MB; more by the next call, after these were promoted.
    public func due(in set: DueSet, limit: Int) async throws -> DueReply {
        var call = self.scripts.due.call()
        call.append(set.place.key)
        call.append(min(max(limit, 0), Self.dueLimit))
        var cursor = try ReplyCursor(await self.run(call, on: self.work), of: self.scripts.due)
        let wait = try cursor.integer()
        var reply = DueReply(entries: [], nextDue: wait < 0 ? nil : .milliseconds(wait))
        reply.entries.reserveCapacity(cursor.remaining)
        while !cursor.isAtEnd { reply.entries.append(try cursor.bytes()) }
        return reply
    }

    /// One script; an entry whose queue cannot be written stays where it is.
    public func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int {
        guard !promotions.isEmpty else { return 0 }
        var call = self.scripts.promote.call(capacity: 512 * promotions.count)
        call.append(set.place.key)
        for promotion in promotions {
            switch promotion {
            case .push(let entry, let queue, let payload):
                call.append("push")
                call.append(entry)
                call.append(queue)
                call.append(payload)
            case .deliver(let entry, let list, let payload):
                call.append("deliver")
                call.append(entry)
                call.append(list)
                call.append(payload)
            case .drop(let entry):
                call.append("drop")
                call.append(entry)
            case .bury(let entry, let payload):
                call.append("bury")
                call.append(entry)
                call.append(payload)
            }
        }
        return try await self.run(call, on: self.work).integer ?? 0
    }
}
