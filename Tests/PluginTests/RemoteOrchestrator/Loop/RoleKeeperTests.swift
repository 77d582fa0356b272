import Supervision
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// Roles at the end of a process's time with messages.
@Suite("The roles of a process", .timeLimit(.minutes(2)))
struct RoleKeeperTests {
    @Test("are not given back under another identity than they were taken under")
    func formerIdentity() async throws {
        let bench = LaneBench()
        let roles = bench.workshop.roles
        try await bench.beat()
        let first = try #require(try await roles.takeNow("lane/m"))
        bench.fence()
        try await bench.beat()
        try await roles.release("lane/m")
        #expect(try await bench.owner() == first.rawValue)
        #expect(try await roles.takeNow("lane/m") == nil, "the former identity may still hold messages")
        try await bench.memory.abandon(first)
        try await eventually("the role under the new identity") {
            await bench.time.advance(by: .seconds(7_200))
            _ = try await bench.memory.rescue()
            return try await roles.takeNow("lane/m") != nil
        }
    }

    @Test(
        "that are taken just when the process goes quiet, or whose answer is lost then, are given back: nobody serves them",
        arguments: [FaultyStore.Fault.delay(.seconds(5)), .losingReply]
    )
    func takenTooLate(fault: FaultyStore.Fault) async throws {
        let bench = LaneBench()
        try await bench.beat()
        let roles = bench.workshop.roles
        let role = OrchestratorKeys.routerRole
        let keeper = Task(executorPreference: bench.time.executor) { try await roles.run() }
        await bench.time.settle()
        bench.store.fail(.apply, by: fault)
        let served = Task(executorPreference: bench.time.executor) { await roles.acquire(role) }
        await bench.time.settle()
        #expect(bench.store.faults.count == 1)
        await bench.quiet()
        #expect(await served.value == nil)
        await bench.time.advance(by: .seconds(10))
        try await keeper.value
        #expect(try await bench.owner(of: role) == nil)
    }

    @Test("of a lane whose service is parked go to others once the process is quiet, however long it stays")
    func parked() async throws {
        let bench = LaneBench()
        bench.handle { _ in }
        try await bench.beat()
        let lane = bench.start()
        try await Self.park(bench)
        await bench.quiet()
        #expect(try await bench.owner() != nil)
        await bench.time.advance(by: .seconds(30))
        #expect(try await bench.owner() == nil)
        try await lane.value
        #expect(bench.calls == [])
    }

    @Test("of a lane whose service is parked do not hold up a stop")
    func parkedAndStopped() async throws {
        let bench = LaneBench()
        bench.handle { _ in }
        try await bench.beat()
        let lane = try bench.startSupervised()
        try await Self.park(bench)
        await bench.quiet()
        lane.root.stop()
        // Too short for the lane to wait for what may be on its way, and for the tree to lose its patience.
        await bench.time.advance(by: .seconds(1))
        try await lane.run.value
        #expect(lane.root.unstopped.isEmpty)
        // The process leaves the store, and others take the role since it has departed.
        #expect(try await bench.owner() != nil)
    }

    /// The lane has its role, and then its service is parked; it leaves, and keeps the role for what may be on its way.
    private static func park(_ bench: LaneBench) async throws {
        try await eventually("the role") {
            await bench.time.advance(by: .milliseconds(100))
            return try await bench.owner() != nil
        }
        bench.service(.parked)
        try await bench.route(0..<1)
        try await eventually("the message to be back") {
            await bench.time.advance(by: .milliseconds(10))
            return try await bench.waiting() == ["0"]
        }
        await bench.time.settle()
        // What tries the service again makes it look alive now and then.
        bench.service(.restarting(until: nil))
    }

    @Test("of a lane whose service came back as one that takes no messages go to others")
    func notAHandler() async throws {
        let bench = LaneBench()
        bench.handle { _ in }
        try await bench.beat()
        try await bench.route(0..<1)
        let lane = bench.start()
        try await eventually("the message") { bench.calls == [0] }
        #expect(try await bench.owner() != nil)
        // By way of parked, the lane leaves at once.
        bench.service(.parked)
        try await bench.route(1..<2)
        await bench.time.advance(by: .seconds(5))
        bench.service(.running(generation: 2), LaneIdle())
        try await eventually("the role to be free") {
            await bench.time.advance(by: .seconds(5))
            return try await bench.owner() == nil
        }
        await bench.quiet()
        try await lane.value
    }
}
