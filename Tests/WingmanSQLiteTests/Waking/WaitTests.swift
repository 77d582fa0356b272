import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

/// The clock that waits go by stands still here, so that nothing is found by looking now and then.
@Suite("Waiting on SQLite")
struct WaitTests {
    private struct Fixture {
        let directory: TemporaryDirectory
        let time: ManualTime
        let stores: [SQLiteStore]

        var one: SQLiteStore { self.stores[0] }
        var two: SQLiteStore { self.stores[1] }
    }

    private static let process = ProcessID(rawValue: "host:1:a")

    /// Two stores on one file, as two processes have them; a process is registered with the first.
    private func with(_ body: (Fixture) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("sqlite-wait")
        defer { directory.remove() }
        let time = ManualTime()
        let address = try SQLiteAddress(url: "sqlite:\(directory.file("store.db"))")
        let stores = (0..<2).map { _ in SQLiteStore(address, time: time, logger: StoreFixture.quiet) }
        for store in stores { try await store.open() }
        _ = try await stores[0].beat(.of(Self.process, .register, number: 1))
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(Fixture(directory: directory, time: time, stores: stores)))
        } catch {
            result = .failure(error)
        }
        for store in stores { await store.close() }
        try result.get()
    }

    private func wait(_ store: SQLiteStore, _ sources: [Source] = [.queue("default")]) -> Task<Bool, any Error> {
        Task { try await store.wait(for: sources, process: Self.process, timeout: .seconds(3_600)) }
    }

    /// Begins a wait, and returns when it has looked and sleeps: there is one timer more then.
    private func asleep(_ fixture: Fixture, _ queue: String = "default") async throws -> Task<Bool, any Error> {
        let before = fixture.time.pendingTimers
        let wait = self.wait(fixture.one, [.queue(queue)])
        try await eventually("the wait sleeps") { fixture.time.pendingTimers > before }
        return wait
    }

    private func push(_ store: SQLiteStore, to queue: String = "default") async throws {
        try await store.enqueue([PushedJob(queue: queue, payload: bytes("a"))])
    }

    @Test("What is there already ends a wait at once")
    func atOnce() async throws {
        try await self.with { fixture in
            try await self.push(fixture.one)
            #expect(try await self.wait(fixture.one).value)
        }
    }

    @Test("A push by this process wakes, one to another queue does not", .timeLimit(.minutes(1)))
    func own() async throws {
        try await self.with { fixture in
            let wait = try await self.asleep(fixture)
            try await self.push(fixture.one, to: "other")
            try await self.push(fixture.one)
            #expect(try await wait.value)
        }
    }

    @Test("A push by another process wakes, through the bell", .timeLimit(.minutes(1)))
    func other() async throws {
        try await self.with { fixture in
            for number in 1...20 {
                let wait = try await self.asleep(fixture)
                try await self.push(fixture.two)
                #expect(try await wait.value)
                let step = Step(
                    process: Self.process,
                    lane: 1,
                    number: number,
                    settlements: [],
                    claim: 1,
                    sources: [.queue("default")]
                )
                guard case .done(_, let claimed, _) = try await fixture.one.step(step) else { return }
                #expect(claimed.count == 1)
            }
        }
    }

    @Test("A push by a program of its own wakes, by the bell alone", .timeLimit(.minutes(1)))
    func program() async throws {
        let program = try BuiltProducts.path("sqlite-bench")
        try await self.with { fixture in
            for queue in ["one", "two", "one"] {
                let wait = try await self.asleep(fixture, queue)
                try await ChildProcess.succeed(program, ["push", fixture.one.location, queue])
                #expect(try await wait.value)
                let entries = try await fixture.one.entries(in: .queue(queue), from: 0, limit: 9)
                #expect(try await fixture.one.edit(entries.map { .delete($0) }, in: .queue(queue)) == 1)
            }
        }
    }

    @Test("Resuming a queue, giving back and rescue wake as a push does", .timeLimit(.minutes(1)))
    func resume() async throws {
        try await self.with { fixture in
            try await fixture.two.setPaused(true, queue: "default")
            try await self.push(fixture.two)
            let wait = try await self.asleep(fixture)
            try await fixture.two.setPaused(false, queue: "default")
            #expect(try await wait.value)
        }
    }

    @Test("Without a lease a wait ends at once, and asks for a step")
    func noLease() async throws {
        try await self.with { fixture in
            try await fixture.two.abandon(Self.process)
            #expect(try await self.wait(fixture.one).value)
        }
    }

    @Test("A stopped process waits no more, ever; others do", .timeLimit(.minutes(1)))
    func stop() async throws {
        try await self.with { fixture in
            let wait = try await self.asleep(fixture)
            try await fixture.one.stopWaiting(process: Self.process)
            #expect(try await !wait.value)
            try await self.push(fixture.one)
            #expect(try await !self.wait(fixture.one).value)
        }
    }

    @Test("A wait ends with its time", .timeLimit(.minutes(1)))
    func timeout() async throws {
        try await self.with { fixture in
            let wait = self.wait(fixture.one)
            let advancing = Task {
                while !Task.isCancelled {
                    await fixture.time.advance(by: .seconds(60))
                    await Task.yield()
                }
            }
            let isWorthAStep = try await wait.value
            #expect(!isWorthAStep)
            advancing.cancel()
            await advancing.value
        }
    }

    @Test("Closing ends all waits", .timeLimit(.minutes(1)))
    func close() async throws {
        try await self.with { fixture in
            let wait = try await self.asleep(fixture)
            await fixture.one.close()
            #expect(try await !wait.value)
        }
    }

    @Test("A reply is received from another process, each once, in their order", .timeLimit(.minutes(1)))
    func receive() async throws {
        try await self.with { fixture in
            let receiver = Task { try await fixture.one.receive(from: "replies", timeout: .seconds(3_600)) }
            try await eventually("the receiver sleeps") { fixture.time.pendingTimers > 0 }
            _ = try await fixture.two.apply(
                Change([
                    .append(list: "replies", payload: bytes("a"), expiry: .seconds(60)),
                    .append(list: "replies", payload: bytes("b"), expiry: .seconds(60)),
                ])
            )
            #expect(try await receiver.value == bytes("a"))
            #expect(try await fixture.two.receive(from: "replies", timeout: .zero) == bytes("b"))
            #expect(try await fixture.one.receive(from: "replies", timeout: .zero) == nil)
        }
    }
}
