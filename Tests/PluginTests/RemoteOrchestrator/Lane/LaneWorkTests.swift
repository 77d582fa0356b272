import Logging
import Supervision
import Synchronization
import TestSupport
import Testing
import WingmanTesting

@testable import Wingman
@testable import WingmanRemoteOrchestrator

/// What a lane begins, and when it looks again.
@Suite("The work of a lane", .timeLimit(.minutes(2)))
struct LaneWorkTests {
    private struct Failure: Error {}

    /// What a lane holds that has claimed `count` messages, and the inbox they are from.
    private static func work(
        _ bench: LaneBench,
        _ lanes: InboundLanes,
        _ count: Int,
        _ retry: InboundRetry = InboundRetry(),
        ring: @escaping @Sendable () -> Void = {}
    ) async throws -> (inbox: Inbox, work: LaneWork, messages: [(Inbox.Message, LaneMessage)]) {
        let runner = LaneRunner(client: LaneBench.client, workshop: bench.workshop, retry: retry, blocks: true)
        let inbox = try bench.environment.inbox(lists: bench.workshop.names.lanes(of: LaneBench.client))
        let messages = try #require(try await inbox.exchange(upTo: count))
        let read = try messages.map { message in
            let parcel = try Parcel(message.body)
            let envelope = try Envelope.parse(parcel.raw)
            return (message, LaneMessage(parcel: parcel, envelope: envelope, list: message.list))
        }
        return (inbox, LaneWork(lanes, runner: runner, ring: ring), read)
    }

    @Test("does not look at once for a message that is due and finds no free place: it would look without end")
    func dueWithoutPlace() async throws {
        let (bench, gate) = (LaneBench(), Gate())
        bench.handle(.byKey(1)) { number in
            if number == 0, bench.calls.count == 1 { throw Failure() }
            if number == 1 { try await gate.pass() }
        }
        try await bench.beat()
        try await bench.route(0..<1, #","key":"a""#)
        try await bench.route(1..<2, #","key":"b""#)
        let lane = try await Self.work(bench, .byKey(1), 2, InboundRetry(firstDelay: .seconds(1)))
        let work = lane.work
        work.accept(lane.messages)
        // The first has failed and rests, so that the second has the only place.
        try await eventually("the second") { bench.calls == [0, 1] }
        let due = try #require(work.start())
        #expect(due > bench.time.now)
        await bench.time.advance(by: .seconds(2))
        #expect(work.start() == nil)
        gate.open()
        try await eventually("the first again, without anybody looking") { bench.calls == [0, 1, 0] }
        try await eventually("the end") { work.isEmpty }
    }

    @Test("does not look at once for a message that is due behind a running one of its key")
    func dueBehindItsKey() {
        var queue = LaneQueue(.byKey(2))
        queue.add(1, key: "a")
        queue.add(2, key: "a", restingUntil: .seconds(5))
        queue.add(3, key: "b", restingUntil: .seconds(9))
        let started = queue.start(at: .seconds(4))
        #expect(started == [1])
        #expect(queue.nextTry(after: .seconds(4)) == .seconds(5))
        let none = queue.start(at: .seconds(5))
        #expect(none == [])
        #expect(queue.nextTry(after: .seconds(5)) == .seconds(9))
        queue.end(1)
        let second = queue.start(at: .seconds(5))
        #expect(second == [2])
    }

    @Test("begins nothing while the process cannot be sure of its lease")
    func withoutLease() async throws {
        let bench = LaneBench()
        bench.handle(.concurrent(2)) { _ in try await Gate().pass() }
        try await bench.beat(lease: .seconds(15))
        try await bench.route(0..<2)
        let lane = try await Self.work(bench, .concurrent(2), 2)
        await bench.time.advance(by: .seconds(15))
        lane.work.accept(lane.messages)
        #expect(lane.work.start() == nil)
        // What runs would stay.
        lane.work.returnIdle()
        #expect(lane.work.isEmpty)
        #expect(lane.work.takeSettlements().count == 2)
        #expect(await lane.inbox.close())
    }

    @Test("goes on with the beat that confirms the lease")
    func confirmedLease() async throws {
        let bench = LaneBench()
        let rings = Mutex(0)
        bench.handle { _ in if bench.calls.count == 1 { throw Failure() } }
        try await bench.beat(lease: .seconds(15))
        try await bench.route(0..<1)
        let lane = try await Self.work(bench, .ordered, 1, InboundRetry(firstDelay: .seconds(20))) {
            rings.withLock { $0 += 1 }
        }
        bench.workshop.board.opened(LaneBench.client, .ordered, lane.work)
        lane.work.accept(lane.messages)
        try await eventually("the message to rest") { lane.work.start() != nil }
        await bench.time.advance(by: .seconds(60))
        #expect(lane.work.start() == nil)
        try await bench.beat(lease: .seconds(15))
        let before = rings.withLock { $0 }
        bench.workshop.board.noteLease()
        #expect(rings.withLock { $0 } == before + 1)
        bench.workshop.board.noteLease()
        #expect(rings.withLock { $0 } == before + 1, "nothing waits for it")
        lane.work.start()
        try await eventually("the second attempt") { bench.calls == [0, 0] }
        try await eventually("its end") { lane.work.isEmpty }
    }

    @Test("gives back what waited for its service until the lease was over")
    func leaseEndsBeforeTheCall() async throws {
        let bench = LaneBench()
        bench.service(.restarting(until: nil))
        try await bench.beat(lease: .seconds(4))
        try await bench.route(0..<1)
        let lane = try await Self.work(bench, .ordered, 1)
        lane.work.accept(lane.messages)
        #expect(!lane.work.isEmpty)
        // A second less than it waits for the service.
        await bench.time.advance(by: .seconds(4))
        bench.handle { _ in }
        try await eventually("the end of the wait") { lane.work.isEmpty }
        #expect(bench.calls == [])
        try await lane.inbox.settle(lane.work.takeSettlements())
        #expect(try await bench.waiting() == ["0"])
    }

    @Test("is told of each beat by the plugin")
    func beats() throws {
        let plugin = RemoteOrchestrator()
        let app = BenchApp(bench: InboundBench(), number: 1, plugin: plugin)
        let assembly = try Assembly(app, mode: .server, logger: Logger(label: "test"))
        #expect(assembly.handlers.contains { $0.owner == OrchestratorKeys.namespace && $0.moment == .beat })
    }
}
