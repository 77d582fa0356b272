import ServiceLifecycle
import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("A capsule", .timeLimit(.minutes(1)))
struct CapsuleTests {
    @Test("Jobs run and are settled, and a stop ends an idle capsule without waiting")
    func runs() async throws {
        let fixture = try CapsuleFixture(Array(repeating: "Quick", count: 20))
        let (task, group) = fixture.start()
        await fixture.stage.ended.reach(20)
        try await eventually("all are settled") { fixture.queue.ended.count == 20 }
        await group.triggerGracefulShutdown()
        try await fixture.store.stopWaiting(process: fixture.life.candidate.process)
        try await task.value
        #expect(fixture.queue.stale == 0)
    }

    @Test("A store that refuses every step ends the capsule with its error, and its jobs are cancelled")
    func refused() async throws {
        let fixture = try CapsuleFixture(["Listening"])
        let (task, _) = fixture.start()
        await fixture.stage.started.reach(1)
        fixture.store.with { $0.onStep = { _ in throw StoreError(.refused, "NOPERM") } }
        try await eventually("the job to be cancelled") {
            // The waiter may not wait yet.
            fixture.store.signal()
            fixture.life.confirmCandidate(at: fixture.time.now)
            await fixture.time.advance(by: .seconds(10))
            return fixture.stage.ended.count == 1
        }
        await fixture.store.close()
        await #expect(throws: StoreError.self) { try await task.value }
        #expect(fixture.store.with { $0.abandoned.count } == 1)
        #expect(fixture.life.candidate.epoch == 2)
    }

    @Test(
        "A capsule that is cancelled in a quiet process gives the identity up; in one that ends it does not",
        arguments: [false, true]
    )
    func leftBehind(isStopping: Bool) async throws {
        let fixture = try CapsuleFixture(["Listening"])
        let (task, _) = fixture.start()
        await fixture.stage.started.reach(1)
        fixture.goAway()
        fixture.life.quiet()
        if isStopping { fixture.life.stop() }
        await fixture.end(task)
        #expect(fixture.life.candidate.epoch == (isStopping ? 1 : 2))
    }

    @Test("A stop cancels what listens after its time and gives it back uncounted; nothing else is claimed")
    func stopCancels() async throws {
        let fixture = try CapsuleFixture(["Listening", "Listening", "Quick"])
        let (task, group) = fixture.start()
        await fixture.stage.started.reach(2)
        try await fixture.stop(group)
        await fixture.time.advance(by: .seconds(24))
        #expect(fixture.stage.ended.count == 0)
        await fixture.time.advance(by: .seconds(1))
        await fixture.stage.ended.reach(2)
        try await fixture.store.stopWaiting(process: fixture.life.candidate.process)
        try await task.value
        #expect(fixture.queue.queue.map { $0.contains("Listening") } == [true, true, false])
        #expect(fixture.queue.ended.isEmpty)
        #expect(!fixture.statistics.hasFigures)
    }

    @Test("A job that does not listen is given back after the grace, and its end then counts for nothing")
    func stopForsakes() async throws {
        let fixture = try CapsuleFixture(["Deaf"])
        let (task, group) = fixture.start()
        await fixture.stage.started.reach(1)
        try await fixture.stop(group)
        try await fixture.store.stopWaiting(process: fixture.life.candidate.process)
        await fixture.time.advance(by: .seconds(28))
        try await task.value
        #expect(fixture.queue.queue.count == 1)
        fixture.stage.gate.open()
        await fixture.stage.ended.reach(1)
        #expect(fixture.queue.ended.isEmpty)
        #expect(fixture.queue.stale == 0)
    }

    @Test("A second, shorter stop cancels at once; the first one's timers then do no harm")
    func stopsTwice() async throws {
        let fixture = try CapsuleFixture(["Listening"])
        let (task, group) = fixture.start()
        await fixture.stage.started.reach(1)
        try await fixture.stop(group)
        await fixture.time.settle()
        fixture.capsule.stop(within: .zero, grace: .milliseconds(200))
        fixture.capsule.stop(within: .seconds(25))
        await fixture.time.advance(by: .zero)
        await fixture.stage.ended.reach(1)
        try await fixture.store.stopWaiting(process: fixture.life.candidate.process)
        try await task.value
        #expect(fixture.queue.queue.count == 1)
    }

    @Test("A capsule that starts again has a new lane, and is not stopped by the timers of its first run")
    func startsAgain() async throws {
        let fixture = try CapsuleFixture(["Quick"])
        let (first, group) = fixture.start()
        await fixture.stage.ended.reach(1)
        try await fixture.stop(group)
        await fixture.time.settle()
        fixture.store.signal()
        try await first.value

        fixture.queue.push(#"{"class":"Listening","args":[]}"#)
        let (second, _) = fixture.start()
        await fixture.stage.started.reach(2)
        await fixture.time.advance(by: .seconds(100))
        #expect(fixture.stage.ended.count == 1)
        let lanes = Set(fixture.store.with { $0.steps.map(\.lane) })
        #expect(lanes.count == 2)
        for lane in lanes {
            let numbers = fixture.store.with { $0.steps.filter { $0.lane == lane }.map(\.number) }
            #expect(numbers == Array(1...numbers.count))
        }
        await fixture.end(second)
    }

    @Test("A fence cancels the jobs and drops their outcomes; the next incarnation goes on")
    func fence() async throws {
        let fixture = try CapsuleFixture(["Listening", "Deaf"])
        let (task, _) = fixture.start()
        await fixture.stage.started.reach(2)
        fixture.life.fence(fixture.life.candidate)
        await fixture.stage.ended.reach(1)
        fixture.stage.gate.open()
        await fixture.stage.ended.reach(2)
        fixture.queue.push(#"{"class":"Quick","args":[]}"#)
        fixture.life.confirmCandidate(at: fixture.time.now, lease: .seconds(1_000_000))
        await fixture.stage.ended.reach(3)
        try await eventually("it is settled") { fixture.queue.ended.count == 1 }
        let settled = fixture.store.with { $0.steps.flatMap(\.settlements).map(\.token.rawValue) }
        #expect(settled.count == 1)
        await fixture.end(task)
    }

    @Test("A cancelled job's slot gets a fresh processor")
    func timeoutAndGoOn() async throws {
        let fixture = try CapsuleFixture(["Hasty", "Quick", "Quick"], concurrency: 1)
        let (task, _) = fixture.start()
        await fixture.stage.started.reach(1)
        await fixture.time.advance(by: .seconds(5))
        await fixture.stage.ended.reach(3)
        try await eventually("all are settled") { fixture.queue.ended.count == 3 }
        guard case .retry(let payload, _) = try #require(fixture.queue.ended.first) else {
            return #expect(Bool(false), "the job that was too slow is not retried")
        }
        #expect(payload.text.contains(#""error_class":"JobTimeout""#))
        await fixture.end(task)
    }

    @Test("A job that ignores its timeout keeps its processor, and may end well")
    func deafToTimeout() async throws {
        let fixture = try CapsuleFixture(["Quick"], concurrency: 1)
        fixture.queue.push(#"{"class":"Deaf","args":[],"timeout":5}"#)
        let (task, _) = fixture.start()
        await fixture.stage.started.reach(2)
        await fixture.time.advance(by: .seconds(60))
        fixture.queue.push(#"{"class":"Quick","args":[]}"#)
        fixture.store.signal()
        await fixture.time.settle()
        #expect(fixture.stage.started.count == 2)
        fixture.stage.gate.open()
        await fixture.stage.ended.reach(3)
        try await eventually("all are settled") { fixture.queue.ended.count == 3 }
        for disposition in fixture.queue.ended {
            guard case .done = disposition else { return #expect(Bool(false), "not done: \(disposition)") }
        }
        await fixture.end(task)
    }

    @Test("A stop while the store is away ends with the cancellation, and says what it left behind")
    func stopWithoutStore() async throws {
        let fixture = try CapsuleFixture(["Listening"])
        let (task, group) = fixture.start()
        await fixture.stage.started.reach(1)
        fixture.goAway()
        fixture.life.stop()
        try await fixture.stop(group)
        try await fixture.store.stopWaiting(process: fixture.life.candidate.process)
        await fixture.time.advance(by: .seconds(30))
        #expect(!fixture.capsule.manager.isOver)
        // The tree's ladder: the budget is over.
        await fixture.end(task)
        #expect(fixture.capsule.manager.hasLeftBehind)
        #expect(fixture.life.candidate.epoch == 1)
    }

    @Test("A stop before any lease was had ends at once")
    func stopWithoutLease() async throws {
        let fixture = try CapsuleFixture([])
        fixture.life.fence(fixture.life.candidate)
        let (task, group) = fixture.start()
        await fixture.time.settle()
        await group.triggerGracefulShutdown()
        try await task.value
    }

    @Test("A capsule cancelled in a process that goes on gives the identity up, so that its jobs are rescued")
    func cancelledInALivingProcess() async throws {
        let fixture = try CapsuleFixture(["Listening"])
        let (task, _) = fixture.start()
        await fixture.stage.started.reach(1)
        fixture.goAway()
        task.cancel()
        fixture.store.signal()
        _ = await task.result
        await fixture.stage.ended.reach(1)
        #expect(fixture.life.candidate.epoch == 2)
    }

    @Test("Nothing starts while the lease has run out by our own clock")
    func leaseRunOut() async throws {
        let fixture = try CapsuleFixture(["Quick"])
        fixture.life.confirm(fixture.life.candidate, until: fixture.time.now)
        let (task, _) = fixture.start()
        try await eventually("it is claimed") { fixture.queue.held == 1 }
        await fixture.time.settle()
        #expect(fixture.stage.started.count == 0)
        fixture.life.confirm(fixture.life.candidate, until: fixture.time.now + .seconds(15))
        fixture.capsule.manager.update { _ in }
        await fixture.stage.ended.reach(1)
        await fixture.end(task)
    }
}

extension CapsuleFixture {
    /// Tells the capsule to stop, as the tree does, and waits until it has heard: its clock must not move before.
    func stop(_ group: ServiceGroup) async throws {
        await group.triggerGracefulShutdown()
        try await eventually("the capsule has heard") { self.capsule.manager.update { $0.phase } == .stopping }
        // The stop's timers are set in the same turn of the group, an actor: once it takes another call, they are.
        await group.triggerGracefulShutdown()
    }
}
