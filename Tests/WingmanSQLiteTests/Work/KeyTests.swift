import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

@Suite("Keys, effects and entries on SQLite")
struct KeyTests {
    private let value = StoreKey("test", "value")
    private let counter = StoreKey("test", "counter")
    private let set = StoreKey("test", "set")

    private func isApplied(_ reply: ChangeReply) -> Bool {
        if case .applied = reply { return true }
        return false
    }

    @Test("Values, counters and sets are kept, read and deleted")
    func kinds() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            _ = try await store.apply(
                Change([
                    .put(self.value, bytes("v")), .count(self.counter, by: 5), .count(self.counter, by: -7),
                    .insert(self.set, member: bytes("m")), .insert(self.set, member: bytes("m")),
                    .insert(self.set, member: bytes("n")),
                ])
            )
            #expect(
                try await store.values(of: [self.value, self.counter, StoreKey("test", "none")]) == [
                    bytes("v"), bytes("-2"), nil,
                ]
            )
            #expect(Set(try await store.members(of: self.set)) == [bytes("m"), bytes("n")])
            _ = try await store.apply(
                Change([.delete(self.value), .remove(self.set, member: bytes("m")), .delete(self.counter)])
            )
            #expect(try await store.values(of: [self.value, self.counter]) == [nil, nil])
            #expect(try await store.members(of: self.set) == [bytes("n")])
        }
    }

    @Test("A change is made if all its conditions hold; else the first that does not is named")
    func conditions() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            let once = Change(if: [.absent(self.value)], [.put(self.value, bytes("1"))])
            #expect(try await store.apply(once) == .applied(now: fixture.clock.milliseconds))
            #expect(try await store.apply(once) == .refused(condition: 0, now: fixture.clock.milliseconds))
            let others: [(Condition, Bool)] = [
                (.equals(self.value, bytes("1")), true), (.equals(self.value, bytes("2")), false),
                (.lacks(self.set, member: bytes("m")), true), (.contains(self.set, member: bytes("m")), false),
                (.reached(milliseconds: fixture.clock.milliseconds), true),
                (.reached(milliseconds: fixture.clock.milliseconds + 1), false),
            ]
            for (condition, holds) in others {
                let reply = try await store.apply(Change(if: [.equals(self.value, bytes("1")), condition], []))
                #expect(
                    reply
                        == (holds
                            ? .applied(now: fixture.clock.milliseconds)
                            : .refused(condition: 1, now: fixture.clock.milliseconds))
                )
            }
        }
    }

    @Test("What has expired is not there; a counter keeps the end that it began with")
    func expiry() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            let put = Change([
                .put(self.value, bytes("v"), expiry: .seconds(10)), .count(self.counter, by: 1, expiry: .seconds(10)),
                .append(list: "l", payload: bytes("a"), expiry: .seconds(10)),
            ])
            _ = try await store.apply(put)
            fixture.clock.advance(by: .seconds(6))
            _ = try await store.apply(put)
            fixture.clock.advance(by: .seconds(6))
            #expect(try await store.values(of: [self.value, self.counter]) == [bytes("v"), nil])
            #expect(try await fixture.texts(.list("l")) == ["a", "a"])
            fixture.clock.advance(by: .seconds(6))
            #expect(try await store.values(of: [self.value]) == [nil])
            #expect(try await fixture.texts(.list("l")) == [])
            #expect(self.isApplied(try await store.apply(Change(if: [.absent(self.value)], []))))
            _ = try await store.apply(Change([.append(list: "l", payload: bytes("b"))]))
            fixture.clock.advance(by: .seconds(3_600))
            #expect(try await fixture.texts(.list("l")) == ["b"])
        }
    }

    @Test("An effect on a key of another kind undoes the whole change and says why")
    func wrongKinds() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            _ = try await store.apply(
                Change([
                    .put(self.value, bytes("text")), .insert(self.set, member: bytes("m")),
                    .count(self.counter, by: .max),
                ])
            )
            let wrong: [Effect] = [
                .insert(self.value, member: bytes("m")), .remove(self.value, member: bytes("m")),
                .put(self.set, bytes("v")),
                .count(self.set, by: 1), .count(self.value, by: 1), .count(self.counter, by: 1),
                .whenEmpty(self.value, []),
                .push(PushedJob(queue: "q", payload: [], runAt: .nan)),
            ]
            for effect in wrong {
                let change = Change([.push(PushedJob(queue: "q", payload: bytes("a"))), effect])
                await #expect(throws: StoreError.self) { _ = try await store.apply(change) }
            }
            #expect(try await store.counts().queues == [:])
        }
    }

    @Test("A settlement and its effects are one: stale tokens and impossible effects change nothing")
    func settlements() async throws {
        try await StoreFixture.with { fixture in
            let process = try await fixture.register("p")
            try await fixture.push("a", "b", "c")
            _ = try await fixture.store.apply(
                Change([.insert(self.set, member: bytes("a")), .put(self.value, bytes("v"))])
            )
            let claimed = try await fixture.done(process, 1, claim: 3).claimed
            let last = Effect.whenEmpty(self.set, [.push(PushedJob(queue: "callbacks", payload: bytes("all done")))])
            let settlements = [
                claimed[0].settled(.done, .processed, [.remove(self.set, member: bytes("a")), last]),
                claimed[0].settled(.done, .processed, [.count(self.counter, by: 1)]),
                claimed[1].settled(.done, .processed, [.count(self.counter, by: 1), .count(self.value, by: 1)]),
                claimed[2].settled(.giveBack, .none, [.count(self.counter, by: 10)]),
            ]
            let answers = try await fixture.done(process, 2, settle: settlements).answers
            #expect(answers.map(\.isFailure) == [false, false, true, false])
            #expect(answers[0] == .settled && answers[1] == .stale && answers[3] == .settled)
            #expect(try await fixture.store.values(of: [self.counter]) == [bytes("10")])
            #expect(try await fixture.texts(.queue("callbacks")) == ["all done"])
            #expect(try await fixture.texts(.queue("default")) == ["c"])
            #expect(try await fixture.store.counts().inFlight == 1)
            #expect(try await fixture.done(process, 2, settle: settlements).answers == answers)
        }
    }

    @Test("Entries are edited by their bytes, one of several equal ones, and only if they are there")
    func edits() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            try await fixture.push("a", "b", "a", "c")
            let a = Entry(payload: bytes("a"))
            let found = try await store.edit(
                [
                    .delete(a), .move(Entry(payload: bytes("c")), to: .queue("other")),
                    .delete(Entry(payload: bytes("none"))),
                    .move(Entry(payload: bytes("b")), to: .dead, as: Entry(payload: bytes("b!"))),
                ],
                in: .queue("default")
            )
            #expect(found == 3)
            #expect(try await fixture.texts(.queue("default")) == ["a"])
            #expect(try await fixture.texts(.queue("other")) == ["c"])
            #expect(try await fixture.texts(.dead) == ["b!"])
            let dead = try await store.entries(in: .dead, from: 0, limit: 1)[0]
            #expect(
                try await store.edit([.move(dead, to: .retry, as: Entry(payload: dead.payload, at: 5))], in: .dead) == 1
            )
            #expect(try await store.entries(in: .retry, from: 0, limit: 9) == [Entry(payload: bytes("b!"), at: 5)])
        }
    }

    @Test("Due entries come oldest first and move once, those that are not due stay")
    func due() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            let now = Double(fixture.clock.milliseconds) / 1_000
            try await store.enqueue([
                PushedJob(queue: "q", payload: bytes("later"), runAt: now + 10),
                PushedJob(queue: "q", payload: bytes("second"), runAt: now - 1),
                PushedJob(queue: "q", payload: bytes("first"), runAt: now - 2),
            ])
            let due = try await store.due(in: .schedule, limit: 10)
            #expect(due.entries == [bytes("first"), bytes("second")])
            #expect(due.nextDue == .seconds(10))
            let promotions: [Promotion] = [
                .push(entry: bytes("first"), queue: "q", payload: bytes("first!")),
                .bury(entry: bytes("second"), payload: bytes("second")),
                .push(entry: bytes("later"), queue: "q", payload: bytes("later!")),
            ]
            #expect(try await store.promote(promotions, from: .schedule) == 2)
            #expect(try await store.promote(promotions, from: .schedule) == 0)
            #expect(try await fixture.texts(.queue("q")) == ["first!"])
            #expect(try await fixture.texts(.dead) == ["second"])
            let counts = try await store.counts()
            #expect(counts.scheduled == 1 && counts.scheduledDue == 0 && counts.dead == 1)
            fixture.clock.advance(by: .seconds(11))
            #expect(try await store.counts().scheduledDue == 1)
            #expect(try await store.promote([.drop(entry: bytes("later"))], from: .schedule) == 1)
        }
    }

    @Test("The dead set keeps 10,000 jobs and half a year")
    func dead() async throws {
        try await StoreFixture.with { fixture in
            let many = (0..<10_005).map { Entry(payload: bytes("\($0)")) }
            try await fixture.store.enqueue(many.map { PushedJob(queue: "q", payload: $0.payload) })
            for start in stride(from: 0, to: many.count, by: 5_003) {
                let part = many[start..<min(start + 5_003, many.count)]
                _ = try await fixture.store.write { transaction in
                    for entry in part {
                        try transaction.add(entry.payload, to: .dead, at: transaction.now.seconds)
                    }
                    try transaction.trimDead()
                }
                fixture.clock.advance(by: .seconds(1))
            }
            #expect(try await fixture.store.counts().dead == 10_000)
            #expect(try await fixture.store.entries(in: .dead, from: 0, limit: 1).map(\.payload) == [bytes("10004")])
            fixture.clock.advance(by: .seconds(180 * 86_400))
            _ = try await fixture.store.edit([.move(many[0], to: .dead)], in: .queue("q"))
            #expect(try await fixture.texts(.dead) == ["0"])
        }
    }

    @Test("Names of lists that nobody uses are forgotten when there are many")
    func lists() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.passGrace()
            for part in 0..<3 {
                _ = try await fixture.store.apply(
                    Change(
                        (0..<600).map { .append(list: "reply \(part) \($0)", payload: bytes("r"), expiry: .seconds(5)) }
                    )
                )
            }
            _ = try await fixture.store.apply(Change([.append(list: "kept", payload: bytes("k"))]))
            fixture.clock.advance(by: .seconds(6))
            func names() async throws -> Int {
                try await fixture.store.read { try $0.database.row("SELECT count(*) FROM sources") { $0.int(0) } ?? 0 }
            }
            #expect(try await names() == 1_801)
            for _ in 0..<8 { _ = try await fixture.store.rescue() }
            #expect(try await names() <= 1_000)
            #expect(try await fixture.texts(.list("kept")) == ["k"])
            let jobs = try await fixture.store.read { try $0.database.row("SELECT count(*) FROM jobs") { $0.int(0) } }
            #expect(jobs == 1)
        }
    }

    @Test("In memory a store works alike, each object for itself")
    func memory() async throws {
        let one = try SQLiteStore(url: "sqlite::memory:", logger: StoreFixture.quiet)
        let two = try SQLiteStore(url: "sqlite::memory:", logger: StoreFixture.quiet)
        try await one.open()
        try await two.open()
        try await one.enqueue([PushedJob(queue: "q", payload: bytes("a"))])
        #expect(try await one.counts().queues == ["q": 1])
        #expect(try await two.counts().queues == [:])
        #expect(one.location == "sqlite::memory:")
        await one.close()
        await two.close()
    }

    @Test("Of the lists' numbers the free ones are found, wherever they are")
    func freeNumbers() async throws {
        // The numbers at the end are taken, whatever was below was forgotten, or all but the first.
        for known in [[], [1], [1, 2, 5]] {
            try await StoreFixture.with { fixture in
                try await fixture.store.write { transaction in
                    let last = SourceRange.mostSources - 1
                    for id in known + Array(last - 900...last) {
                        try transaction.database.run("INSERT INTO sources (id, name) VALUES (?, ?)", id, "list \(id)")
                    }
                }
                try await fixture.push("a", "b", to: "new")
                try await fixture.push("c", to: "newer")
                #expect(try await fixture.texts(.queue("new")) == ["a", "b"])
                #expect(try await fixture.texts(.queue("newer")) == ["c"])
            }
        }
    }
}
