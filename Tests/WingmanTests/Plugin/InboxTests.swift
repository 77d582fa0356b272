import Supervision
import TestSupport
import Testing

@testable import Wingman

private struct InboxFixture {
    let time = ManualTime()
    let store = ScriptedStore()
    let life = ProcessLife()
    let queue: QueueScript

    init(_ messages: [String]) {
        let queue = QueueScript(messages)
        self.queue = queue
        self.store.with { $0.onStep = { queue.reply(to: $0) } }
        self.life.confirmCandidate(at: self.time.now, lease: .seconds(1_000_000))
    }

    func inbox() throws -> Inbox {
        try ServiceEnvironment.sample(self.store, life: self.life, time: self.time).inbox(list: "requests")
    }
}

/// What a plugin does with an inbox.
struct ReadingService: Wingman.Service {
    let environment: ServiceEnvironment

    func run() async throws {
        let inbox = try self.environment.inbox(list: "requests")
        while let message = await inbox.receive() { await inbox.acknowledge(message) }
        await inbox.close()
        await untilStopped()
    }
}

@Suite("An inbox", .timeLimit(.minutes(1)))
struct InboxTests {
    @Test("Messages come one by one, the oldest first, and are gone when acknowledged")
    func receives() async throws {
        let fixture = InboxFixture(["a", "b", "c"])
        let inbox = try fixture.inbox()
        for expected in ["a", "b", "c"] {
            let message = try #require(await inbox.receive())
            #expect(message.body.text == expected)
            #expect(fixture.queue.held == 1)
            await inbox.acknowledge(message)
            #expect(fixture.queue.held == 0)
        }
        #expect(fixture.queue.stale == 0)
    }

    @Test("A dead letter and a give-back are each one settlement")
    func otherEnds() async throws {
        let fixture = InboxFixture(["a", "b"])
        let inbox = try fixture.inbox()
        await inbox.deadLetter(try #require(await inbox.receive()), to: "graveyard", as: [9])
        guard case .append("graveyard", [9])? = fixture.queue.ended.first else {
            return #expect(Bool(false), "no dead letter")
        }
        await inbox.giveBack(try #require(await inbox.receive()))
        #expect(fixture.queue.queue == ["b"])
    }

    @Test("A quiet process receives nothing more, and what was claimed goes back in its order")
    func quiet() async throws {
        let fixture = InboxFixture([])
        let landed = ["a", "b", "c"].map {
            Claimed(token: Token(rawValue: $0), source: .list("requests"), payload: Array($0.utf8))
        }
        fixture.store.with { state in
            state.onStep = { step in
                .done(
                    answers: step.settlements.map { _ in .settled },
                    claimed: step.number == 1 ? landed : [],
                    leaseExpired: false
                )
            }
        }
        let inbox = try fixture.inbox()
        #expect(await inbox.receive()?.body.text == "a")
        fixture.life.quiet()
        #expect(await inbox.receive() == nil)
        await inbox.close()
        let given = fixture.store.with { $0.steps.flatMap(\.settlements).map(\.token.rawValue) }
        #expect(given == ["c", "b"])
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
            let message = await inbox.receive()
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
            let message = await inbox.receive()
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
            let first = await inbox.receive()
            fixture.store.with { $0.onStep = { _ in throw StoreError.away } }
            isAway.add()
            let second = await inbox.receive()
            if let first { await inbox.acknowledge(first) }
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

    @Test("It waits on the store while the list is empty")
    func waits() async throws {
        let fixture = InboxFixture([])
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        let received = Task { try await environment.inbox(list: "requests").receive()?.body.text }
        try await eventually("it waits") { fixture.store.with { $0.waits.count } == 1 }
        fixture.queue.push("a")
        fixture.store.signal()
        #expect(try await received.value == "a")
    }

    @Test("A message of an incarnation that ended is not settled, and its unreceived neighbours are not handed out")
    func fence() async throws {
        let fixture = InboxFixture([])
        let first = fixture.life.candidate
        fixture.store.with { state in
            state.onStep = { step in
                guard step.process == first.process else { return .done(answers: [], claimed: [], leaseExpired: false) }
                let claimed = ["a", "b"].map {
                    Claimed(token: Token(rawValue: $0), source: .list("requests"), payload: Array($0.utf8))
                }
                return .done(answers: [], claimed: claimed, leaseExpired: false)
            }
        }
        let inbox = try fixture.inbox()
        let message = try #require(await inbox.receive())
        fixture.life.fence(first)
        fixture.life.confirmCandidate(at: fixture.time.now)
        fixture.life.quiet()
        #expect(await inbox.receive() == nil)
        let steps = fixture.store.with { $0.steps.count }
        await inbox.close()
        await inbox.acknowledge(message)
        #expect(fixture.store.with { $0.steps.count } == steps)
    }

    @Test("Messages of an earlier incarnation are dropped when the next one claims")
    func dropsOldMessages() async throws {
        let fixture = InboxFixture([])
        let first = fixture.life.candidate
        fixture.store.with { state in
            state.onStep = { step in
                let names = step.process == first.process ? ["a", "b"] : ["c"]
                let claimed = names.map {
                    Claimed(token: Token(rawValue: $0), source: .list("requests"), payload: Array($0.utf8))
                }
                return .done(answers: [], claimed: claimed, leaseExpired: false)
            }
        }
        let inbox = try fixture.inbox()
        #expect(await inbox.receive()?.body.text == "a")
        fixture.life.fence(first)
        fixture.life.confirmCandidate(at: fixture.time.now)
        #expect(await inbox.receive()?.body.text == "c")
    }

    @Test("A settlement outlives the cancellation of its service: it is sent until the store answers")
    func cancelledSettlement() async throws {
        let fixture = InboxFixture(["a"])
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        let isReceived = Counter64()
        let task = Task {
            let inbox = try environment.inbox(list: "requests")
            guard let message = await inbox.receive() else { return }
            fixture.store.with { $0.onStep = { _ in throw StoreError.away } }
            isReceived.add()
            await inbox.acknowledge(message)
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
            _ = await inbox.receive()
            throw Breakage()
        }
        _ = await failed.result
        try await eventually("it went back") { fixture.queue.queue == ["a", "b"] }
        #expect(fixture.queue.held == 0)
    }

    @Test("A settlement whose destination fails is tried again")
    func failedSettlement() async throws {
        let fixture = InboxFixture(["a"])
        let environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        let queue = fixture.queue
        let failures = Counter64()
        let task = Task(executorPreference: fixture.time.executor) {
            let inbox = try environment.inbox(list: "requests")
            guard let message = await inbox.receive() else { return }
            fixture.store.with { state in
                state.onStep = { step in
                    guard failures.count < 3 else { return queue.reply(to: step) }
                    failures.add()
                    return .done(answers: [.failed("WRONGTYPE")], claimed: [], leaseExpired: false)
                }
            }
            await inbox.deadLetter(message, to: "graveyard", as: [])
        }
        try await eventually("it is settled") {
            await fixture.time.advance(by: .seconds(1))
            return queue.ended.count == 1
        }
        try await task.value
        #expect(failures.count == 3)
    }

    @Test("In client mode there is no inbox")
    func clientMode() {
        let environment = ServiceEnvironment.sample(ScriptedStore())
        #expect(throws: ConfigurationError.self) { try environment.inbox(list: "requests") }
    }
}

@Suite("Suspects in inboxes", .timeLimit(.minutes(1)))
struct SuspectInboxTests {
    /// Reads its list, and acknowledges each message when its gate opens.
    private static func read(
        _ list: String,
        _ environment: ServiceEnvironment,
        _ notes: Notes<String>,
        _ gate: Gate
    ) -> Task<Void, any Error> {
        Task {
            let inbox = try environment.inbox(list: list)
            while let message = await inbox.receive() {
                notes.add("\(message.body.text) \(message.crashes)")
                await gate.passage()
                await inbox.acknowledge(message)
            }
            await inbox.close()
        }
    }

    @Test("A suspect is received when the whole process holds nothing else, and nothing is received beside it")
    func alone() async throws {
        let fixture = InboxFixture([])
        let (store, notes) = (fixture.store, Notes<String>())
        let queues = ["one": QueueScript(["a", "b"]), "two": QueueScript(["suspect"])]
        queues["two"]?.suspect(["suspect": 2])
        store.with { state in
            state.onStep = { step in
                guard case .list(let list)? = step.sources.first, let queue = queues[list] else { return .fenced }
                return queue.reply(to: step)
            }
        }
        var environment = ServiceEnvironment.sample(store, life: fixture.life, time: fixture.time)
        environment.suspects = SuspectGuard(
            store: store,
            life: fixture.life,
            time: fixture.time,
            executor: fixture.time.executor,
            logger: quietLogger
        )
        let gates = [Gate(), Gate()]
        let one = Self.read("one", environment, notes, gates[0])
        try await eventually("the first message") { notes.all == ["a 0"] }
        let two = Self.read("two", environment, notes, gates[1])
        try await eventually("the suspect to be claimed") { queues["two"]?.held == 1 }
        #expect(store.with { $0.isolated }.isEmpty)

        gates[0].open()
        try await eventually("the suspect") { notes.all == ["a 0", "suspect 2"] }
        #expect(store.with { $0.isolated }.count == 1)
        #expect(queues["one"]?.queue == ["b"])
        gates[1].open()
        try await eventually("normal work") { notes.all == ["a 0", "suspect 2", "b 0"] }

        fixture.life.quiet()
        try await one.value
        try await two.value
        #expect(queues.values.allSatisfy { $0.held == 0 })
    }

    @Test("A quiet gives a waiting suspect back")
    func quiet() async throws {
        let fixture = InboxFixture(["suspect"])
        fixture.queue.suspect(["suspect": 1])
        fixture.store.with { $0.onIsolate = { _ in throw StoreError.away } }
        var environment = ServiceEnvironment.sample(fixture.store, life: fixture.life, time: fixture.time)
        environment.suspects = SuspectGuard(
            store: fixture.store,
            life: fixture.life,
            time: fixture.time,
            executor: fixture.time.executor,
            logger: quietLogger
        )
        let reader = Self.read("requests", environment, Notes(), Gate())
        try await eventually("the store to be asked") { fixture.store.with { $0.isolated.count } == 1 }
        fixture.life.quiet()
        try await reader.value
        #expect(fixture.queue.queue == ["suspect"])
        #expect(fixture.queue.held == 0)
    }
}
