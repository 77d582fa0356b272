import ServiceLifecycle
import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("Suspects in a capsule", .timeLimit(.minutes(1)))
struct SuspectCapsuleTests {
    /// A capsule that runs a job of `first` when a suspect comes, and two quick jobs behind it.
    private static func start(_ first: String) async throws -> (CapsuleFixture, Task<Void, any Error>, ServiceGroup) {
        let fixture = try CapsuleFixture([first], concurrency: 2)
        fixture.queue.suspect(["1": 1])
        let (task, group) = fixture.start()
        await fixture.stage.started.reach(1)
        for jid in 1...2 { fixture.queue.push(#"{"class":"Quick","args":[],"jid":"\#(jid)"}"#) }
        try await eventually("the suspect to wait") {
            fixture.store.signal()
            return fixture.capsule.manager.update { $0.suspects.count } == 1
        }
        return (fixture, task, group)
    }

    @Test("A suspect waits for the running jobs, is isolated, and runs before anything else starts")
    func alone() async throws {
        let (fixture, task, _) = try await Self.start("Deaf")
        #expect(fixture.store.with { $0.isolated }.isEmpty, "a job still runs")
        #expect(fixture.stage.started.count == 1)
        fixture.stage.gate.open()
        await fixture.stage.ended.reach(3)
        let isolated = fixture.store.with { $0.isolated }
        #expect(isolated.count == 1)
        try await eventually("all to be settled") { fixture.queue.ended.count == 3 }
        #expect(fixture.queue.order.prefix(2) == ["0", "1"], "nothing overtakes the suspect")
        await fixture.end(task)
    }

    @Test("A job claimed with the suspect has not started yet and goes back before it")
    func claimedTogether() async throws {
        let fixture = try CapsuleFixture(["Quick", "Quick", "Quick"], concurrency: 2)
        fixture.queue.suspect(["1": 1])
        let (task, _) = fixture.start()
        try await eventually("all to be settled") { fixture.queue.ended.count == 3 }
        #expect(fixture.queue.order.firstIndex(of: "1") == 0)
        #expect(fixture.queue.stale == 0)
        await fixture.end(task)
    }

    @Test("What was read ahead goes back while a suspect waits, and comes again in its order")
    func readAhead() {
        var driver = ManagerDriver(concurrency: 1)
        _ = driver.planned()
        driver.answer(claimed: 3)
        let running = driver.start(0)
        #expect(running?.order == 1)
        driver.state.hold()
        let held = driver.start(0)
        #expect(held?.order == nil)
        let step = driver.planned()
        #expect(step?.givenBack == [Token(rawValue: "2"), Token(rawValue: "1")], "newest first")
        #expect(step?.claim == 0)
        driver.answer(claimed: 0)
        #expect(!driver.state.isDrained, "one runs")
        driver.finish(0)
        #expect(!driver.state.isDrained, "its end is not settled")
        _ = driver.planned()
        driver.answer(claimed: 0)
        #expect(driver.state.isDrained)
        driver.state.release()
        let claim = driver.planned()?.claim
        #expect(claim == 1)
    }

    @Test("Held still, what landed is claimed only to go back")
    func landed() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        driver.answer(claimed: 0)
        driver.state.hold()
        #expect(driver.state.isDrained)
        driver.state.signalled()
        #expect(!driver.state.isDrained)
        let sweep = driver.planned()
        #expect(sweep?.claim == 1)
        driver.answer(claimed: 1)
        let giveBack = driver.planned()
        #expect(giveBack?.givenBack.count == 1)
        driver.answer(claimed: 0)
        let nothing = driver.planned()
        #expect(nothing?.claim == nil)
        #expect(driver.state.isDrained)
    }

    @Test("A suspect that hangs holds up nobody for longer than a minute")
    func hangs() async throws {
        let fixture = try CapsuleFixture(["Deaf", "Quick", "Quick"], concurrency: 2)
        fixture.queue.suspect(["0": 1])
        let (task, _) = fixture.start()
        await fixture.stage.started.reach(1)
        #expect(fixture.store.with { $0.isolated }.count == 1)
        #expect(fixture.queue.ended.isEmpty)
        await fixture.time.advance(by: SuspectGate.longestAlone)
        await fixture.stage.ended.reach(2)
        #expect(fixture.store.with { $0.released } == 1)
        try await eventually("the others to be settled") { fixture.queue.order == ["1", "2"] }
        fixture.stage.gate.open()
        await fixture.stage.ended.reach(3)
        try await eventually("all to be settled") { fixture.queue.ended.count == 3 }
        await fixture.end(task)
    }

    @Test("A job that hangs keeps a suspect waiting for ten minutes, and no longer")
    func besideOthers() async throws {
        let (fixture, task, _) = try await Self.start("Deaf")
        for pause in [30, 60, 120, 240] {
            await fixture.time.advance(by: SuspectGate.patience)
            // It runs on the pool, which does not go by this clock.
            try await eventually("the other job to be settled") { fixture.queue.order == ["2"] }
            await fixture.time.advance(by: .seconds(pause))
        }
        #expect(!fixture.queue.order.contains("1"))
        await fixture.time.advance(by: SuspectGate.patience)
        try await eventually("the suspect to be settled") { fixture.queue.order == ["2", "1"] }
        #expect(fixture.store.with { $0.isolated }.isEmpty)
        fixture.stage.gate.open()
        await fixture.end(task)
    }

    @Test("A stop gives waiting suspects back and ends the capsule")
    func stop() async throws {
        let (fixture, task, group) = try await Self.start("Listening")
        try await fixture.stop(group)
        try await fixture.store.stopWaiting(process: fixture.life.candidate.process)
        try await eventually("the suspect to be given back") { fixture.queue.queue.count == 2 }
        await fixture.time.advance(by: .seconds(26))
        try await task.value
        #expect(fixture.queue.held == 0)
        #expect(fixture.store.with { $0.isolated }.isEmpty)
    }

    @Test("A fence drops waiting suspects, and work goes on under the next identity")
    func fence() async throws {
        let (fixture, task, _) = try await Self.start("Listening")
        fixture.queue.suspect([:])
        fixture.life.fence(fixture.life.candidate)
        await fixture.stage.ended.reach(1)
        fixture.life.confirmCandidate(at: fixture.time.now, lease: .seconds(1_000_000))
        await fixture.stage.ended.reach(2)
        await fixture.end(task)
    }

    @Test("After half a minute of draining normal work goes on, and the suspect's turn comes later")
    func patience() async throws {
        let (fixture, task, _) = try await Self.start("Deaf")
        await fixture.time.advance(by: SuspectGate.patience)
        await fixture.stage.ended.reach(1)
        try await eventually("the other job to be settled") { fixture.queue.order == ["2"] }
        fixture.stage.gate.open()
        await fixture.stage.ended.reach(2)
        #expect(fixture.store.with { $0.isolated }.isEmpty)
        await fixture.time.advance(by: SuspectGate.pause)
        await fixture.stage.ended.reach(3)
        #expect(fixture.store.with { $0.isolated }.count == 1)
        await fixture.end(task)
    }
}
