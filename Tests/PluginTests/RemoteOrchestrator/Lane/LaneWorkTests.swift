import Supervision
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
}
