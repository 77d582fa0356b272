import Foundation
import TestSupport
import Testing
import Wingman

@testable import WingmanRemoteOrchestrator

@Suite("The outcome of a message")
struct OutcomeRulesTests {
    let now = 1_777_636_800_000

    private func rules(_ retry: InboundRetry = InboundRetry(), blocks: Bool = true) -> OutcomeRules {
        OutcomeRules(
            deadLetters: "requests:dead",
            origin: DeadLetter.Origin(list: "requests", process: "p"),
            retry: retry,
            blocks: blocks
        )
    }

    private func message(_ change: (inout LaneMessage) -> Void = { _ in }) throws -> LaneMessage {
        let raw = Array(
            #"{"client":"m","body":1,"reply_to":"replies:1","correlation_id":"c","idempotency_key":"k"}"#.utf8
        )
        var message = LaneMessage(
            parcel: Parcel(id: "a", received: 5, raw: raw),
            envelope: try Envelope.parse(raw),
            list: "requests:lane:m"
        )
        change(&message)
        return message
    }

    private func verdict(_ rules: OutcomeRules, _ ending: Ending, _ message: LaneMessage) -> Verdict {
        var generator = SeededGenerator(seed: 1)
        return rules.verdict(ending, of: message, now: self.now, using: &generator)
    }

    private let idempotency = StoreKey("orchestrator", "idem/m/k")
    private let attempts = StoreKey("orchestrator", "attempts/m/a")

    @Test("that was handled: acknowledgement, reply, stored reply and the end of its counter are one settlement")
    func done() throws {
        let message = try self.message {
            $0.holdsKey = true
            $0.counted = 2
        }
        let reply = Array(#"{"correlation_id":"c","id":"a","status":"ok","body":{"n":1}}"#.utf8)
        #expect(
            self.verdict(self.rules(), .replied(Array(#"{"n":1}"#.utf8)), message)
                == .settle(
                    .done,
                    [
                        .delete(self.attempts),
                        .put(self.idempotency, Array(#"done:{"n":1}"#.utf8), expiry: .seconds(86_400)),
                    ],
                    reply: [.append(list: "replies:1", payload: reply, expiry: .seconds(60))],
                    .done
                )
        )
    }

    @Test("that asked for nothing, without a reply: nothing but the acknowledgement")
    func plain() throws {
        let raw = Array(#"{"client":"m","body":1}"#.utf8)
        let message = LaneMessage(
            parcel: Parcel(id: "a", received: 5, raw: raw),
            envelope: try Envelope.parse(raw),
            list: "l"
        )
        #expect(self.verdict(self.rules(), .replied(nil), message) == .settle(.done, [], .done))
    }

    @Test("whose twin was handled before: the same reply again")
    func repeated() throws {
        let reply = Array(#"{"correlation_id":"c","id":"a","status":"ok","body":7}"#.utf8)
        #expect(
            self.verdict(self.rules(), .repeated([UInt8(ascii: "7")]), try self.message())
                == .settle(
                    .done,
                    [],
                    reply: [.append(list: "replies:1", payload: reply, expiry: .seconds(60))],
                    .repeated
                )
        )
    }

    @Test("that failed stays at the head of a lane that blocks, for 1, 2, 4 … seconds, a quarter more or less")
    func blocked() throws {
        let failure = Ending.failed(FailedAttempt(at: 1, error: "no"), nil)
        for (failures, seconds) in [(0, 1.0), (1, 2), (2, 4), (3, 8)] {
            let message = try self.message { $0.counted = failures }
            guard case .rest(let delay, .retried) = self.verdict(self.rules(), failure, message) else {
                Issue.record("failure \(failures + 1) does not rest")
                continue
            }
            #expect(delay >= .seconds(seconds * 0.75) && delay <= .seconds(seconds * 1.25))
        }
        let wish = Ending.failed(FailedAttempt(at: 1, error: "no"), .retry(after: .seconds(77)))
        #expect(self.verdict(self.rules(), wish, try self.message()) == .rest(.seconds(77), .retried))
    }

    @Test("that failed in another lane is set aside with the failure in it, into the list it came from")
    func setAside() throws {
        let failure = Ending.failed(FailedAttempt(at: 1, error: "no"), .retry(after: .seconds(9)))
        let message = try self.message {
            $0.counted = 1
            $0.holdsKey = true
        }
        var parcel = message.parcel
        parcel.attempt = 2
        parcel.errors = [FailedAttempt(at: 1, error: "no")]
        #expect(
            self.verdict(self.rules(blocks: false), failure, message)
                == .settle(
                    .later(list: "requests:lane:m", parcel.bytes, in: .seconds(9)),
                    [
                        .insert(StoreKey("orchestrator", "later"), member: Array("requests:lane:m".utf8)),
                        .delete(self.attempts),
                    ],
                    .retried
                )
        )
    }

    @Test(
        "that failed for the last time is a dead letter with its attempts, and its sender learns it",
        arguments: [
            (5, 4, nil as InboundFailure.Kind?, Refusal.Reason.maxAttempts, true),
            (1, 0, nil, .handlerError, false),
            (5, 0, .dead, .handlerError, false),
            (3, 2, .retry(after: .seconds(1)), .maxAttempts, true),
        ]
    )
    func dead(attempts: Int, failures: Int, kind: InboundFailure.Kind?, reason: Refusal.Reason, retryable: Bool) throws
    {
        let message = try self.message {
            $0.counted = failures
            $0.holdsKey = true
        }
        let failure = Ending.failed(FailedAttempt(at: 1, error: "no"), kind)
        let verdict = self.verdict(self.rules(InboundRetry(attempts: attempts)), failure, message)
        guard case .settle(.append("requests:dead", let bytes), let effects, let reply, .dead(reason)) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        let letter = try DeadLetter(json: bytes)
        #expect(letter.attempts == failures + 1)
        #expect(letter.errors == [FailedAttempt(at: 1, error: "no")])
        #expect(letter.reason == reason.rawValue && letter.client == "m" && letter.id == "a" && letter.received == 5)
        #expect(letter.message == message.parcel.raw)
        #expect(effects.contains(.delete(self.idempotency)))
        #expect(effects.contains(.delete(self.attempts)) == (failures > 0))
        let replies = reply.compactMap { effect -> String? in
            guard case .append("replies:1", let reply, _) = effect else { return nil }
            return String(decoding: reply, as: UTF8.self)
        }
        #expect(replies.count == 1)
        #expect(replies.first?.contains(#""code":"\#(reason.rawValue)""#) == true)
        #expect(replies.first?.contains(#""retryable":\#(retryable)"#) == true)
    }

    @Test("that never held its idempotency key leaves the key to whoever does")
    func foreignKey() throws {
        let verdict = self.verdict(self.rules(), .refused(Refusal(.expired, "late")), try self.message())
        guard case .settle(_, let effects, _, .dead(.expired)) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(!effects.contains(.delete(self.idempotency)))
    }

    @Test("whose twin is being handled waits aside, without counting", arguments: [true, false])
    func busy(blocks: Bool) throws {
        let aside = self.verdict(self.rules(blocks: blocks), .busy, try self.message())
        guard case .settle(.later("requests:lane:m", let bytes, .seconds(5)), _, _, .postponed) = aside else {
            Issue.record("\(aside)")
            return
        }
        #expect(try Parcel(bytes).attempt == 0)
    }

    @Test(
        "without a service, or in a process that stops, goes back as it was",
        arguments: [Ending.unavailable, .interrupted]
    )
    func givenBack(ending: Ending) throws {
        #expect(self.verdict(self.rules(), ending, try self.message()) == .giveBack)
        #expect(self.verdict(self.rules(blocks: false), ending, try self.message()) == .giveBack)
    }

    @Test("never waits longer than the longest delay and a quarter, however often it failed")
    func longest() {
        let retry = InboundRetry(attempts: .max, firstDelay: .seconds(1), longestDelay: .seconds(300))
        var generator = SeededGenerator(seed: 3)
        for failures in [1, 9, 10, 31, 32, 1_000, Int.max] {
            #expect(retry.delay(after: failures, using: &generator) <= .seconds(375))
        }
        #expect(InboundRetry(firstDelay: .seconds(-1)).delay(after: 3, using: &generator) == .zero)
    }

    @Test("marks of idempotency keys come back as they were kept")
    func marks() {
        for mark in [IdempotencyMark.running("a:b"), .done(nil), .done(Array("{}".utf8))] {
            #expect(IdempotencyMark(mark.bytes) == mark)
        }
        #expect(IdempotencyMark(Array("else".utf8)) == nil)
    }
}
