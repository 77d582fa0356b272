import Wingman

/// Puts claimed messages away that no handler was tried with, and what is kept of them: counted attempts, idempotency keys
/// that they claimed before they came again.
struct Undertaker: Sendable {
    let workshop: Workshop

    /// Each ends in one step with its reply. What the store refuses goes back.
    ///
    /// - Parameter others: Messages of the same inbox that go back as well.
    /// - Returns: How many were put away.
    /// - Throws: As ``Inbox/settle(_:)``.
    func bury(
        _ messages: [Inbox.Message],
        of inbox: Inbox,
        _ refusal: Refusal,
        returning others: [Inbox.Message] = []
    ) async throws -> Int {
        let settlements = try await self.settlements(of: messages, refusal)
        try await inbox.settle(settlements)
        self.workshop.noteLostReplies(of: inbox)
        let refused = inbox.refusals.map(\.settlement.message)
        let unsettled = settlements.isEmpty ? messages : refused
        // In one call: they stand as they stood.
        try await inbox.settle((unsettled + others).map { Inbox.Settlement($0, .giveBack) })
        let gone = Set((unsettled + inbox.takeLost()).map(\.id))
        return messages.count { !gone.contains($0.id) }
    }

    /// - Returns: None if it is closing while the store is away.
    private func settlements(of messages: [Inbox.Message], _ refusal: Refusal) async throws -> [Inbox.Settlement] {
        let names = self.workshop.names.keys
        let limits = self.workshop.options.limits
        // What cannot be read was never tried.
        let read = messages.map { try? LaneMessage($0, keys: names, limits: limits) }
        let known = try await self.workshop.persist("look for what is kept of messages", unlessClosing: true) {
            try await self.known(read)
        }
        guard let known else { return [] }
        let (burial, now) = (self.workshop.burial, Workshop.now)
        return zip(messages, known).map { burial.settlement(of: $0, as: $1, refusal, now: now) }
    }

    /// The messages with what the store knows of them.
    private func known(_ messages: [LaneMessage?]) async throws -> [LaneMessage?] {
        let space = self.workshop.environment.keys
        let names = messages.compactMap(\.self).flatMap { [$0.attempts] + ($0.idempotency.map { [$0] } ?? []) }
        let values = try await space.values(of: names.map(\.name))
        let kept = Dictionary(zip(names, values)) { first, _ in first }
        var known: [LaneMessage?] = []
        for message in messages {
            guard var message else {
                known.append(nil)
                continue
            }
            message.note(attempts: kept[message.attempts] ?? nil)
            if let key = message.idempotency, kept[key] == message.mark.bytes {
                message.holdsKey = try await IdempotencyKeys(space: space).renew(key, for: message)
            }
            known.append(message)
        }
        return known
    }
}
