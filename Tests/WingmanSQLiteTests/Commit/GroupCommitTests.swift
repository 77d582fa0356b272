import Dispatch
import StoreTestSupport
import Supervision
import Synchronization
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

@Suite("Group commit")
struct GroupCommitTests {
    /// Holds the writer's thread, lets `calls` queue up behind, and lets go.
    private func together<Answer: Sendable>(
        _ fixture: StoreFixture,
        _ calls: [@Sendable () async throws -> Answer]
    ) async throws -> [Result<Answer, any Error>] {
        let gate = DispatchSemaphore(value: 0)
        let isHeld = Flag()
        async let held: Void = fixture.store.write { _ in
            isHeld.raise()
            gate.wait()
        }
        try await eventually("the thread is held") { isHeld.isUp }
        let tasks = calls.map { call in
            Task { () async -> Result<Answer, any Error> in
                do { return .success(try await call()) } catch { return .failure(error) }
            }
        }
        try await eventually("all calls wait") { fixture.store.waitingCalls == calls.count }
        gate.signal()
        try await held
        var results: [Result<Answer, any Error>] = []
        for task in tasks { results.append(await task.value) }
        return results
    }

    private static func insert(_ payload: String, _ transaction: Transaction) throws -> ObjectIdentifier {
        try transaction.append(CollectionOfOne(bytes(payload)), to: "queue:q", isQueue: true)
        return ObjectIdentifier(transaction)
    }

    @Test("Calls that wait at the same time share a transaction")
    func shares() async throws {
        try await StoreFixture.with { fixture in
            let results = try await self.together(
                fixture,
                (0..<20).map { number in
                    { try await fixture.store.write { try Self.insert("\(number)", $0) } }
                }
            )
            #expect(Set(try results.map { try $0.get() }).count == 1)
            #expect(try await fixture.store.counts().queues == ["q": 20])
        }
    }

    @Test("A call that fails fails alone, and leaves nothing", arguments: ["database", "store", "refused"])
    func failsAlone(kind: String) async throws {
        try await StoreFixture.with { fixture in
            let results = try await self.together(
                fixture,
                (0..<10).map { number in
                    {
                        try await fixture.store.write { transaction in
                            if number == 5, kind == "refused" { throw StoreError(.unexpected, "no") }
                            let id = try Self.insert("\(number)", transaction)
                            if number == 5, kind == "store" { throw StoreError(.unexpected, "no") }
                            if number == 5 { try transaction.database.execute("INSERT INTO clock (id) VALUES (7)") }
                            return id
                        }
                    }
                }
            )
            let failed = results.enumerated().filter { (try? $0.element.get()) == nil }.map(\.offset)
            #expect(failed == [5])
            let texts = try await fixture.texts(.queue("q"))
            #expect(Set(texts) == Set(["0", "1", "2", "3", "4", "6", "7", "8", "9"]))
            #expect(texts.count == 9)
        }
    }

    @Test("Without room a push fails loudly, nothing of it is kept, others go on, and room mends it")
    func full() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b")
            let claimed = try await fixture.done(process, 1, claim: 2).claimed
            try await fixture.store.write { transaction in
                let pages = try transaction.database.row("PRAGMA page_count") { $0.int(0) } ?? 0
                try transaction.database.execute("PRAGMA max_page_count = \(pages + 4)")
            }
            let large = String(repeating: "x", count: 100_000)
            let results = try await self.together(
                fixture,
                [
                    { @Sendable in try await fixture.push(large) },
                    { @Sendable in _ = try await fixture.store.beat(.of(process, number: 2)) },
                    { @Sendable in _ = try await fixture.done(process, 2, settle: [claimed[0].settled()]) },
                ]
            )
            let error = #expect(throws: StoreError.self) { try results[0].get() }
            #expect(error?.code == .full)
            #expect(error?.mayHaveRun == false)
            #expect(error?.message.contains(fixture.path) == true)
            try results[1].get()
            try results[2].get()
            #expect(try await fixture.store.counts().queues == ["default": 0])
            try await fixture.store.write { try $0.database.execute("PRAGMA max_page_count = 1000000") }
            try await fixture.push(large)
            #expect(try await fixture.store.counts().queues == ["default": 1])
        }
    }

    @Test("A statement that a failed call left running is ended by the rollback, and the next call begins anew")
    func openStatement() async throws {
        let select: StaticString = "SELECT payload FROM jobs ORDER BY id"
        try await StoreFixture.with { fixture in
            try await fixture.push("a", "b")
            await #expect(throws: StoreError.self) {
                try await fixture.store.write { transaction in
                    let select = try transaction.database.statement(select)
                    #expect(try select.step())
                    _ = try Self.insert("c", transaction)
                    throw StoreError(.unexpected, "no")
                }
            }
            let first = try await fixture.store.write { transaction in
                try transaction.database.row(select) { $0.bytes(0) }
            }
            #expect(first == bytes("a"))
        }
    }

    @Test("A value that SQLite does not take makes the statement fail, once")
    func unboundValue() async throws {
        let select: StaticString = "SELECT payload FROM jobs WHERE id >= ? ORDER BY id"
        try await StoreFixture.with { fixture in
            try await fixture.push("a", "b")
            try await fixture.store.write { transaction in
                let statement = try transaction.database.statement(select)
                statement.bind(0, at: 1)
                #expect(try statement.step())
                statement.bind(1 << 60, at: 1)  // it still runs
                #expect(throws: (any Error).self) { try statement.step() }
                statement.bind(0, at: 2)  // there is no second one
                #expect(throws: (any Error).self) { try statement.run() }
                #expect(try transaction.database.row(select, 1 << 60) { $0.bytes(0) } == nil)
                #expect(try transaction.database.row(select, 0) { $0.bytes(0) } == bytes("a"))
            }
        }
    }

    @Test("Another process that keeps the file locked makes calls fail as unavailable; then they go on")
    func busy() async throws {
        try await StoreFixture.with("?busy_timeout=50") { fixture in
            let other = try await fixture.another()
            let gate = DispatchSemaphore(value: 0)
            let isHeld = Flag()
            async let held: Void = other.store.write { _ in
                isHeld.raise()
                gate.wait()
            }
            try await eventually("the file is locked") { isHeld.isUp }
            let error = await #expect(throws: StoreError.self) { try await fixture.push("a") }
            #expect(error?.code == .unavailable)
            #expect(error?.mayHaveRun == false)
            gate.signal()
            try await held
            try await fixture.push("a")
            await other.store.close()
        }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)

        var isUp: Bool { self.value.load(ordering: .acquiring) }

        func raise() { self.value.store(true, ordering: .releasing) }
    }

    @Test("Calls are served while computing tasks fill the cooperative pool")
    func computingTasks() async throws {
        try await StoreFixture.with { fixture in
            let isOver = Flag()
            let computing = (0..<16).map { _ in Task.detached { while !isOver.isUp {} } }
            let calls = Task.detached(executorPreference: TimerThread.shared.executor) {
                defer { isOver.raise() }
                for _ in 0..<50 { try await fixture.push("a") }
            }
            for task in computing { await task.value }
            try await calls.value
            #expect(try await fixture.store.counts().queues == ["default": 50])
        }
    }

    @Test("After closing, calls fail; those made before are done")
    func closing() async throws {
        try await StoreFixture.with { fixture in
            async let pushes: Void = withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await fixture.push("a") } }
                try await group.waitForAll()
            }
            try await pushes
            await fixture.store.close()
            let error = await #expect(throws: StoreError.self) { try await fixture.push("b") }
            #expect(error?.code == .unavailable)
            #expect(error?.mayHaveRun == false)
            await #expect(throws: StoreError.self) { _ = try await fixture.store.counts() }
        }
    }
}

@Suite("The queue of calls")
struct CallQueueTests {
    private final class Stub: AnyCall {
        let name: String
        let rows: Int

        init(_ name: String, rows: Int) {
            self.name = name
            self.rows = rows
        }

        func attempt(_ transaction: Transaction) throws {}
        func fail(_ error: StoreError) {}
        func finish() {}
    }

    private func batches(life: [(String, Int)], pushes: [(String, Int)]) -> [[String]] {
        var queue = CallQueue()
        let isTakenEarly = queue.append(Stub("early", rows: 1), .life)
        #expect(!isTakenEarly)
        queue.open()
        for (name, rows) in pushes { _ = queue.append(Stub(name, rows: rows), .push) }
        for (name, rows) in life { _ = queue.append(Stub(name, rows: rows), .life) }
        var batches: [[String]] = []
        while case let calls = queue.next(), !calls.isEmpty {
            batches.append(calls.map { ($0 as? Stub)?.name ?? "?" })
        }
        return batches
    }

    @Test("Life goes first, pushes fill up, and a transaction stays bounded")
    func bounded() {
        #expect(self.batches(life: [("beat", 1)], pushes: [("a", 1), ("b", 1)]) == [["beat", "a", "b"]])
        #expect(
            self.batches(life: [("s1", 600), ("s2", 600)], pushes: [("a", 1)]) == [["s1", "a"], ["s2"]]
        )
        #expect(
            self.batches(life: [("s1", 1_000)], pushes: [("a", 1), ("b", 1)]) == [["s1", "a"], ["b"]],
            "a push in each, so that pushes are not starved"
        )
        #expect(self.batches(life: [], pushes: [("a", 700), ("b", 700)]) == [["a"], ["b"]])
    }

    @Test("Large payloads count for as many rows as they fill pages: pushes of them share no endless transaction")
    func bytesCount() {
        func job(_ size: Int) -> PushedJob { PushedJob(queue: "q", payload: [UInt8](repeating: 0, count: size)) }
        #expect(CallQueue.rows(of: [job(100), job(200)]) == 2)
        let large = CallQueue.rows(of: [job(1 << 20)])
        #expect(large == 257)
        let pushes = (0..<8).map { ("\($0)", large) }
        #expect(self.batches(life: [], pushes: pushes) == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"]])
    }

    @Test("A push larger than a transaction lets what waits go first, once, and then goes alone")
    func largePush() {
        #expect(
            self.batches(life: [("beat", 1), ("s", 900)], pushes: [("bulk", 50_000), ("a", 1)])
                == [["beat", "s"], ["bulk"], ["a"]]
        )
        var queue = CallQueue()
        queue.open()
        _ = queue.append(Stub("bulk", rows: 5_000), .push)
        let expected = [["beat"], ["bulk"], ["beat", "beat"], []]
        for round in 0..<4 {
            if round < 3 { _ = queue.append(Stub("beat", rows: 1), .life) }
            #expect(queue.next().map { ($0 as? Stub)?.name ?? "?" } == expected[round])
        }
    }
}
