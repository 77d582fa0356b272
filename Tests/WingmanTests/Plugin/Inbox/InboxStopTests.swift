import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("An inbox at the end", .timeLimit(.minutes(1)))
struct InboxStopTests {
    @Test("A quiet process receives nothing more, and what is not settled goes back in its order")
    func quiet() async throws {
        let fixture = InboxFixture(["a", "b", "c", "d", "e"])
        let inbox = try fixture.inbox()
        let messages = try #require(try await inbox.exchange(upTo: 4))
        fixture.life.quiet()
        #expect(try await inbox.exchange([Inbox.Settlement(messages[1], .done)], upTo: 9) == nil)
        #expect(fixture.queue.order == ["b"], "the settlement was made")
        #expect(try await inbox.exchange(upTo: 9) == nil)
        try await inbox.settle(messages[2], .done)
        #expect(await inbox.close())
        #expect(fixture.queue.queue == ["a", "d", "e"])
        #expect(await inbox.close(), "once more does nothing")
        try await inbox.settle(messages[0], .done)
        #expect(fixture.queue.order == ["b", "c"], "it is closed")
        #expect(fixture.queue.stale == 0)
    }

    @Test("What a step with settlements claims while it is time to stop goes back, the settlements count")
    func quietDuringStep() async throws {
        let fixture = InboxFixture(["a", "b", "c"])
        let queue = fixture.queue
        let (asked, mayAnswer) = (Counter64(), Counter64())
        let task = fixture.run { inbox in
            let messages = try await inbox.exchange(upTo: 1) ?? []
            fixture.store.with { state in
                state.onStep = { step in
                    asked.add()
                    await mayAnswer.reach(1)
                    return queue.reply(to: step)
                }
            }
            let more = try await inbox.exchange(messages.map { Inbox.Settlement($0, .done) }, upTo: 2)
            let held = queue.held
            return (more == nil, held)
        }
        await asked.reach(1)
        fixture.life.quiet()
        mayAnswer.add()
        let (isOver, held) = try await task.value
        #expect(isOver)
        #expect(held == 0, "back before the owner knows of the stop")
        #expect(queue.queue == ["b", "c"])
        #expect(queue.order == ["a"])
    }

    @Test("A wait ends at once when the process goes quiet, whatever the credit", arguments: [3, 0])
    func quietWait(credit: Int) async throws {
        let fixture = InboxFixture([])
        let hasBegun = Counter64()
        let task = fixture.run { inbox in
            hasBegun.add()
            return try await inbox.exchange(upTo: credit) == nil
        }
        await hasBegun.reach(1)
        await fixture.time.settle()
        fixture.life.quiet()
        #expect(try await task.value)
    }

    @Test("What waits in the process's name is ended before anything goes back, for what landed is newer")
    func endsWaitsFirst() async throws {
        let fixture = InboxFixture(["a"])
        let task = fixture.run { inbox in
            _ = try await inbox.exchange(upTo: 2)
            _ = try await inbox.exchange(upTo: 1)
            fixture.store.with { $0.calls = [] }
            return await inbox.close()
        }
        try await eventually("it waits") { fixture.store.with { $0.waits.count } == 1 }
        fixture.life.quiet()
        #expect(try await task.value)
        #expect(fixture.store.with { $0.calls } == ["stopWaiting", "step"])
        #expect(fixture.queue.queue == ["a"])
    }

    @Test(
        "While the store is away a quiet, or a cancellation, ends the wait for a message at once",
        arguments: [true, false]
    )
    func quietWhileAway(isCancelled: Bool) async throws {
        let fixture = InboxFixture(["a"])
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        let queue = fixture.queue
        fixture.store.with { $0.onStep = { _ in throw StoreError.away } }
        let hasReturned = Counter64()
        let received = Task(executorPreference: fixture.time.executor) {
            let inbox = try environment.inbox(list: "requests")
            let message = try await inbox.receive()
            hasReturned.add()
            await inbox.close()
            return message?.body.text
        }
        try await eventually("the store is tried") { !fixture.store.with { $0.steps.isEmpty } }
        if isCancelled { received.cancel() } else { fixture.life.quiet() }
        // Time stands still: nothing that waits for it can have ended this.
        await hasReturned.reach(1)
        await fixture.time.advance(by: .seconds(1))
        #expect(try await received.value == nil)
        // The claim may have run in the store: it is asked until it answers, and what it brings goes back.
        fixture.store.with { $0.onStep = { queue.reply(to: $0) } }
        try await eventually("it went back") {
            await fixture.time.advance(by: .seconds(1))
            return queue.queue == ["a"] && fixture.store.with { $0.steps.last?.settlements.count } == 1
        }
        #expect(queue.held == 0)
    }

    @Test("While the store is away and nothing is registered a quiet ends the wait at once")
    func quietBeforeRegistration() async throws {
        let time = ManualTime()
        let life = ProcessLife()
        let environment = ServiceEnvironment.sample(ScriptedStore(), life: life, time: time)
        let received = Task(executorPreference: time.executor) {
            try await environment.inbox(list: "requests").receive()?.body.text
        }
        await time.settle()
        life.quiet()
        #expect(try await received.value == nil)
    }

    @Test(
        "A service that is told to stop, alone in its process, hears it at once, whatever it waits for",
        arguments: [true, false]
    )
    func gracefulShutdown(isAway: Bool) async throws {
        let fixture = InboxFixture([])
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        if isAway { fixture.store.with { $0.onStep = { _ in throw StoreError.away } } }
        let root = try Supervisor(
            SupervisorSpecification("root") {
                ChildSpecification("reader", executor: fixture.time.executor) {
                    ReadingService(environment: environment)
                }
            },
            time: fixture.time,
            logger: quietLogger
        )
        let run = Task(executorPreference: fixture.time.executor) { try await root.run() }
        try await eventually("it waits") { fixture.store.with { isAway ? !$0.steps.isEmpty : $0.waits.count == 1 } }
        root.stop()
        // No rung of the ladder ended this: the first is at 10 s.
        await fixture.time.advance(by: .seconds(1))
        try await run.value
        #expect(root.unstopped.isEmpty)
    }

    @Test("A claim under way when the process goes quiet has gone back when the inbox is closed")
    func closeWaitsForTheLastAnswer() async throws {
        let fixture = InboxFixture(["a"])
        let queue = fixture.queue
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        let (asked, mayAnswer) = (Counter64(), Counter64())
        fixture.store.with { state in
            state.onStep = { step in
                asked.add()
                await mayAnswer.reach(1)
                return queue.reply(to: step)
            }
        }
        let hasReturned = Counter64()
        let received = Task(executorPreference: fixture.time.executor) {
            let inbox = try environment.inbox(list: "requests")
            let message = try await inbox.receive()
            hasReturned.add()
            await inbox.close()
            #expect(queue.held == 0)
            return message?.body.text
        }
        await asked.reach(1)
        fixture.life.quiet()
        await hasReturned.reach(1)
        mayAnswer.add()
        #expect(try await received.value == nil)
        #expect(queue.queue == ["a"])
    }

    @Test("What was received is settled after a claim that was left alone, in the lane's order")
    func settlesAfterQuiet() async throws {
        let fixture = InboxFixture(["a", "b"])
        let queue = fixture.queue
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        let isAway = Counter64()
        let task = Task(executorPreference: fixture.time.executor) {
            let inbox = try environment.inbox(list: "requests")
            let first = try await inbox.receive()
            fixture.store.with { $0.onStep = { _ in throw StoreError.away } }
            isAway.add()
            let second = try await inbox.receive()
            if let first { try await inbox.settle(first, .done) }
            return second == nil
        }
        await isAway.reach(1)
        try await eventually("the store is tried") { fixture.store.with { $0.steps.count } > 1 }
        fixture.life.quiet()
        fixture.store.with { $0.onStep = { queue.reply(to: $0) } }
        try await eventually("all is settled") {
            await fixture.time.advance(by: .seconds(1))
            return queue.held == 0 && queue.ended.count == 1
        }
        #expect(try await task.value)
        #expect(queue.queue == ["b"])
        let numbers = fixture.store.with { $0.steps.map(\.number) }
        #expect(numbers == numbers.sorted())
        #expect(queue.stale == 0)
    }

    @Test("A settlement outlives the cancellation of its service: it is sent until the store answers")
    func cancelledSettlement() async throws {
        let fixture = InboxFixture(["a"])
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        let isReceived = Counter64()
        let task = Task {
            let inbox = try environment.inbox(list: "requests")
            guard let message = try await inbox.receive() else { return }
            fixture.store.with { $0.onStep = { _ in throw StoreError.away } }
            isReceived.add()
            try await inbox.settle(message, .done)
        }
        await isReceived.reach(1)
        try await eventually("the store is tried") { fixture.store.with { $0.steps.count } > 1 }
        task.cancel()
        let queue = fixture.queue
        fixture.store.with { $0.onStep = { queue.reply(to: $0) } }
        try await eventually("it is settled") {
            await fixture.time.advance(by: .seconds(1))
            return queue.ended.count == 1
        }
        try await task.value
        #expect(queue.held == 0)
    }

    @Test("What a service had received and not settled when it threw goes back to the list")
    func letGo() async throws {
        let fixture = InboxFixture(["a", "b"])
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        let failed = Task {
            let inbox = try environment.inbox(list: "requests")
            _ = try await inbox.receive()
            throw Breakage()
        }
        _ = await failed.result
        try await eventually("it went back") { fixture.queue.queue == ["a", "b"] }
        #expect(fixture.queue.held == 0)
    }
}
