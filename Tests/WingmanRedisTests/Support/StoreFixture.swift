import HiredisNIO
import Logging
import StoreTestSupport
import TestSupport
import Wingman

@testable import WingmanRedis

/// A real server, a store on it, and a plain client to look at the keys.
struct StoreFixture: Sendable {
    let server: RedisServer
    let store: RedisStore
    let redis: RedisClient

    static func with(
        _ options: RedisServer.Options = RedisServer.Options(),
        _ body: (StoreFixture) async throws -> Void
    ) async throws {
        try await RedisServer.with(options) { server in
            let configuration = try server.configuration
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let store = RedisStore(configuration, scripts: .standard, logger: logger)
            let fixture = StoreFixture(server: server, store: store, redis: RedisClient(configuration))
            try await store.open()
            do {
                try await body(fixture)
            } catch {
                await fixture.close()
                throw error
            }
            await fixture.close()
        }
    }

    private func close() async {
        await self.store.close()
        await self.redis.close()
    }
}

extension StoreFixture: StoreOwner {
    /// Lets the lease of a process end, and the time of grace that a new server begins with.
    func expire(_ process: ProcessID) async throws {
        try await self.redis.send("ZADD", "wingman:leases", "XX", "1", process.rawValue)
        try await self.redis.send("HDEL", "wingman:clock", "grace")
    }

    /// A list from its head, the next to run first.
    func list(_ key: String) async throws -> [String] {
        try await self.redis.send("LRANGE", key, "0", "-1").texts.reversed()
    }

    func sortedSet(_ key: String) async throws -> [String] {
        try await self.redis.send("ZRANGE", key, "0", "-1").texts
    }

    func hash(_ key: String) async throws -> [String: String] {
        let texts = try await self.redis.send("HGETALL", key).texts
        return Dictionary(
            uniqueKeysWithValues: stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) }
        )
    }

    func exists(_ key: String) async throws -> Bool {
        try await self.redis.send("EXISTS", key).integer == 1
    }
}

extension RESPValue {
    var texts: [String] { (self.array ?? []).map { String(decoding: $0.bytes ?? [], as: UTF8.self) } }
}
