import Supervision
import TestSupport
import Testing

@testable import Wingman

private struct Worker: WingmanApp {
    var jobs: JobList { Nothing.self }
}

private struct Colliding: WingmanApp {
    var jobs: JobList { Nothing.self }
    var services: ServiceList { Supervise("poller") { Sleeper() } }
}

private struct Sleeper: Wingman.Service {
    func run() async throws { await untilStopped() }
}

/// A whole server over a scripted store, on a clock that moves by hand.
private struct ServerFixture {
    let time = ManualTime()
    let store = ScriptedStore()
    let queue: QueueScript
    let server: Server

    init(_ jobs: Int = 0, stopTimeout: Duration = .seconds(25)) async throws {
        let queue = QueueScript((0..<jobs).map { #"{"class":"Nothing","args":[],"jid":"\#($0)"}"# })
        self.queue = queue
        self.store.with { $0.onStep = { queue.reply(to: $0) } }
        let configuration = ServerConfiguration(stopTimeout: stopTimeout, handlesSignals: false)
        self.server = try await Server(
            try Assembly(Worker(), mode: .server, logger: quietLogger),
            store: self.store,
            configuration: configuration,
            logger: quietLogger,
            time: self.time
        )
    }

    func start() -> Task<Void, any Error> {
        let server = self.server
        return Task { try await server.run() }
    }

    /// Lets the clock run until `condition` holds.
    ///
    /// - Returns: How much of its time went by.
    @discardableResult
    func run(until what: String, _ condition: () -> Bool) async throws -> Duration {
        let began = self.time.now
        try await eventually(what) {
            if condition() { return true }
            await self.time.advance(by: .milliseconds(50))
            return condition()
        }
        return self.time.now - began
    }

    func end(_ task: Task<Void, any Error>) async throws -> Duration {
        let isOver = Counter64()
        let end = Task {
            _ = await task.result
            isOver.add()
        }
        let elapsed = try await self.run(until: "the server has ended") { isOver.count == 1 }
        await end.value
        return elapsed
    }
}

@Suite("A server", .timeLimit(.minutes(2)))
struct ServerTests {
    @Test("It registers, runs what is there, stops and leaves with nothing held")
    func wholeLife() async throws {
        let fixture = try await ServerFixture(50)
        let task = fixture.start()
        try await fixture.run(until: "the jobs are done") { fixture.queue.ended.count == 50 }
        fixture.server.stop()
        _ = try await fixture.end(task)
        try await task.value
        let process = try #require(fixture.store.with { $0.beats.first?.process })
        #expect(fixture.store.with { $0.left } == [process])
        #expect(fixture.store.with { $0.hasClosed })
        #expect(fixture.queue.held == 0)
        #expect(fixture.store.with { $0.beats.flatMap(\.executions).reduce(0) { $0 + $1.processed } } == 50)
    }

    @Test("A quiet process claims nothing more and goes on beating, shown as quiet")
    func quiet() async throws {
        let fixture = try await ServerFixture(1)
        let task = fixture.start()
        try await fixture.run(until: "the job is done") { fixture.queue.ended.count == 1 }
        fixture.server.quiet()
        try await fixture.run(until: "it beats as quiet") { fixture.store.with { $0.beats.last?.isQuiet == true } }
        try await fixture.run(until: "the capsule is quiet") {
            fixture.server.parts.capsules.allSatisfy { $0.manager.update { $0.phase } == .quiet }
        }
        fixture.queue.push(#"{"class":"Nothing","args":[]}"#)
        fixture.store.signal()
        await fixture.time.advance(by: .seconds(10))
        #expect(fixture.queue.queue.count == 1)
        fixture.server.stop()
        _ = try await fixture.end(task)
    }

    @Test("A stop while the store is away ends within the budgets of its parts")
    func stopWithoutStore() async throws {
        let fixture = try await ServerFixture(1, stopTimeout: .seconds(1))
        let task = fixture.start()
        try await fixture.run(until: "the job is done") { fixture.queue.ended.count == 1 }
        fixture.store.with { state in
            state.onStep = { _ in throw StoreError.away }
            state.onBeat = { _ in throw StoreError.away }
            state.onLead = { _ in throw StoreError.away }
            state.onDue = { _, _ in throw StoreError.away }
        }
        await fixture.time.advance(by: .seconds(5))
        fixture.server.stop()
        let elapsed = try await fixture.end(task)
        #expect(elapsed < .seconds(15))
    }

    @Test("A stop before the first beat was answered ends, too")
    func stopBeforeFirstBeat() async throws {
        let fixture = try await ServerFixture(1)
        fixture.store.with { $0.onBeat = { _ in throw StoreError.away } }
        let task = fixture.start()
        try await fixture.run(until: "it has tried to beat") { fixture.store.with { $0.beats.count } > 2 }
        fixture.server.stop()
        let elapsed = try await fixture.end(task)
        #expect(elapsed < .seconds(15))
        #expect(fixture.queue.queue.count == 1)
    }

    @Test("A second stop is over with the server: its last resort does not end the program")
    func secondStop() async throws {
        let fixture = try await ServerFixture(1)
        let task = fixture.start()
        try await fixture.run(until: "the job is done") { fixture.queue.ended.count == 1 }
        fixture.server.stop()
        fixture.server.stop()
        _ = try await fixture.end(task)
        await fixture.time.advance(by: .seconds(60))
    }

    @Test("A service that takes the name of a core part is refused by that name")
    func collision() async throws {
        let assembly = try Assembly(Colliding(), mode: .server, logger: quietLogger)
        let error = await #expect(throws: (any Error).self) {
            try await Server(
                assembly,
                store: ScriptedStore(),
                configuration: ServerConfiguration(handlesSignals: false),
                logger: quietLogger,
                time: ManualTime()
            )
        }
        #expect("\(error as Any)".contains("poller"))
    }
}
