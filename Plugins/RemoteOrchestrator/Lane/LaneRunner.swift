import Logging
import Supervision
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes one attempt to handle a message, on the cooperative pool, and decides what becomes of it.
struct LaneRunner: Sendable {
    /// The name of the service.
    let client: String
    let workshop: Workshop
    let retry: InboundRetry
    /// Whether a message that failed stays where it is.
    let blocks: Bool

    /// So many deaths of processes are proof.
    static let mostCrashes = 3

    /// What an attempt came to.
    struct Result: Sendable {
        /// The message, with what has changed.
        var message: LaneMessage
        var ending: Ending
        var verdict: Verdict
        /// How long the handler took; nil if it did not run.
        var time: Duration?
    }

    func run(_ message: LaneMessage, _ attempt: Attempt) async -> Result {
        var message = message
        var time: Duration?
        let ending = Self.heeding(attempt.reason, await self.ending(of: &message, attempt, &time))
        // It did not come as far as its key, which it may have claimed before it came again.
        if case .refused(let refusal) = ending, message.idempotency != nil, !message.holdsKey {
            return await self.refuse(message, refusal)
        }
        let verdict = self.verdict(ending, of: message)
        if case .rest = verdict, case .failed(let error, _) = ending {
            // Counted in the store, so that attempts end, too, if the process dies while the message rests.
            guard await self.count(&message) else {
                return Result(message: message, ending: .interrupted, verdict: .giveBack, time: time)
            }
            message.parcel.fail(error)
        }
        return Result(message: message, ending: ending, verdict: verdict, time: time)
    }

    /// Puts a message away without an attempt. If nobody can say whether it holds its idempotency key, it goes back.
    func refuse(_ message: LaneMessage, _ refusal: Refusal) async -> Result {
        var message = message
        if let key = message.idempotency {
            let (workshop, claimed) = (self.workshop, message)
            // Unstructured: the attempt may have been cancelled, and is to end as it should all the same.
            let holdsKey = await Task(executorPreference: workshop.environment.time.executor) {
                try? await workshop.persist("look for an idempotency key", unlessClosing: true) {
                    try await IdempotencyKeys(space: workshop.environment.keys).renew(key, for: claimed)
                }
            }.value
            guard let holdsKey else {
                return Result(message: message, ending: .interrupted, verdict: .giveBack, time: nil)
            }
            message.holdsKey = holdsKey
        }
        let ending = Ending.refused(refusal)
        return Result(message: message, ending: ending, verdict: self.verdict(ending, of: message), time: nil)
    }

    private func verdict(_ ending: Ending, of message: LaneMessage) -> Verdict {
        let rules = OutcomeRules(
            deadLetters: self.workshop.names.deadLetters,
            origin: self.workshop.origin,
            retry: self.retry,
            blocks: self.blocks
        )
        var generator = SystemRandomNumberGenerator()
        return rules.verdict(ending, of: message, now: Workshop.now, using: &generator)
    }

    private func ending(of message: inout LaneMessage, _ attempt: Attempt, _ time: inout Duration?) async -> Ending {
        if let ending = await self.claimKey(of: &message) {
            // Its twin may be handled for hours.
            return ending == .busy && Self.isLate(message) ? Self.expired("before its turn") : ending
        }
        if message.crashes >= Self.mostCrashes {
            return .refused(Refusal(.crashLoop, "\(message.crashes) processes died while they handled it alone"))
        }
        if Self.isLate(message) { return Self.expired("before its turn") }
        if let ending = await self.awaitService() { return ending }
        if Self.isLate(message) { return Self.expired("before its turn") }
        return await self.call(message, attempt, &time)
    }

    /// An operator's word and a deadline count also for a message whose handler was not begun yet.
    private static func heeding(_ reason: Attempt.Reason?, _ ending: Ending) -> Ending {
        switch (ending, reason) {
        case (.interrupted, .control), (.unavailable, .control), (.busy, .control): .refused(Self.cancelled)
        case (.interrupted, .deadline), (.unavailable, .deadline), (.busy, .deadline): Self.expired("before its turn")
        default: ending
        }
    }

    static let cancelled = Refusal(.cancelled, "an operator cancelled it")

    private static func isLate(_ message: LaneMessage) -> Bool {
        message.envelope.deadline.map { $0 <= Workshop.now } ?? false
    }

    private static func expired(_ when: String) -> Ending {
        .refused(Refusal(.expired, "its deadline passed \(when)"))
    }

    // MARK: The idempotency key

    /// Before each attempt, since a mark does not last for ever.
    ///
    /// - Returns: How it ends if it must not be handled; nil if it may.
    private func claimKey(of message: inout LaneMessage) async -> Ending? {
        guard let key = message.idempotency else { return nil }
        let claiming = message
        message.holdsKey = false
        let mark: IdempotencyMark?
        do {
            mark = try await self.workshop.persist("claim an idempotency key", unlessClosing: false) {
                try await IdempotencyKeys(space: self.workshop.environment.keys).claim(key, for: claiming)
            }
        } catch {
            return .failed(FailedAttempt(at: Workshop.now, error: "\(error)"), nil)
        }
        switch mark {
        case nil: return .interrupted
        case claiming.mark?: message.holdsKey = true
        case .running?: return .busy
        case .done(let body)?: return .repeated(body)
        }
        return nil
    }

    /// One more attempt of a message that stays in its place.
    private func count(_ message: inout LaneMessage) async -> Bool {
        let change = Change([.count(message.attempts, by: 1, expiry: OutcomeRules.memory)])
        let reply = try? await self.workshop.persist("count an attempt", unlessClosing: false) {
            try await self.workshop.environment.keys.apply(change)
        }
        guard reply != nil else { return false }
        message.counted += 1
        return true
    }

    // MARK: The handler

    /// - Returns: How it ends if the service does not run; nil if it does.
    private func awaitService() async -> Ending? {
        let services = self.workshop.environment.services
        switch services.state(of: self.client) {
        case .running: return nil
        // The lane leaves, and others may have it: this process alone proves nothing.
        case .parked: return .unavailable
        case .restarting, .absent: break
        }
        do {
            try await services.wait(for: self.client, within: self.workshop.options.routeTimeout)
            return nil
        } catch is CancellationError {
            return .interrupted
        } catch {
            // A process that stops proves nothing: the service may run in another one.
            return self.workshop.closing.isClosed ? .interrupted : .unavailable
        }
    }

    private func call(_ message: LaneMessage, _ attempt: Attempt, _ time: inout Duration?) async -> Ending {
        // While it waited for the store or the service, others may have got it.
        guard self.workshop.environment.holdsLease else { return .interrupted }
        let clock = self.workshop.environment.time
        let timer = message.envelope.deadline.map { deadline in
            clock.schedule(after: .milliseconds(deadline - Workshop.now)) { attempt.cancel(.deadline) }
        }
        defer { timer?.cancel() }
        let call = HandlerCall(body: message.envelope.body, context: self.context(of: message))
        var hasBegun = false
        let start = clock.now
        do {
            let reply = try await self.workshop.environment.services.withService(
                named: self.client,
                as: (any Service).self
            ) { service -> [UInt8]?? in
                guard HandlerCall.isTaken(by: service) else { return .none }
                hasBegun = true
                return .some(try await call(service))
            }
            time = clock.now - start
            guard let reply else { return Self.notAHandler }
            return .replied(reply)
        } catch {
            if hasBegun { time = clock.now - start }
            if !hasBegun, error is RegistryError { return .unavailable }
            return Self.ending(of: error, attempt.reason)
        }
    }

    static let notAHandler = Ending.refused(Refusal(.notAHandler, "the service takes no messages"))

    private static func ending(of error: any Error, _ reason: Attempt.Reason?) -> Ending {
        switch reason {
        case .control: return .refused(Self.cancelled)
        case .deadline: return Self.expired("while it was handled")
        case .stopping, .lost: return .interrupted
        case nil: break
        }
        if let error = error as? HandlerCall.Undecodable { return .refused(Refusal(.undecodable, error.detail)) }
        let failure = error as? InboundFailure
        let text = failure?.description ?? "\(type(of: error)): \(error)"
        return .failed(FailedAttempt(at: Workshop.now, error: text), failure?.kind)
    }

    private func context(of message: LaneMessage) -> InboundContext {
        var logger = self.workshop.environment.logger
        logger[metadataKey: "message.id"] = "\(message.parcel.id)"
        logger[metadataKey: "message.client"] = "\(message.envelope.client)"
        let envelope = message.envelope
        return InboundContext(
            id: message.parcel.id,
            client: envelope.client,
            type: envelope.type,
            attempt: message.failures + 1,
            received: Date(timeIntervalSince1970: Double(message.parcel.received) / 1_000),
            deadline: envelope.deadline.map { Date(timeIntervalSince1970: Double($0) / 1_000) },
            key: envelope.key,
            headers: envelope.headers,
            traceparent: envelope.traceparent,
            correlationID: envelope.correlationID,
            wantsReply: envelope.replyTo != nil,
            isRedelivered: message.failures > 0 || message.crashes > 0,
            logger: logger
        )
    }
}
