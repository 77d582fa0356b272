import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes dead letters of messages that no handler was tried with.
struct Burial: Sendable {
    let names: OrchestratorNames
    let origin: DeadLetter.Origin
    let limits: Limits

    /// - Parameters:
    ///   - raw: The message as it came.
    ///   - parcel: What the router knew of it, if it was routed.
    ///   - now: Milliseconds since 1970.
    func letter(_ refusal: Refusal, _ raw: [UInt8], parcel: Parcel? = nil, now: Int) -> DeadLetter {
        let sketch = Envelope.sketch(raw, limits: self.limits)
        var letter = DeadLetter(
            refusal,
            message: raw,
            origin: self.origin,
            date: Date(timeIntervalSince1970: Double(now) / 1_000)
        )
        letter.client = sketch.client
        letter.id = parcel?.id ?? sketch.id
        letter.received = parcel?.received
        letter.attempts = parcel?.attempt ?? 0
        letter.errors = parcel?.errors ?? []
        return letter
    }

    /// The end of a message of a lane: among the dead letters, in one step with the reply.
    ///
    /// - Parameters:
    ///   - known: The same with what the store keeps of it, if it can be read.
    ///   - now: Milliseconds since 1970.
    func settlement(
        of message: Inbox.Message,
        as known: LaneMessage? = nil,
        _ refusal: Refusal,
        now: Int
    ) -> Inbox.Settlement {
        let parcel = known?.parcel ?? (try? Parcel(message.body))
        let raw = parcel?.raw ?? message.body
        var letter = self.letter(refusal, raw, parcel: parcel, now: now)
        if let known { letter.attempts = known.failures }
        return Inbox.Settlement(
            message,
            .append(list: self.names.deadLetters, letter.bytes),
            effects: known?.cleaning(.dead) ?? [],
            ifPossible: self.reply(refusal, raw, parcel: parcel)
        )
    }

    /// What whoever waits for a reply gets; nothing is written to a list that replies may not go to.
    func reply(_ refusal: Refusal, _ raw: [UInt8], parcel: Parcel? = nil) -> [Effect] {
        let sketch = Envelope.sketch(raw, limits: self.limits)
        guard let list = sketch.replyTo else { return [] }
        let bytes = SentReply.error(refusal).bytes(id: parcel?.id ?? sketch.id, correlationID: sketch.correlationID)
        return [.append(list: list, payload: bytes, expiry: SentReply.expiry)]
    }
}
