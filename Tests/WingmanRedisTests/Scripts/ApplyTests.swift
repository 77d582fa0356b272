import HiredisNIO
import StoreTestSupport
import TestSupport
import Testing
import Wingman
import WingmanRedis

@Suite("apply.lua")
struct ApplyTests {
    private static let value = StoreKey("test", "value")
    private static let group = StoreKey("test", "group")
    private static let none = StoreKey("test", "none")

    static let conditions: [(condition: Condition, holds: Bool)] = [
        (.absent(Self.none), true), (.absent(Self.value), false), (.absent(Self.group), false),
        (.equals(Self.value, [65]), true), (.equals(Self.value, [66]), false), (.equals(Self.none, []), false),
        (.equals(Self.group, [65]), false), (.contains(Self.group, member: [1]), true),
        (.contains(Self.group, member: [2]), false), (.contains(Self.none, member: [1]), false),
        (.contains(Self.value, member: [65]), false), (.lacks(Self.group, member: [2]), true),
        (.lacks(Self.group, member: [1]), false), (.lacks(Self.none, member: [1]), true),
        (.lacks(Self.value, member: [1]), false), (.reached(milliseconds: 1), true),
        (.reached(milliseconds: 9_000_000_000_000), false),
    ]

    @Test("Each condition holds when it should", arguments: conditions)
    func condition(condition: Condition, holds: Bool) async throws {
        try await StoreFixture.with { fixture in
            let setUp: [Effect] = [.put(Self.value, [65]), .insert(Self.group, member: [1])]
            _ = try await fixture.store.apply(Change(setUp))
            let change = Change(
                if: [.reached(milliseconds: 0), condition],
                [.push(PushedJob(queue: "q", payload: [67]))]
            )
            let reply = try await fixture.store.apply(change)
            #expect(reply.isApplied == holds)
            #expect(reply.refusing == (holds ? nil : 1))
            let now = try await fixture.milliseconds()
            #expect(abs(reply.now - now) < 60_000)
            #expect(try await fixture.list("queue:q") == (holds ? ["C"] : []))
        }
    }

    @Test("An effect that cannot be applied fails the change whole")
    func wrong() async throws {
        try await StoreFixture.with { fixture in
            _ = try await fixture.store.apply(Change([.put(Self.value, [65])]))
            let change = Change([.push(PushedJob(queue: "q", payload: [67])), .insert(Self.value, member: [1])])
            let error = await #expect(throws: StoreError.self) { _ = try await fixture.store.apply(change) }
            #expect(error?.code == .unexpected)
            #expect(error?.message.contains("wingman:key:test:value") == true)
            #expect(try await !fixture.exists("queue:q"))
        }
    }

    @Test("Over maxmemory a change fails and nothing is written")
    func fullMemory() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.redis.send("CONFIG", "SET", "maxmemory", "1")
            let change = Change([.put(Self.value, [65])])
            let error = await #expect(throws: StoreError.self) { _ = try await fixture.store.apply(change) }
            #expect(error?.code == .full)
            #expect(try await !fixture.exists("wingman:key:test:value"))
        }
    }

    @Test("Values are read in their order; a set reads as nothing, and so do the members of a value")
    func reading() async throws {
        try await StoreFixture.with { fixture in
            let setUp: [Effect] = [.put(Self.value, [0, 255]), .insert(Self.group, member: [1])]
            _ = try await fixture.store.apply(Change(setUp))
            let values = try await fixture.store.values(of: [Self.none, Self.value, Self.group])
            #expect(values == [nil, [0, 255], nil])
            #expect(try await fixture.store.values(of: []).isEmpty)
            #expect(try await fixture.store.members(of: Self.group) == [[1]])
            #expect(try await fixture.store.members(of: Self.value).isEmpty)
            #expect(try await fixture.store.members(of: Self.none).isEmpty)
        }
    }

    @Test("A counter's expiry begins with it, a value's with each put")
    func expiry() async throws {
        try await StoreFixture.with { fixture in
            let (counter, key) = (StoreKey("test", "counter"), "wingman:key:test:counter")
            _ = try await fixture.store.apply(Change([.count(counter, by: 1)]))
            _ = try await fixture.store.apply(Change([.count(counter, by: 1, expiry: .seconds(60))]))
            #expect(try await fixture.lifetime(key) == -1)
            _ = try await fixture.store.apply(Change([.delete(counter), .count(counter, by: 1, expiry: .seconds(60))]))
            #expect(try await fixture.lifetime(key) > 50_000)
            _ = try await fixture.store.apply(Change([.put(counter, [65])]))
            #expect(try await fixture.lifetime(key) == -1)
            _ = try await fixture.store.apply(Change([.put(counter, [65], expiry: .zero)]))
            try await eventually("the value to expire") { try await fixture.store.values(of: [counter]) == [nil] }
        }
    }

    @Test("Elements of a list are received in their order, also one that comes while waiting")
    func receiving() async throws {
        try await StoreFixture.with { fixture in
            let store = fixture.store
            _ = try await store.apply(Change([.append(list: "l", payload: [1]), .append(list: "l", payload: [2])]))
            #expect(try await store.receive(from: "l", timeout: .seconds(60)) == [1])
            #expect(try await store.receive(from: "l", timeout: .zero) == [2])
            #expect(try await store.receive(from: "l", timeout: .zero) == nil)
            #expect(try await store.receive(from: "l", timeout: .milliseconds(20)) == nil)
            async let waiting = store.receive(from: "l", timeout: .seconds(60))
            try await eventually("the wait to begin") {
                try await fixture.redis.send("INFO", "clients").string?.contains("blocked_clients:1\r\n") == true
            }
            _ = try await store.apply(Change([.append(list: "l", payload: [3])]))
            #expect(try await waiting == [3])
        }
    }
}

extension ChangeReply {
    var isApplied: Bool {
        if case .applied = self { return true }
        return false
    }

    var refusing: Int? {
        if case .refused(let condition, _) = self { return condition }
        return nil
    }

    var now: Int {
        switch self {
        case .applied(let now), .refused(_, let now): now
        }
    }
}

extension StoreFixture {
    /// How many milliseconds a key has left; -1: it stays.
    func lifetime(_ key: String) async throws -> Int {
        try await self.redis.send("PTTL", key).integer ?? -2
    }

    /// The server's time.
    func milliseconds() async throws -> Int {
        let time = try await self.redis.send("TIME")
        return (time[0]?.integer ?? 0) * 1_000 + (time[1]?.integer ?? 0) / 1_000
    }
}
