import HiredisNIO
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("lead.lua, resign.lua")
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
}
