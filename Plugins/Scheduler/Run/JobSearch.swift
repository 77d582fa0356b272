import Wingman

/// Looks for jobs in all places of the store: whether those that keep a schedule from going on are still there.
///
/// A job that ends in a Wingman process frees its schedule in the same step. One that is deleted by hand, moved into
/// quarantine or run by another program does not; it is found missing here.
struct JobSearch: Sendable {
    let counts: @Sendable () async throws -> StoreCounts
    let entries: @Sendable (Place, Int, Int) async throws -> [Entry]
    let inFlight: @Sendable (Set<String>) async throws -> Set<String>

    /// Longer queues are not looked through: what is not found there may be there.
    private static let limit = 10_000
    private static let page = 1_000

    /// Which of these jobs are nowhere: in no queue, not to be tried again, and held by no process, not even by a dead one.
    ///
    /// A job that is on its way from one place to another may be missed. Ask twice.
    func missing(_ jids: Set<String>) async throws -> Set<String> {
        let counts = try await self.counts()
        let places = [Place.retry, .schedule] + counts.queues.keys.sorted().map { .queue($0) }
        guard counts.retries + counts.scheduled + counts.queues.values.reduce(0, +) <= Self.limit else { return [] }
        var missing = jids
        for place in places where !missing.isEmpty {
            try await self.remove(from: &missing, in: place)
        }
        return missing.isEmpty ? [] : missing.subtracting(try await self.inFlight(missing))
    }

    private func remove(from missing: inout Set<String>, in place: Place) async throws {
        var offset = 0
        while !missing.isEmpty, offset < Self.limit {
            let entries = try await self.entries(place, offset, Self.page)
            for entry in entries {
                if let jid = try? JobPayload(entry.payload).jobID { missing.remove(jid) }
            }
            guard entries.count == Self.page else { return }
            offset += entries.count
        }
    }
}
