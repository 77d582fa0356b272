import Supervision
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// Processes that are not alike: a service runs in one and not in another.
@Suite("The orchestrators of several processes", .timeLimit(.minutes(3)))
struct OrchestratorFleetTests {
    @Test(
        "leave messages of a service that is parked here to the process where it runs; if there is none, they are put away"
    )
    func parked() async throws {
        let bench = InboundBench(holdWhenParked: false)
        try await bench.push(InboundBench.message("fragile", 1))
        try await bench.run(process: 1) { _, plugin in
            try await eventually("the first message") { bench.bodies(of: "fragile") == [1] }
            let me = try #require(try await bench.value("owner/lane/fragile"))
            bench.breakFragile(in: 1)
            try await eventually("the service to be parked") {
                plugin.state.board.statistics(isQuiet: false).clients["fragile"]?.service == "parked"
            }
            try await bench.push(InboundBench.message("fragile", 2))
            #expect(try await bench.deadLetters(1).map(\.reason) == ["client_unavailable"])
            try await bench.run(process: 2) { _, _ in
                try await eventually("the beat of the other") {
                    try await bench.fleet().serves("fragile", besides: ProcessID(rawValue: me))
                }
                try await bench.push((3...5).map { InboundBench.message("fragile", $0) })
                try await eventually("the other to have the role", within: .seconds(60)) {
                    bench.bodies(of: "fragile") == [1, 3, 4, 5]
                }
                #expect(try await bench.value("owner/lane/fragile") != me)
            }
        }
        #expect(bench.calls.filter { $0.client == "fragile" }.map(\.process) == [1, 2, 2, 2])
        #expect(try await bench.deadLetters().count == 1)
    }

    @Test("give up a handler that waits for its parked service: the message goes to a process where it runs")
    func waitingForTheParked() async throws {
        let gate = Gate()
        let bench = InboundBench { call, _ in
            if call.process == 1 { try await gate.pass() }
            return 0
        }
        try await bench.push(InboundBench.message("fragile", 1))
        try await bench.run(process: 1) { _, plugin in
            try await eventually("the first message") { bench.bodies(of: "fragile") == [1] }
            bench.breakFragile(in: 1)
            try await eventually("the service to be parked") {
                plugin.state.board.statistics(isQuiet: false).clients["fragile"]?.service == "parked"
            }
            try await bench.run(process: 2) { _, _ in
                try await eventually("the other to have it", within: .seconds(60)) {
                    bench.calls.filter { $0.client == "fragile" }.map(\.process) == [1, 2]
                }
            }
        }
        #expect(try await bench.deadLetters().isEmpty)
    }

    @Test("route to a service that only another process has")
    func newer() async throws {
        let bench = InboundBench()
        try await bench.run(process: 1) { _, plugin in
            try await eventually("a router") { plugin.state.board.router.isHere }
            try await bench.run(process: BenchApp.newer) { _, _ in
                try await eventually("the beat of the other") { try await bench.fleet().has("newcomer") }
                try await bench.push(InboundBench.message("newcomer", 1), InboundBench.message("nobody", 2))
                try await eventually("the call") { bench.bodies(of: "newcomer") == [1] }
                #expect(try await bench.deadLetters(1).map(\.client) == ["nobody"])
            }
            #expect(plugin.state.board.statistics(isQuiet: false).routed == 1)
        }
    }

    @Test("take a service that came back as it takes messages now, though its lane was idle")
    func otherLanes() async throws {
        let gate = Gate()
        let bench = InboundBench { call, _ in
            if call.body > 1 { try await gate.pass() }
            return 0
        }
        try await bench.push(InboundBench.message("fragile", 1))
        try await bench.run { _, plugin in
            let client = { plugin.state.board.statistics(isQuiet: false).clients["fragile"] }
            try await eventually("the first message") { bench.bodies(of: "fragile") == [1] }
            try await eventually("an idle lane") { client()?.inFlight == 0 }
            bench.fragileLanes = .concurrent(2)
            bench.failFragile()
            try await eventually("a new incarnation") { bench.fragileStarts == 2 && client()?.service == "running" }
            try await bench.push(InboundBench.message("fragile", 2), InboundBench.message("fragile", 3))
            try await eventually("two at a time") { Set(bench.bodies(of: "fragile")) == [1, 2, 3] }
            gate.open()
        }
        #expect(try await bench.deadLetters().isEmpty)
    }

    @Test("let a message rest on that went back while its client was paused")
    func rest() async throws {
        let bench = InboundBench(retry: InboundRetry(firstDelay: .seconds(3_600))) { call, _ in
            if call.body == 0 { throw ProbeFailure() }
            return 0
        }
        try await bench.push(InboundBench.message("keyed", 0, #","key":"a""#))
        try await bench.run { _, plugin in
            let board = plugin.state.board
            try await eventually("the message to rest") { bench.bodies(of: "keyed") == [0] }
            try await eventually("it to go back") {
                board.setPaused(true, client: "keyed")
                return try await bench.list("requests:lane:keyed").count == 1
            }
            try await bench.push(InboundBench.message("keyed", 1, #","key":"b""#))
            board.setPaused(false, client: "keyed")
            try await eventually("the other key") { bench.bodies(of: "keyed").contains(1) }
            try await eventually("its end") { board.statistics(isQuiet: false).clients["keyed"]?.handled["done"] == 1 }
            #expect(bench.bodies(of: "keyed") == [0, 1])
        }
    }

    @Test("do not take what they read before a pause for what holds after it")
    func pause() {
        let board = LaneBoard()
        let before = board.pauseChanges
        board.setPaused(true, client: "m")
        #expect(!board.setPaused([], readAfter: before))
        #expect(board.isPaused("m"))
        #expect(board.setPaused(["n"], readAfter: board.pauseChanges))
        #expect(!board.isPaused("m") && board.isPaused("n"))
    }

    @Test("are told apart by their lists, and say what they can by their beats")
    func beats() {
        func report(_ name: String, _ services: String, isQuiet: Bool = false) -> ProcessReport {
            ProcessReport(
                process: ProcessID(rawValue: name),
                info: #"{"services":\#(services)}"#,
                busy: 0,
                isQuiet: isQuiet,
                beatAt: 0
            )
        }
        let reports = [
            report("a", #"{"orchestrator-control":"running","m":"running","n":"parked","o":"ended"}"#),
            report("b", #"{"orchestrator-control:orders":"running","p":"running"}"#),
            report("c", #"{"p":"running"}"#), report("d", "7"),
            report("e", #"{"orchestrator-control":"running","q":"running"}"#, isQuiet: true),
        ]
        let fleet = Fleet(reports, of: "requests")
        #expect(fleet.processes.map(\.rawValue) == ["a", "e"])
        #expect(["m", "n", "o", "p", "q"].filter { fleet.has($0) } == ["m", "n", "o"])
        #expect(["m", "n", "o", "p", "q"].filter { fleet.serves($0, besides: nil) } == ["m"])
        #expect(!fleet.serves("m", besides: ProcessID(rawValue: "a")))
        #expect(Fleet(reports, of: "orders").processes.map(\.rawValue) == ["b"])
    }
}
