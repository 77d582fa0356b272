import Wingman

/// The idempotency keys of one orchestrator, in the store: see ``IdempotencyMark``.
///
/// Nobody takes a mark away but the message that it names: by its settlement, which the store refuses if another process
/// has the message by now. Such a settlement finds the mark as it was claimed or renewed, unless that was a day before.
struct IdempotencyKeys: Sendable {
    let space: KeySpace

    /// Claims a message's key for it. If we die after this, the message comes again and finds its own mark.
    ///
    /// - Returns: Whose the key is.
    func claim(_ key: StoreKey, for message: LaneMessage) async throws -> IdempotencyMark {
        while true {
            if try await self.put(message, at: key, if: .absent(key)) { return message.mark }
            if try await self.renew(key, for: message) { return message.mark }
            // None: its memory has just ended.
            guard let bytes = try await self.space.value(of: key.name) else { continue }
            // Nobody but us writes here; what cannot be read is as good as another's.
            return IdempotencyMark(bytes) ?? .running("")
        }
    }

    /// Lets a message's own mark stay as long as a new one would: it must not end, and be another's, before it is taken away.
    ///
    /// - Returns: Whether the message has one.
    func renew(_ key: StoreKey, for message: LaneMessage) async throws -> Bool {
        try await self.put(message, at: key, if: .equals(key, message.mark.bytes))
    }

    private func put(_ message: LaneMessage, at key: StoreKey, if condition: Condition) async throws -> Bool {
        let effect = Effect.put(key, message.mark.bytes, expiry: OutcomeRules.memory)
        switch try await self.space.apply(Change(if: [condition], [effect])) {
        case .applied: return true
        case .refused: return false
        }
    }
}
