import Foundation
import Supervision
import Synchronization
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// Whole servers on a store in memory.
@Suite("The orchestrator of a server", .timeLimit(.minutes(3)))
struct OrchestratorServerTests {
    @Test("handles the seed's own messages, in the order they were pushed, and leaves nothing behind")
    func legacy() async throws {
        let bench = InboundBench()
        try await bench.push((0..<300).map { InboundBench.message("ordered", $0) })
        try await bench.push(#"{"client":"bytes","body":{"n":7}}"#)
        try await bench.run { server, plugin in
            try await eventually("all calls") { bench.calls.count == 301 }
            try await eventually("all settlements") { try await bench.store.counts().inFlight == 0 }
            let statistics = plugin.state.board.statistics(isQuiet: false)
            #expect(statistics.routed == 301)
            #expect(statistics.clients["ordered"]?.accepted == 300)
            #expect(statistics.clients["ordered"]?.handled == ["done": 300])
            // A check may have looked before the router's role was taken; it looks again after five seconds.
            try await eventually("health") {
                !server.health.isEmpty && server.health.allSatisfy { $0.health == .healthy }
            }
        }
        #expect(bench.bodies(of: "ordered") == Array(0..<300))
        #expect(bench.bodies(of: "bytes") == [7])
        for list in ["requests", "requests:dead", "requests:lane:ordered", "requests:lane:bytes"] {
            #expect(try await bench.list(list) == [])
        }
        #expect(try await bench.value("owner/router") == nil)
        #expect(try await bench.value("owner/lane/ordered") == nil)
    }

    @Test("puts away what cannot be handled, with reasons, and goes on")
    func deadLetters() async throws {
        let bench = InboundBench()
        let bad = [
            (#"{"client":"nobody","body":1}"#, "unknown_client"), (#"{"client":"idle","body":1}"#, "not_a_handler"),
            (#"{"client":"orchestrator","body":1}"#, "not_a_handler"), (#"{"client":"ordered"}"#, "missing_body"),
            (#"{"client":"ordered","body":{"n":[]}}"#, "decode_error"),
            (#"{"client":"bytes","body":{"n":"x"}}"#, "decode_error"),
            (#"{"client":"ordered","body":{"n":1},"reply_to":"requests"}"#, "bad_reply_to"),
            (#"{"client":"ordered","body":{"n":1},"deadline":1}"#, "expired"), (#"{"client":"#, "bad_json"),
        ]
        try await bench.push(bad.map(\.0))
        try await bench.push(InboundBench.message("ordered", 5))
        try await bench.run { _, _ in
            let letters = try await bench.deadLetters(bad.count)
            #expect(letters.count == bad.count)
            for (message, reason) in bad {
                let letter = try #require(letters.first { $0.message == Array(message.utf8) }, "\(message)")
                #expect(letter.reason == reason)
                if reason == "decode_error" { #expect(letter.detail.hasPrefix("body.n:")) }
            }
            try await eventually("the good one") { bench.bodies(of: "ordered") == [5] }
        }
    }

    @Test("knows what others wrote into the list of a lane")
    func foreignParcels() async throws {
        let bench = InboundBench()
        let foreign = ["x", "{}", InboundBench.message("ordered", 1)]
        _ = try await bench.store.apply(
            Change(foreign.map { .append(list: "requests:lane:ordered", payload: Array($0.utf8)) })
        )
        try await bench.run { _, _ in
            let letters = try await bench.deadLetters(3)
            #expect(letters.map(\.message) == foreign.map { Array($0.utf8) })
            #expect(letters.map(\.reason) == ["bad_json", "bad_envelope", "bad_envelope"])
        }
        #expect(bench.calls.isEmpty)
    }

    @Test("keeps the order of a lane whose messages fail and are tried again")
    func orderWithRetries() async throws {
        let bench = InboundBench { call, _ in
            if call.attempt < 3, call.body.isMultiple(of: 2) { throw ProbeFailure() }
            return 0
        }
        try await bench.push((0..<20).map { InboundBench.message("ordered", $0) })
        try await bench.run { _, _ in
            try await eventually("all calls") { bench.calls.count == 40 }
            try await eventually("all settlements") { try await bench.store.counts().inFlight == 0 }
        }
        let expected = (0..<20).flatMap { n in n.isMultiple(of: 2) ? [n, n, n] : [n] }
        #expect(bench.bodies(of: "ordered") == expected)
        #expect(bench.calls.filter { $0.body == 4 }.map(\.attempt) == [1, 2, 3])
        #expect(bench.contexts.allSatisfy { $0.isRedelivered == ($0.attempt > 1) })
    }

    @Test("lets a lane go on that sets failed messages aside, and brings these again")
    func setAside() async throws {
        let bench = InboundBench { call, _ in
            if call.attempt == 1, call.body == 0 { throw ProbeFailure() }
            return 0
        }
        try await bench.push((0..<5).map { InboundBench.message("aside", $0) })
        try await bench.run { _, _ in
            try await eventually("all calls") { bench.calls.count == 6 }
        }
        #expect(bench.bodies(of: "aside") == [0, 1, 2, 3, 4, 0])
    }

    @Test("gives a message up after its attempts, with the last failures, and frees the lane")
    func maxAttempts() async throws {
        let bench = InboundBench(retry: InboundRetry(attempts: 3, firstDelay: .milliseconds(1))) { call, _ in
            if call.body == 0 { throw ProbeFailure() }
            if call.body == 1 { throw InboundFailure.dead("never") }
            return 0
        }
        try await bench.push((0..<3).map { InboundBench.message("ordered", $0) })
        try await bench.run { _, _ in
            let letters = try await bench.deadLetters(2)
            #expect(letters.map(\.reason) == ["max_attempts", "handler_error"])
            #expect(letters.map(\.attempts) == [3, 1])
            #expect(letters[0].errors.count == 3)
            #expect(letters[1].detail == "never")
            try await eventually("the last") { bench.bodies(of: "ordered") == [0, 0, 0, 1, 2] }
        }
        #expect(try await bench.value("attempts/ordered/\(bench.contexts[0].id)") == nil)
    }

    @Test("goes on with one client while the handler of another hangs")
    func hangingClient() async throws {
        let gate = Gate()
        let bench = InboundBench { call, _ in
            if call.client == "ordered" { try await gate.pass() }
            return 0
        }
        try await bench.push(InboundBench.message("ordered", 0))
        try await bench.push(
            (0..<100).flatMap { [InboundBench.message("ordered", $0 + 1), InboundBench.message("other", $0)] }
        )
        try await bench.run { _, _ in
            try await eventually("the other client") { bench.bodies(of: "other").count == 100 }
            #expect(bench.bodies(of: "ordered") == [0])
            gate.open()
            try await eventually("the first client") { bench.bodies(of: "ordered").count == 101 }
        }
        #expect(bench.bodies(of: "ordered") == Array(0...100))
    }

    @Test("replies to those who ask, in the step of the acknowledgement")
    func replies() async throws {
        let bench = InboundBench()
        try await bench.push(
            InboundBench.message("ordered", 21, #","id":"a","reply_to":"replies:1","correlation_id":"c""#),
            InboundBench.message("fragile", 1, #","id":"b","reply_to":"replies:2""#),
            InboundBench.message("nobody", 1, #","id":"d","reply_to":"replies:3""#)
        )
        try await bench.run { _, _ in
            let replies = [
                try await bench.reply("replies:1"), try await bench.reply("replies:2"),
                try await bench.reply("replies:3"),
            ]
            #expect(replies[0] == #"{"correlation_id":"c","id":"a","status":"ok","body":{"n":42}}"#)
            #expect(replies[1] == #"{"id":"b","status":"ok"}"#)
            #expect(replies[2]?.contains(#""code":"unknown_client""#) == true)
        }
    }

    @Test("cancels a handler at the message's deadline, and says so")
    func deadline() async throws {
        let gate = Gate()
        let bench = InboundBench { call, _ in
            if call.body == 0 { try await gate.pass() }
            return 0
        }
        // Late enough for the server to start and to call the handler before it, on a busy machine as well.
        let soon = Int(Date().timeIntervalSince1970 * 1_000) + 10_000
        let far = soon + 3_600_000
        try await bench.push(
            InboundBench.message("ordered", 0, #","deadline":\#(soon),"reply_to":"replies:1""#),
            InboundBench.message("ordered", 1, #","deadline":\#(far)"#)
        )
        try await bench.run { _, _ in
            #expect(try await bench.deadLetters(1).map(\.reason) == ["expired"])
            #expect(try await bench.reply("replies:1")?.contains(#""code":"expired""#) == true)
            try await eventually("the next") { bench.bodies(of: "ordered") == [0, 1] }
        }
    }

    @Test("handles one of several messages with one idempotency key, and answers the others alike")
    func idempotency() async throws {
        let gate = Gate()
        let bench = InboundBench { call, _ in
            if call.client == "broad" { try await gate.pass() }
            return call.body
        }
        let key = #","idempotency_key":"k""#
        try await bench.push(
            InboundBench.message("ordered", 1, key + #","reply_to":"replies:1""#),
            InboundBench.message("ordered", 2, key + #","reply_to":"replies:2""#)
        )
        try await bench.run { _, _ in
            #expect(try await bench.reply("replies:1")?.contains(#""body":{"n":1}"#) == true)
            #expect(try await bench.reply("replies:2")?.contains(#""body":{"n":1}"#) == true)
            #expect(bench.bodies(of: "ordered") == [1])
            #expect(try await bench.value("idem/ordered/k") == #"done:{"n":1}"#)
            // While one is handled, its twin waits; another client's with the same key does not.
            try await bench.push(InboundBench.message("broad", 3, #","id":"x","idempotency_key":"k""#))
            try await eventually("the first twin") { bench.bodies(of: "broad") == [3] }
            let mark = try await bench.value("idem/broad/k")
            #expect(mark?.hasPrefix("running:") == true)
            try await bench.push(InboundBench.message("broad", 4, #","id":"y","idempotency_key":"k""#))
            try await eventually("the second twin to wait") {
                try await bench.store.entries(in: .later("requests:lane:broad"), from: 0, limit: 9).count == 1
            }
            // It is not the same message because it has the same id.
            try await bench.push(InboundBench.message("broad", 5, #","id":"x","idempotency_key":"k""#))
            try await eventually("the resent one to wait") {
                try await bench.store.entries(in: .later("requests:lane:broad"), from: 0, limit: 9).count == 2
            }
            #expect(try await bench.value("idem/broad/k") == mark)
            gate.open()
            try await eventually("the end of the first") { try await bench.store.counts().inFlight == 0 }
            #expect(bench.bodies(of: "broad") == [3])
        }
        #expect(try await bench.deadLetters().isEmpty)
    }

    @Test("finds a service again that was restarted")
    func restartedService() async throws {
        let bench = InboundBench()
        try await bench.push(InboundBench.message("fragile", 1))
        try await bench.run { _, _ in
            for n in 2...5 {
                try await eventually("the message before") { bench.bodies(of: "fragile").count == n - 1 }
                bench.failFragile()
                try await bench.push(InboundBench.message("fragile", n))
            }
            try await eventually("all messages") { bench.bodies(of: "fragile") == [1, 2, 3, 4, 5] }
        }
        #expect(try await bench.deadLetters().isEmpty)
    }
}

struct ProbeFailure: Error {}
