import Supervision
import TestSupport
import Testing

@testable import Wingman

/// A heartbeat on a clock that moves by hand.
private struct HeartbeatFixture {
    let time = ManualTime()
    let store = ScriptedStore()
    let life = ProcessLife()
    let statistics = ExecutionStatistics()
    let signals = Notes<String>()
    let fences = Notes<Int>()
    let bell = Bell()

    init() {
        let fences = self.fences
        self.life.onFence { fences.add($0.epoch) }
    }

    func start() -> Task<Void, any Error> {
        let configuration = ServerConfiguration()
        let signals = self.signals
        let heartbeat = LeaseHeartbeat(
            life: self.life,
            store: self.store,
            time: self.time,
            logger: quietLogger,
            timing: configuration.lease,
            reporter: ProcessReporter(
                configuration: configuration,
                capsules: [],
                statistics: self.statistics,
                time: self.time
            ),
            onBeat: { _, named in for signal in named { signals.add(signal) } },
            bell: self.bell
        )
        return Task(executorPreference: self.time.executor) { try await heartbeat.run() }
    }

    var beats: [Beat] { self.store.with { $0.beats } }

    func onBeat(_ body: @escaping @Sendable (Beat) throws -> BeatReply) {
        self.store.with { $0.onBeat = body }
    }
}

@Suite("The heartbeat")
struct LeaseHeartbeatTests {
    @Test("It registers once, then renews every three seconds under growing numbers")
    func beats() async {
        let fixture = HeartbeatFixture()
        let task = fixture.start()
        await fixture.time.advance(by: .seconds(10))
        #expect(fixture.beats.map(\.number) == [1, 2, 3, 4])
        #expect(fixture.beats.map { $0.kind == .register } == [true, false, false, false])
        #expect(Set(fixture.beats.map(\.process)).count == 1)
        #expect(fixture.life.holdsLease(at: fixture.time.now))
        task.cancel()
        _ = await task.result
        #expect(fixture.store.with { $0.left } == [fixture.beats[0].process])
        #expect(fixture.life.hasEnded)
    }

    @Test("The lease is counted from before the request")
    func leaseFromRequest() async {
        let fixture = HeartbeatFixture()
        let time = fixture.time
        let began = time.now
        fixture.store.with { state in
            state.onBeat = { _ in
                try await time.sleep(for: .seconds(2))
                return .alive(lanes: [:], signals: [])
            }
        }
        let task = fixture.start()
        await time.advance(by: .seconds(2))
        #expect(fixture.life.holdsLease(at: began + .seconds(15) - .nanoseconds(1)))
        #expect(!fixture.life.holdsLease(at: began + .seconds(15)))
        task.cancel()
        _ = await task.result
    }

    @Test("A refused registration leads to a new identity, after a pause")
    func registerRefused() async {
        let fixture = HeartbeatFixture()
        fixture.onBeat {
            $0.number == 1 && $0.process == fixture.beats[0].process ? .refused : .alive(lanes: [:], signals: [])
        }
        let task = fixture.start()
        await fixture.time.settle()
        #expect(fixture.beats.count == 1)
        await fixture.time.advance(by: .seconds(1))
        #expect(fixture.beats.map { $0.kind == .register } == [true, true])
        #expect(Set(fixture.beats.map(\.process)).count == 2)
        #expect(fixture.life.holder?.epoch == 2)
        task.cancel()
        _ = await task.result
    }

    @Test("A registration of unknown fate throws the identity away; the pauses between tries grow")
    func registerOfUnknownFate() async {
        let fixture = HeartbeatFixture()
        fixture.onBeat { _ in throw StoreError.lostReply }
        let task = fixture.start()
        await fixture.time.settle()
        #expect(fixture.beats.count == 1)
        await fixture.time.advance(by: .seconds(20))
        let count = fixture.beats.count
        #expect((20...60).contains(count))
        #expect(Set(fixture.beats.map(\.process)).count == count)
        #expect(fixture.beats.allSatisfy { $0.kind == .register && $0.number == 1 })
        task.cancel()
        _ = await task.result
    }

    @Test("A registration that surely did not arrive keeps its identity")
    func registerNotArrived() async {
        let fixture = HeartbeatFixture()
        fixture.onBeat { _ in throw StoreError.away }
        let task = fixture.start()
        await fixture.time.advance(by: .seconds(5))
        #expect(fixture.beats.count > 2)
        #expect(Set(fixture.beats.map(\.process)).count == 1)
        task.cancel()
        _ = await task.result
    }

    @Test("A renewal that is refused fences the incarnation, and the next one registers at once")
    func renewRefused() async {
        let fixture = HeartbeatFixture()
        fixture.onBeat { $0.kind == .renew && $0.number == 2 ? .refused : .alive(lanes: [:], signals: []) }
        let task = fixture.start()
        await fixture.time.advance(by: .seconds(3))
        #expect(fixture.fences.all == [1])
        #expect(fixture.beats.map { $0.kind == .register } == [true, false, true])
        #expect(fixture.beats.map(\.number) == [1, 2, 1])
        #expect(fixture.life.holder?.epoch == 2)
        task.cancel()
        _ = await task.result
    }

    @Test("A beat whose answer was lost is sent again under its number, with the same figures")
    func lostAnswer() async {
        let fixture = HeartbeatFixture()
        let losses = Notes<Int>()
        fixture.onBeat { beat in
            if beat.number == 2, losses.all.count < 3 {
                losses.add(beat.number)
                throw StoreError.lostReply
            }
            return .alive(lanes: [:], signals: [])
        }
        let task = fixture.start()
        await fixture.time.settle()
        fixture.statistics.succeeded("A", nanoseconds: 1)
        await fixture.time.advance(by: .milliseconds(3_010))
        fixture.statistics.succeeded("B", nanoseconds: 1)
        await fixture.time.advance(by: .seconds(4))
        let second = fixture.beats.filter { $0.number == 2 }
        #expect(second.count == 4)
        #expect(second.allSatisfy { $0.executions.map(\.jobClass) == ["A"] })
        #expect(fixture.beats.first { $0.number == 3 }?.executions.map(\.jobClass) == ["B"])
        #expect(Set(fixture.beats.map(\.process)).count == 1)
        #expect(fixture.fences.all.isEmpty)
        task.cancel()
        _ = await task.result
    }

    @Test("A store that forgot an acknowledged step has lost its tail: the identity is abandoned")
    func lostTail() async {
        let fixture = HeartbeatFixture()
        fixture.onBeat { .alive(lanes: $0.number == 1 ? [:] : [4: 8], signals: []) }
        let task = fixture.start()
        await fixture.time.settle()
        let first = fixture.life.candidate
        fixture.life.acknowledged(lane: 4, number: 9, by: first)
        await fixture.time.advance(by: .seconds(3))
        #expect(fixture.store.with { $0.abandoned } == [first.process])
        #expect(fixture.fences.all == [1])
        #expect(fixture.life.holder?.epoch == 2)
        task.cancel()
        _ = await task.result
    }

    @Test("A store that remembers more than was acknowledged is right")
    func storeIsAhead() async {
        let fixture = HeartbeatFixture()
        fixture.onBeat { _ in .alive(lanes: [4: 10, 5: 1], signals: []) }
        let task = fixture.start()
        await fixture.time.settle()
        fixture.life.acknowledged(lane: 4, number: 9, by: fixture.life.candidate)
        await fixture.time.advance(by: .seconds(9))
        #expect(fixture.fences.all.isEmpty)
        task.cancel()
        _ = await task.result
    }

    @Test("Signals that come with a beat are passed on")
    func signals() async {
        let fixture = HeartbeatFixture()
        fixture.onBeat { .alive(lanes: [:], signals: $0.number == 2 ? ["TSTP", "TERM"] : []) }
        let task = fixture.start()
        await fixture.time.advance(by: .seconds(3))
        #expect(fixture.signals.all == ["TSTP", "TERM"])
        task.cancel()
        _ = await task.result
    }

    @Test("A fence found by a lane makes it beat at once")
    func fencedByLane() async {
        let fixture = HeartbeatFixture()
        let task = fixture.start()
        await fixture.time.settle()
        fixture.life.fence(fixture.life.candidate)
        await fixture.time.settle()
        #expect(fixture.beats.map { $0.kind == .register } == [true, true])
        #expect(fixture.life.holder?.epoch == 2)
        task.cancel()
        _ = await task.result
    }

    @Test("The figures of the last jobs reach the store before it leaves")
    func lastFigures() async {
        let fixture = HeartbeatFixture()
        let task = fixture.start()
        await fixture.time.settle()
        fixture.statistics.failed("A")
        task.cancel()
        _ = await task.result
        #expect(fixture.beats.map { $0.executions.map(\.jobClass) } == [[], ["A"]])
        #expect(fixture.beats.map(\.number) == [1, 2])
        #expect(fixture.store.with { $0.left.count } == 1)
    }
}
