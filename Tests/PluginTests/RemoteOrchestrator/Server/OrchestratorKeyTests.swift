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

    @Test("are free again once the message is put away without an attempt; those of others are not")
    func refused() async throws {
        let bench = InboundBench()
        let marks: [String: IdempotencyMark] = [
            "own": .running("nonce-1"), "twin's": .running("nonce-7"), "done": .done(nil),
        ]
        let parcels = [("own", 1), ("twin's", 2), ("done", 3), ("free", 4)].map {
            Self.parcel("idle", $0.1, key: $0.0)
        }
        try await Self.left(parcels, in: "requests:lane:idle", marks: marks, of: "idle", on: bench)
        let attempts = OrchestratorKeys().attempts("m-1", of: "idle")
        _ = try await bench.store.apply(Change([.count(attempts, by: 2)]))
        try await bench.run { _, _ in
            let letters = try await bench.deadLetters(4)
            #expect(letters.map(\.reason) == Array(repeating: "not_a_handler", count: 4))
            #expect(letters.map(\.attempts) == [2, 0, 0, 0])
        }
        #expect(try await bench.value("idem/idle/own") == nil)
        #expect(try await bench.value("idem/idle/twin's") == "running:nonce-7")
        #expect(try await bench.value("idem/idle/done") == "done:")
        #expect(try await bench.value("idem/idle/free") == nil)
        #expect(try await bench.value(attempts.name) == nil)
    }

    @Test("are free again once the message has waited too long for a client that nobody knows")
    func held() async throws {
        let bench = InboundBench(unknownClients: .hold(for: .zero))
        let parcel = Self.parcel("nobody", 1, key: "k")
        let marks = ["k": IdempotencyMark.running("nonce-1")]
        try await Self.left([parcel], in: "requests:lane:nobody", marks: marks, of: "nobody", on: bench)
        _ = try await bench.store.apply(Change([.insert(OrchestratorKeys().held, member: Array("nobody".utf8))]))
        try await bench.run { _, _ in
            let letters = try await bench.deadLetters(1)
            #expect(letters.map(\.reason) == ["unknown_client"])
        }
        #expect(try await bench.value("idem/nobody/k") == nil)
    }

    @Test(
        "let a message be replayed that was put away while its service was parked, at once and without blocking its lane"
    )
    func replayed() async throws {
        let bench = InboundBench(holdWhenParked: false)
        let client = "fragile"
        let desk = DeadLetterDesk(store: bench.store, names: OrchestratorNames(list: "requests"))
        try await bench.run(process: 1) { _, plugin in
            bench.breakFragile(in: 1)
            try await eventually("the service to be parked") {
                plugin.state.board.statistics(isQuiet: false).clients[client]?.service == "parked"
            }
            let parcel = Self.parcel(client, 1, key: "k")
            let marks = ["k": IdempotencyMark.running("nonce-1")]
            try await Self.left([parcel], in: "requests:lane:fragile", marks: marks, of: client, on: bench)
            #expect(try await bench.deadLetters(1).map(\.reason) == ["client_unavailable"])
        }
        #expect(try await desk.replay(DeadLetterFilter()).done == 1)
        try await bench.push(InboundBench.message(client, 2))
        try await bench.run(process: 2) { _, _ in
            try await eventually("both messages") { bench.bodies(of: client) == [1, 2] }
        }
    }

    @Test("are free again once an operator has given up the message, which came again and waits for its turn")
    func cancelled() async throws {
        let gate = Gate()
        let bench = InboundBench { _, _ in
            try await gate.pass()
            return 0
        }
        let parcels = (1...3).map { Self.parcel("keyed", $0, key: "k-\($0)", #","key":"same""#) }
        let marks = (1...3).reduce(into: [:]) { $0["k-\($1)"] = IdempotencyMark.running("nonce-\($1)") }
        try await Self.left(parcels, in: "requests:lane:keyed", marks: marks, of: "keyed", on: bench)
        try await bench.run { _, plugin in
            try await eventually("the first to be handled") { bench.bodies(of: "keyed") == [1] }
            try await eventually("the second to wait") { plugin.state.board.cancel(id: "m-2") }
            #expect(try await bench.deadLetters(1).map(\.reason) == ["cancelled"])
            #expect(try await bench.value("idem/keyed/k-2") == nil)
            gate.open()
            try await eventually("the third") { bench.bodies(of: "keyed") == [1, 3] }
            try await eventually("its end") { try await bench.store.counts().inFlight == 0 }
        }
        #expect(try await bench.value("idem/keyed/k-1") == #"done:{"n":0}"#)
        #expect(try await bench.deadLetters().count == 1)
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
