import Foundation
import Supervision
import Synchronization
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// How many messages run at a time, and which come first.
@Suite("The lanes of a server", .timeLimit(.minutes(3)))
struct OrchestratorLaneTests {
    @Test("handles as many at a time as a client allows, and those of one key in order")
    func lanes() async throws {
        let running = Mutex<[String: Int]>([:])
        let most = Mutex<[String: Int]>([:])
        let gate = Gate()
        let bench = InboundBench { call, context in
            let count = running.withLock { running in
                running[call.client, default: 0] += 1
                return running[call.client] ?? 0
            }
            most.withLock { $0[call.client] = max($0[call.client] ?? 0, count) }
            defer { running.withLock { $0[call.client, default: 0] -= 1 } }
            try await gate.pass()
            return 0
        }
        try await bench.push((0..<40).map { InboundBench.message("broad", $0) })
        try await bench.push((0..<40).map { InboundBench.message("keyed", $0, #","key":"\#($0 % 3)""#) })
        try await bench.run { _, _ in
            try await eventually("full lanes") {
                running.withLock { $0["broad"] == 4 && $0["keyed"] == 3 }
            }
            gate.open()
            try await eventually("all calls") { bench.calls.count == 80 }
        }
        #expect(most.withLock { $0 }["broad"] == 4)
        for key in 0..<3 {
            let order = bench.bodies(of: "keyed").filter { $0 % 3 == key }
            #expect(order == order.sorted())
        }
    }

    @Test("takes what is urgent first")
    func priority() async throws {
        let gate = Gate()
        let bench = InboundBench { call, _ in
            if call.body == 0 { try await gate.pass() }
            return 0
        }
        try await bench.push(InboundBench.message("ordered", 0))
        try await bench.run { _, plugin in
            try await eventually("the first") { bench.calls.count == 1 }
            try await bench.push(
                InboundBench.message("ordered", 1, #","priority":0"#),
                InboundBench.message("ordered", 2),
                InboundBench.message("ordered", 3, #","priority":9"#)
            )
            try await eventually("the router") { plugin.state.board.statistics(isQuiet: false).routed == 4 }
            try await eventually("the settlement") { try await bench.list("requests") == [] }
            gate.open()
            try await eventually("all calls") { bench.calls.count == 4 }
        }
        #expect(bench.bodies(of: "ordered") == [0, 3, 2, 1])
    }

    @Test("lets messages for clients that nobody knows wait, then puts them away")
    func held() async throws {
        let bench = InboundBench(unknownClients: .hold(for: .zero))
        try await bench.push(InboundBench.message("nobody", 1, #","reply_to":"replies:1""#))
        try await bench.run { _, _ in
            #expect(try await bench.deadLetters(1).map(\.reason) == ["unknown_client"])
            #expect(try await bench.reply("replies:1")?.contains("unknown_client") == true)
            try await eventually("an empty lane") { try await bench.list("requests:lane:nobody") == [] }
            try await eventually("a lane for whoever comes") { try await bench.value("owner/lane/nobody") == nil }
        }
        let patient = InboundBench(unknownClients: .hold(for: .seconds(3_600)))
        try await patient.push(InboundBench.message("nobody", 1))
        try await patient.run { _, _ in
            try await eventually("a full lane") { try await patient.list("requests:lane:nobody").count == 1 }
        }
        #expect(try await patient.deadLetters().isEmpty)
    }
}
