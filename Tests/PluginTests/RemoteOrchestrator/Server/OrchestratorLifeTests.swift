import Foundation
import Logging
import Supervision
import Synchronization
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// Stop, quiet, several processes, lost leases, control.
@Suite("The orchestrator in the life of its process", .timeLimit(.minutes(3)))
struct OrchestratorLifeTests {
    @Test("returns what is not settled in its order when the process stops")
    func stop() async throws {
        let bench = InboundBench { call, _ in
            if call.body >= 3 { try await Gate().pass() }
            return 0
        }
        let clients = ["ordered", "broad", "keyed"]
        for client in clients { try await bench.push((0..<20).map { InboundBench.message(client, $0) }) }
        try await bench.run { _, _ in
            try await eventually("the first of each") {
                clients.allSatisfy { client in (0...3).allSatisfy { bench.bodies(of: client).contains($0) } }
            }
            try await eventually("the router") { try await bench.list("requests") == [] }
        }
        #expect(try await bench.store.counts().inFlight == 0)
        for client in clients {
            let left = try await bench.list("requests:lane:\(client)").map { try Parcel(Array($0.utf8)) }
            let bodies = left.compactMap { parcel in
                (3..<20).first { parcel.raw == Array(InboundBench.message(client, $0).utf8) }
            }
            #expect(bodies == Array(3..<20), "\(client)")
            #expect(left.allSatisfy { $0.attempt == 0 })
        }
        #expect(try await bench.value("owner/lane/ordered") == nil)
    }

    @Test("takes nothing more in a quiet process, ends what runs, and another process takes over at once")
    func quiet() async throws {
        let gate = Gate()
        let bench = InboundBench { call, _ in
            if call.body == 0 { try await gate.pass() }
            return 0
        }
        try await bench.push((0..<3).map { InboundBench.message("ordered", $0) })
        try await bench.run(process: 1) { first, _ in
            try await eventually("the first") { bench.calls.count == 1 }
            first.quiet()
            try await eventually("the router's role to be free") { try await bench.value("owner/router") == nil }
            try await bench.push(InboundBench.message("ordered", 3))
            try await bench.run(process: 2) { _, _ in
                // The lane is the first one's until its message has ended.
                try await eventually("the other router") { try await bench.list("requests") == [] }
                #expect(bench.calls.count == 1)
                gate.open()
                try await eventually("the others") { bench.calls.count == 4 }
            }
        }
        #expect(bench.bodies(of: "ordered") == [0, 1, 2, 3])
        #expect(bench.calls.map(\.process) == [1, 2, 2, 2])
    }

    @Test("keeps the order over processes that come and go, with messages that fail")
    func orderOverProcesses() async throws {
        let bench = InboundBench { call, _ in
            if call.attempt == 1, call.body % 7 == 0 { throw ProbeFailure() }
            return 0
        }
        let count = 400
        try await bench.push((0..<count).map { InboundBench.message("ordered", $0) })
        var reached = 0
        for process in 1...4 {
            reached = count * process / 4
            let goal = reached
            try await bench.run(process: process) { _, _ in
                try await bench.run(process: process + 10) { _, _ in
                    try await eventually("\(goal) messages") { (bench.bodies(of: "ordered").max() ?? 0) >= goal - 1 }
                }
            }
        }
        let first = bench.bodies(of: "ordered").reduce(into: [Int]()) { order, body in
            if order.last != body { order.append(body) }
        }
        #expect(first == Array(0..<count))
        #expect(try await bench.store.counts().inFlight == 0)
        #expect(try await bench.deadLetters().isEmpty)
    }

    @Test("started and stopped thirty times, in the middle of everything, loses nothing, and no order")
    func startsAndStops() async throws {
        let bench = InboundBench()
        for round in 0..<30 {
            try await bench.push((0..<10).map { InboundBench.message("ordered", round * 10 + $0) })
            try await bench.run(process: round) { _, _ in
                // Sometimes in the middle of the start, sometimes in the middle of the work.
                let goal = round % 3 * round * 3
                try await eventually("\(goal) calls") { bench.calls.count >= goal }
            }
            #expect(try await bench.store.counts().inFlight == 0)
        }
        try await bench.run(process: 99) { _, _ in
            try await eventually("all calls") { bench.bodies(of: "ordered").last == 299 }
        }
        #expect(bench.bodies(of: "ordered") == Array(0..<300))
        #expect(try await bench.deadLetters().isEmpty)
    }

    @Test(
        "cancels handlers whose messages went to others with the lease, and begins again under the new name, in order"
    )
    func fenced() async throws {
        let gate = Gate()
        let cancelled = Atomic(0)
        let bench = InboundBench { call, _ in
            do {
                if call.body == 2 { try await gate.pass() }
            } catch {
                cancelled.add(1, ordering: .relaxed)
                throw error
            }
            return 0
        }
        try await bench.push((0..<6).map { InboundBench.message("ordered", $0) })
        try await bench.run { server, plugin in
            try await eventually("the message that hangs") { bench.bodies(of: "ordered").last == 2 }
            let owner = try #require(try await bench.value("owner/lane/ordered"))
            try await bench.store.abandon(ProcessID(rawValue: owner))
            try await eventually("the cancellation") { cancelled.load(ordering: .relaxed) == 1 }
            gate.open()
            try await eventually("all messages") { bench.bodies(of: "ordered").last == 5 }
            #expect(try await bench.value("owner/lane/ordered") != owner)
            #expect(plugin.state.board.statistics(isQuiet: false).lostLeases > 0)
        }
        #expect(bench.bodies(of: "ordered") == [0, 1, 2, 2, 3, 4, 5])
        #expect(try await bench.deadLetters().isEmpty)
    }

    @Test("gives up a message when an operator says so: one that is handled, and one that rests")
    func cancel() async throws {
        let bench = InboundBench(retry: InboundRetry(firstDelay: .seconds(3_600))) { call, _ in
            if call.body == 0 { try await Gate().pass() }
            if call.body == 1 { throw ProbeFailure() }
            return 0
        }
        try await bench.push(
            InboundBench.message("ordered", 0, #","id":"a","reply_to":"replies:1""#),
            InboundBench.message("ordered", 1, #","id":"b""#),
            InboundBench.message("ordered", 2)
        )
        try await bench.run { _, plugin in
            let board = plugin.state.board
            try await eventually("the first") { bench.bodies(of: "ordered") == [0] }
            #expect(!board.cancel(id: "nothing"))
            #expect(board.cancel(id: "a"))
            #expect(try await bench.deadLetters(1).map(\.reason) == ["cancelled"])
            #expect(try await bench.reply("replies:1")?.contains(#""code":"cancelled""#) == true)
            try await eventually("the second to rest") { try await bench.value("attempts/ordered/b") == "1" }
            try await eventually("the second to be cancelled") {
                _ = board.cancel(id: "b")
                return try await bench.deadLetters().count == 2
            }
            try await eventually("the third") { bench.bodies(of: "ordered") == [0, 1, 2] }
            #expect(try await bench.value("attempts/ordered/b") == nil)
        }
    }

    @Test("handles nothing of a paused client until it is resumed, also in a process that starts meanwhile")
    func pause() async throws {
        let bench = InboundBench()
        _ = try await bench.store.apply(Pausing.change(true, client: "ordered", keys: OrchestratorKeys()))
        try await bench.push(
            InboundBench.message("ordered", 0),
            InboundBench.message("ordered", 1),
            InboundBench.message("other", 2)
        )
        try await bench.run { _, plugin in
            try await eventually("the other client") { bench.bodies(of: "other") == [2] }
            try await eventually("the lane to be full") { try await bench.list("requests:lane:ordered").count == 2 }
            #expect(bench.bodies(of: "ordered") == [])
            _ = try await bench.store.apply(Pausing.change(false, client: "ordered", keys: OrchestratorKeys()))
            try await eventually("the client") { bench.bodies(of: "ordered") == [0, 1] }
            #expect(plugin.state.board.statistics(isQuiet: false).clients["ordered"]?.isPaused == false)
        }
    }

    @Test("puts away a message that killed three processes, without trying it again")
    func crashLoop() async throws {
        let bench = InboundBench()
        let workshop = Workshop(
            options: OrchestratorOptions(),
            environment: ServiceEnvironment(plugin: "orchestrator", store: bench.store, logger: .init(label: "test")),
            board: LaneBoard(),
            metrics: OrchestratorMetrics(
                ServiceEnvironment(plugin: "o", store: bench.store, logger: .init(label: "t")).metrics
            )
        )
        let runner = LaneRunner(client: "m", workshop: workshop, retry: InboundRetry(), blocks: true)
        let raw = Array(#"{"client":"m","body":1,"idempotency_key":"k"}"#.utf8)
        let message = LaneMessage(
            parcel: Parcel(id: "a", received: 0, raw: raw),
            envelope: try Envelope.parse(raw),
            list: "l",
            crashes: 3
        )
        let result = await runner.run(message, Attempt())
        guard case .settle(.append("requests:dead", let bytes), let effects, _, .dead(.crashLoop)) = result.verdict
        else {
            Issue.record("\(result.verdict)")
            return
        }
        #expect(try DeadLetter(json: bytes).reason == "crash_loop")
        #expect(effects == [.delete(StoreKey("orchestrator", "idem/m/k"))])
    }

    @Test("keeps the dead letters within their number")
    func deadLetterCap() async throws {
        let bench = InboundBench()
        var options = OrchestratorOptions()
        options.deadLetters.count = 700
        let environment = ServiceEnvironment(plugin: "orchestrator", store: bench.store, logger: .init(label: "test"))
        let workshop = Workshop(
            options: options,
            environment: environment,
            board: LaneBoard(),
            metrics: OrchestratorMetrics(environment.metrics)
        )
        let letters = (0..<2_000).map { number in
            DeadLetter(
                Refusal(.badJSON, ""),
                message: Array("\(number)".utf8),
                origin: DeadLetter.Origin(list: "requests", process: "p"),
                date: .now
            )
        }
        _ = try await bench.store.apply(Change(letters.map { .append(list: "requests:dead", payload: $0.bytes) }))
        try await DeadLetterTrim(workshop).trim()
        #expect(try await bench.deadLetters() == Array(letters.suffix(700)))
        #expect(try await ListLength(environment: environment).of("requests:dead") == 700)
        #expect(try await ListLength(environment: environment).of("nothing") == 0)
    }
}
