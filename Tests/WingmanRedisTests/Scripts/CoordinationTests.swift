import HiredisNIO
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("lead.lua, resign.lua, recurring.lua")
struct CoordinationTests {
    @Test("One process leads at a time; each reign has a higher term")
    func lead() async throws {
        try await StoreFixture.with { fixture in
            let (one, two) = (ProcessID(rawValue: "one"), ProcessID(rawValue: "two"))
            #expect(try await fixture.store.lead("cron", process: one, for: .seconds(600)) == 1)
            #expect(try await fixture.store.lead("cron", process: two, for: .seconds(600)) == nil)
            #expect(try await fixture.store.lead("cron", process: one, for: .seconds(600)) == 1)
            #expect(try await fixture.store.lead("other", process: two, for: .seconds(600)) == 1)
            try await fixture.store.resign("cron", process: two)
            #expect(try await fixture.store.lead("cron", process: two, for: .seconds(600)) == nil)
            try await fixture.store.resign("cron", process: one)
            try await fixture.store.resign("cron", process: one)
            #expect(try await fixture.store.lead("cron", process: two, for: .seconds(600)) == 2)
        }
    }

    @Test("A late resignation of an earlier term ends nothing")
    func lateResignation() async throws {
        try await StoreFixture.with { fixture in
            let process = ProcessID(rawValue: "p")
            _ = try await fixture.store.lead("cron", process: process, for: .seconds(600))
            try await fixture.redis.send("SET", "wingman:lead:cron", "2|p")
            try await fixture.store.resign("cron", process: process)
            #expect(try await fixture.exists("wingman:lead:cron"))
        }
    }

    @Test("A lost lead is led again under a new term")
    func expiry() async throws {
        try await StoreFixture.with { fixture in
            let (one, two) = (ProcessID(rawValue: "one"), ProcessID(rawValue: "two"))
            _ = try await fixture.store.lead("cron", process: one, for: .seconds(600))
            try await fixture.redis.send("PEXPIRE", "wingman:lead:cron", "1")
            _ = try await eventually("the lead to end") { try await !fixture.exists("wingman:lead:cron") }
            #expect(try await fixture.store.lead("cron", process: two, for: .seconds(600)) == 2)
            #expect(try await fixture.store.lead("cron", process: one, for: .seconds(600)) == nil)
        }
    }

    private static func tick(_ expected: Int?, _ following: Int, _ specification: String = "every 5 s") -> RecurringTick
    {
        RecurringTick(
            id: "sweep",
            specification: specification,
            expected: expected,
            following: following,
            job: PushedJob(queue: "default", payload: Array("tick".utf8))
        )
    }

    @Test("Each occurrence is pushed once, whoever asks how often")
    func recurring() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            guard case .waiting(let next, let now) = try await store.tick(Self.tick(nil, 5_000)) else {
                throw TestSupportError.process("a new schedule pushed")
            }
            #expect(next == 5_000)
            #expect(now > 1_700_000_000_000)
            #expect(try await store.tick(Self.tick(4_000, 5_000)).next == 5_000, "another expectation")
            #expect(try await store.tick(Self.tick(5_000, 10_000)) == .pushed)
            #expect(try await store.tick(Self.tick(5_000, 10_000)).next == 10_000)
            #expect(try await store.tick(Self.tick(10_000, 9_000_000_000_000)) == .pushed)
            #expect(try await store.tick(Self.tick(9_000_000_000_000, 9_000_000_005_000)).next == 9_000_000_000_000)
            #expect(try await fixture.list("queue:default") == ["tick", "tick"])
            #expect(try await fixture.hash("wingman:schedule:sweep")["last"] == "10000")
        }
    }

    @Test("A changed specification starts anew and pushes nothing")
    func changed() async throws {
        try await StoreFixture.with { fixture in
            _ = try await fixture.store.tick(Self.tick(nil, 5_000))
            let reply = try await fixture.store.tick(Self.tick(5_000, 7_000, "every 7 s"))
            #expect(reply.next == 7_000)
            #expect(try await !fixture.exists("queue:default"))
        }
    }

    @Test("Over maxmemory a recurring push fails and its occurrence stays due")
    func fullMemory() async throws {
        try await StoreFixture.with { fixture in
            _ = try await fixture.store.tick(Self.tick(nil, 5_000))
            try await fixture.redis.send("CONFIG", "SET", "maxmemory", "1")
            let error = await #expect(throws: StoreError.self) {
                try await fixture.store.tick(Self.tick(5_000, 10_000))
            }
            #expect(error?.code == .full)
            try await fixture.redis.send("CONFIG", "SET", "maxmemory", "0")
            #expect(try await fixture.store.tick(Self.tick(5_000, 10_000)) == .pushed)
        }
    }
}

extension RecurringReply {
    var next: Int? {
        if case .waiting(let next, _) = self { return next }
        return nil
    }
}
