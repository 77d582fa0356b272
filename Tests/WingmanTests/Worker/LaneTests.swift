import Synchronization
import TestSupport
import Testing

@testable import Wingman

/// A lane over a scripted store.
private struct LaneFixture {
    let time = ManualTime()
    let store = ScriptedStore()
    let life = ProcessLife()
    let incarnation: Incarnation

    init() {
        self.incarnation = self.life.confirmCandidate(at: self.time.now)
    }

    func lane(_ index: Int = 7) -> Lane {
        Lane(
            incarnation: self.incarnation,
            index: index,
            store: self.store,
            life: self.life,
            time: self.time,
            logger: quietLogger
        )
    }

    /// Answers the steps in turn: nil is a lost reply.
    func script(_ replies: [StepReply?]) {
        let script = Script(replies: replies[...])
        self.store.with { state in
            state.onStep = { _ in
                guard let reply = script.next() else { throw StoreError.lostReply }
                return reply
            }
        }
    }

    var steps: [Step] { self.store.with { $0.steps } }

    func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Task<Result, Never> {
        Task(executorPreference: self.time.executor) { await body() }
    }
}

private final class Script: Sendable {
    private let replies: Mutex<ArraySlice<StepReply?>>

    init(replies: ArraySlice<StepReply?>) { self.replies = Mutex(replies) }

    func next() -> StepReply? { self.replies.withLock { $0.popFirst() ?? nil } }
}

private let settlement = Settlement(token: Token(rawValue: "t1"), disposition: .done, tally: .processed)
private let nothing = StepReply.done(answers: [], claimed: [], leaseExpired: false)

@Suite("A lane's numbered steps")
struct LaneTests {
    @Test("Each acknowledged step has the next number, and life knows the last")
    func numbers() async {
        let fixture = LaneFixture()
        var lane = fixture.lane()
        for _ in 0..<3 { _ = await lane.step(settling: [], claim: 1, from: [.queue("default")]) }
        #expect(fixture.steps.map(\.number) == [1, 2, 3])
        #expect(fixture.steps.allSatisfy { $0.lane == 7 && $0.process == fixture.incarnation.process })
        #expect(fixture.life.acknowledgedSteps == [7: 3])
    }

    @Test(
        "A store that refuses every step is given up: the identity is abandoned and fenced",
        arguments: [StoreError.Code.refused, .unexpected]
    )
    func broken(code: StoreError.Code) async {
        let fixture = LaneFixture()
        fixture.store.with { $0.onStep = { _ in throw StoreError(code, "WRONGTYPE") } }
        let task = fixture.run {
            var lane = fixture.lane()
            return await lane.step(settling: [settlement], claim: 1, from: [.queue("default")])
        }
        await fixture.time.advance(by: .seconds(1))
        fixture.life.confirmCandidate(at: fixture.time.now)
        await fixture.time.advance(by: .seconds(5))
        guard case .broken(let error) = await task.value else { return #expect(Bool(false), "not broken") }
        #expect((error as? StoreError)?.code == code)
        #expect(fixture.steps.count == 6)
        #expect(fixture.store.with { $0.abandoned } == [fixture.incarnation.process])
        #expect(fixture.life.candidate.epoch == 2)
    }

    @Test(
        "A store that refuses beats as well is waited for while the lease lasts: a failover may take a while"
    )
    func refusedWithoutBeats() async {
        let fixture = LaneFixture()
        let calls = Counter64()
        fixture.store.with { state in
            state.onStep = { _ in
                calls.add()
                if calls.count == 10 { return nothing }
                throw StoreError(.refused, "WRONGPASS")
            }
        }
        let task = fixture.run {
            var lane = fixture.lane()
            return await lane.step(settling: [settlement], claim: 1, from: [.queue("default")])
        }
        await fixture.time.advance(by: .seconds(60))
        guard case .done = await task.value else { return #expect(Bool(false), "given up") }
        #expect(fixture.store.with { $0.abandoned.isEmpty })
        #expect(fixture.life.candidate == fixture.incarnation)
    }

    @Test("Refusals between absences are no reason to give up", arguments: [StoreError.Code.unavailable, .full])
    func mixed(code: StoreError.Code) async {
        let fixture = LaneFixture()
        let calls = Counter64()
        fixture.store.with { state in
            state.onStep = { _ in
                calls.add()
                if calls.count == 40 { return nothing }
                throw StoreError(calls.count % 5 == 0 ? code : .unexpected, "in turn")
            }
        }
        let task = fixture.run {
            var lane = fixture.lane()
            return await lane.step(settling: [], claim: 1, from: [.queue("default")])
        }
        await fixture.time.advance(by: .seconds(60))
        guard case .done = await task.value else { return #expect(Bool(false), "given up") }
        #expect(fixture.store.with { $0.abandoned }.isEmpty)
    }

    @Test("A step whose reply was lost is sent again, unchanged, until it is answered")
    func lostReplies() async {
        let fixture = LaneFixture()
        let claimed = Claimed(token: Token(rawValue: "t2"), source: .queue("default"), payload: [1])
        fixture.script([nil, nil, nil, .done(answers: [.settled], claimed: [claimed], leaseExpired: false)])
        let lane = fixture.lane()
        let task = fixture.run {
            var lane = lane
            return await lane.step(settling: [settlement], claim: 5, from: [.queue("default")])
        }
        await fixture.time.advance(by: .seconds(5))
        guard case .done(let answers, let jobs, false) = await task.value else {
            return #expect(Bool(false), "no answer")
        }
        #expect(answers == [.settled])
        #expect(jobs.map(\.token) == [claimed.token])
        #expect(fixture.steps.count == 4)
        for step in fixture.steps {
            #expect((step.number, step.claim, step.sources) == (1, 5, [.queue("default")]))
            #expect(step.settlements.map(\.token) == [settlement.token])
        }
    }

    @Test("A gap gives the identity up: abandoned in the store, fenced here")
    func gap() async {
        let fixture = LaneFixture()
        fixture.script([.gap(last: 0)])
        var lane = fixture.lane()
        guard case .fenced = await lane.step(settling: [], claim: 1, from: []) else {
            return #expect(Bool(false), "goes on")
        }
        #expect(fixture.store.with { $0.abandoned } == [fixture.incarnation.process])
        #expect(fixture.life.candidate.epoch == 2)
    }

    @Test("A fenced answer ends the incarnation and abandons nothing")
    func fenced() async {
        let fixture = LaneFixture()
        fixture.script([.fenced])
        var lane = fixture.lane()
        guard case .fenced = await lane.step(settling: [], claim: 1, from: []) else {
            return #expect(Bool(false), "goes on")
        }
        #expect(fixture.store.with { $0.abandoned }.isEmpty)
        #expect(fixture.life.candidate.epoch == 2)
        #expect(fixture.life.holder == nil)
    }

    @Test("A lane whose incarnation ended while the store was away does not ask again")
    func fencedWhileAway() async {
        let fixture = LaneFixture()
        fixture.script([])
        let lane = fixture.lane()
        let task = fixture.run {
            var lane = lane
            return await lane.step(settling: [], claim: 1, from: [])
        }
        await fixture.time.settle()
        fixture.life.fence(fixture.incarnation)
        await fixture.time.advance(by: .seconds(2))
        guard case .fenced = await task.value else { return #expect(Bool(false), "goes on") }
        #expect(fixture.steps.count == 1)
    }

    @Test("A lane that is cancelled while the store is away says that it does not know")
    func cancelled() async {
        let fixture = LaneFixture()
        fixture.script([])
        let lane = fixture.lane()
        let task = fixture.run {
            var lane = lane
            return await lane.step(settling: [settlement], claim: 0, from: [])
        }
        await fixture.time.settle()
        task.cancel()
        guard case .cancelled = await task.value else { return #expect(Bool(false), "it knows") }
    }

    @Test("A cancelled task still sends its step: a give-back is not lost by a stop")
    func cancelledBefore() async {
        let fixture = LaneFixture()
        let lane = fixture.lane()
        let task = fixture.run {
            withUnsafeCurrentTask { $0?.cancel() }
            var lane = lane
            return await lane.step(settling: [settlement], claim: 0, from: [])
        }
        guard case .done = await task.value else { return #expect(Bool(false), "not sent") }
    }

    @Test("A lane ends with the process")
    func processEnded() async {
        let fixture = LaneFixture()
        fixture.script([])
        let lane = fixture.lane()
        let task = fixture.run {
            var lane = lane
            return await lane.step(settling: [settlement], claim: 0, from: [])
        }
        await fixture.time.settle()
        fixture.life.end()
        await fixture.time.advance(by: .seconds(2))
        guard case .cancelled = await task.value else { return #expect(Bool(false), "goes on") }
    }

    @Test("A lease that the store finds run out stops every start and asks for a beat")
    func leaseExpired() async {
        let fixture = LaneFixture()
        let beats = Counter64()
        fixture.life.setHeartbeatWaker { beats.add() }
        fixture.script([.done(answers: [], claimed: [], leaseExpired: true), nothing])
        var lane = fixture.lane()
        guard case .done(_, _, true) = await lane.step(settling: [], claim: 1, from: []) else {
            return #expect(Bool(false), "not done")
        }
        #expect(beats.count == 1)
        #expect(!fixture.life.holdsLease(at: fixture.time.now))
        #expect(fixture.life.holder == nil)
        #expect(fixture.life.candidate == fixture.incarnation)
        fixture.life.confirm(fixture.incarnation, until: fixture.time.now + .seconds(15))
        #expect(fixture.life.holder == fixture.incarnation)
    }
}

@Suite("One absence of the store")
struct OutageTests {
    @Test("The delays double from 25 ms to 1 s, half of each at random")
    func delays() {
        var outage = Outage(what: "test", logger: quietLogger)
        for most in [50, 100, 200, 400, 800, 1_000, 1_000, 1_000] {
            let delay = outage.failed(StoreError.away, at: .zero)
            #expect(delay <= .milliseconds(most))
            #expect(delay >= .milliseconds(most) / 2)
        }
    }

    @Test("Its end starts the delays anew")
    func end() {
        var outage = Outage(what: "test", logger: quietLogger)
        for _ in 0..<10 { _ = outage.failed(StoreError.away, at: .zero) }
        #expect(outage.isOpen)
        outage.end(at: .seconds(9))
        #expect(!outage.isOpen)
        #expect(outage.failed(StoreError.away, at: .zero) <= .milliseconds(50))
    }

    @Test("Failures without number make no trap")
    func many() {
        var outage = Outage(what: "test", logger: quietLogger, longestDelay: .milliseconds(200))
        for _ in 0..<100_000 { #expect(outage.failed(StoreError.away, at: .zero) <= .milliseconds(200)) }
    }
}
