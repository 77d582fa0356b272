import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Decides what becomes of a message after an attempt: everything in one step with its settlement, so that no crash comes
/// between an acknowledgement and its reply.
struct OutcomeRules: Sendable {
    /// Where dead letters go, and what they say of where they died.
    let deadLetters: String
    let origin: DeadLetter.Origin
    let retry: InboundRetry
    /// Whether a message that failed stays where it is.
    let blocks: Bool

    /// Between two looks at whether another message of the same idempotency key has ended.
    static let busyDelay = Duration.seconds(5)
    /// A message that comes again after this time is handled again.
    static let memory = Duration.seconds(86_400)

    /// - Parameter now: Milliseconds since 1970.
    func verdict(
        _ ending: Ending,
        of message: LaneMessage,
        now: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Verdict {
        switch ending {
        case .replied(let body): self.done(message, body)
        case .repeated(let body):
            .settle(.done, message.cleaning(.repeated), reply: message.reply(.ok(body)), .repeated)
        case .failed(let error, let kind): self.failed(message, error, kind, now, &generator)
        case .refused(let refusal): self.dead(message, refusal, now)
        case .busy: self.postpone(message)
        case .unavailable, .interrupted: .giveBack
        }
    }

    private func done(_ message: LaneMessage, _ body: [UInt8]?) -> Verdict {
        .settle(.done, message.cleaning(.done(body)), reply: message.reply(.ok(body)), .done)
    }

    private func failed(
        _ message: LaneMessage,
        _ error: FailedAttempt,
        _ kind: InboundFailure.Kind?,
        _ now: Int,
        _ generator: inout some RandomNumberGenerator
    ) -> Verdict {
        var message = message
        message.parcel.fail(error)
        let failures = message.failures + 1
        if kind == .dead || self.retry.attempts <= 1 {
            return self.dead(message, Refusal(.handlerError, error.error), now, attempts: failures)
        }
        guard failures < self.retry.attempts else {
            let refusal = Refusal(.maxAttempts, "\(failures) attempts failed, the last: \(error.error)")
            return self.dead(message, refusal, now, attempts: failures)
        }
        let delay: Duration
        switch kind {
        case .retry(let wish): delay = max(.zero, wish)
        case .dead, nil: delay = self.retry.delay(after: failures, using: &generator)
        }
        if self.blocks { return .rest(delay, .retried) }
        message.parcel.attempt = failures
        return .settle(
            .later(list: message.list, message.parcel.bytes, in: delay),
            message.noteLater + message.cleaning(.running),
            .retried
        )
    }

    /// Not even in a lane that blocks does it stay: the one it waits for may come from the same lane, behind it.
    private func postpone(_ message: LaneMessage) -> Verdict {
        .settle(
            .later(list: message.list, message.parcel.bytes, in: Self.busyDelay),
            message.noteLater,
            .postponed
        )
    }

    private func dead(_ message: LaneMessage, _ refusal: Refusal, _ now: Int, attempts: Int? = nil) -> Verdict {
        var letter = DeadLetter(
            refusal,
            message: message.parcel.raw,
            origin: self.origin,
            date: Date(timeIntervalSince1970: Double(now) / 1_000)
        )
        letter.attempts = attempts ?? message.failures
        letter.client = message.envelope.client
        letter.errors = message.parcel.errors
        letter.id = message.parcel.id
        letter.received = message.parcel.received
        return .settle(
            .append(list: self.deadLetters, letter.bytes),
            message.cleaning(.dead),
            reply: message.reply(.error(refusal)),
            .dead(refusal.reason)
        )
    }
}
