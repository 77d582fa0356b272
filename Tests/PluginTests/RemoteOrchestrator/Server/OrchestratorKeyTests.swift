import Foundation
import Supervision
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// What is kept of messages that come again, or end, without an attempt.
@Suite("The idempotency keys of a server's messages", .timeLimit(.minutes(3)))
struct OrchestratorKeyTests {
    /// A message with the idempotency key `key`, as the router has put it into a lane.
    private static func parcel(_ client: String, _ n: Int, key: String, _ members: String = "") -> Parcel {
        let raw = InboundBench.message(client, n, #","id":"m-\#(n)","idempotency_key":"\#(key)""# + members)
        return Parcel(id: "m-\(n)", received: 1, raw: Array(raw.utf8), nonce: "nonce-\(n)")
    }

    /// As if these had been routed, and some had been claimed by a process that has gone: `marks` are those of their keys.
    private static func left(
        _ parcels: [Parcel],
        in list: String,
        marks: [String: IdempotencyMark],
        of client: String,
        on bench: InboundBench
    ) async throws {
        let keys = OrchestratorKeys()
        let effects =
            parcels.map { Effect.append(list: list, payload: $0.bytes) }
            + marks.map { .put(keys.idempotency($0.key, of: client), $0.value.bytes, expiry: .seconds(86_400)) }
        _ = try await bench.store.apply(Change(effects))
    }

    @Test("let the message that holds one be handled, though an urgent twin of it is claimed before it")
    func urgentTwin() async throws {
        let bench = InboundBench()
        let list = "requests:lane:ordered"
        let urgent = Self.parcel("ordered", 2, key: "k", #","priority":9,"reply_to":"replies:2""#)
        let marks = ["k": IdempotencyMark.running("nonce-1")]
        try await Self.left([Self.parcel("ordered", 1, key: "k")], in: list, marks: marks, of: "ordered", on: bench)
        try await Self.left([urgent], in: list + ":high", marks: [:], of: "ordered", on: bench)
        try await bench.run { _, _ in
            try await eventually("the first") { bench.bodies(of: "ordered") == [1] }
            try await eventually("its end") { try await bench.value("idem/ordered/k") == #"done:{"n":2}"# }
            // The twin comes again after five seconds.
            bench.store.advance(by: .seconds(5))
            #expect(try await bench.reply("replies:2")?.contains(#""body":{"n":2}"#) == true)
            try await eventually("its end") { try await bench.store.counts().inFlight == 0 }
        }
        #expect(bench.bodies(of: "ordered") == [1])
        #expect(try await bench.deadLetters().isEmpty)
    }
}
