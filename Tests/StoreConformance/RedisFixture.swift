import HiredisNIO
import Logging
import TestSupport
import Wingman
import WingmanTesting

@testable import WingmanRedis

/// A real Redis whose clock stands until it is put forward.
///
/// Redis' own clock cannot be set, so the scripts read it from a key instead: one line of `_time.lua` is another, all else
/// is what users run. Keys with a time to live, which Redis itself ends, are kept from ending and ended by
/// ``advance(by:)``.
struct RedisFixture: StoreFixture {
    let server: RedisServer
    let redis: RedisClient
    private let configuration: RedisConfiguration

    static func start() async throws -> RedisFixture {
        let server = try await RedisServer.start()
        let configuration = try server.configuration
        return RedisFixture(server: server, redis: RedisClient(configuration), configuration: configuration)
    }

    func open() async throws -> any Store {
        let logger = Logger(label: "conformance", factory: { _ in SwiftLogNoOpLogHandler() })
        let store = RedisStore(self.configuration, scripts: Self.scripts, logger: logger)
        try await store.open()
        return store
    }

    func reset() async throws {
        try await self.redis.send("FLUSHALL")
        try await self.redis.send("HSET", Self.clock, "s", "1800000000", "us", "000000")
    }

    func advance(by duration: Duration) async throws {
        var call = Self.advancing.call()
        call.append(Int((duration / .microseconds(1)).rounded()))
        try await self.redis.eval(call)
    }

    func provoke(_ fault: StoreFault) async throws -> Bool {
        switch fault {
        case .full: try await self.redis.send("CONFIG", "SET", "maxmemory", "1")
        case .unwritable(let place): try await self.redis.send("SET", place.key, "of another type")
        }
        return true
    }

    func relieve(_ fault: StoreFault) async throws {
        switch fault {
        case .full: try await self.redis.send("CONFIG", "SET", "maxmemory", "0")
        case .unwritable(let place): try await self.redis.send("DEL", place.key)
        }
    }

    // MARK: The clock

    private static let clock = "test:clock"

    private static let scripts = ScriptLibrary { _, source in
        source.replacing("redis.call('TIME')", with: "redis.call('HMGET', '\(Self.clock)', 's', 'us')")
    }

    /// A time to live that was given since the last advance is as long as it was then: whole tens of seconds, rounded up
    /// for the moments that really went by. It is moved to a far age, counted by our clock from there.
    private static let advancing = RedisScript(
        name: "advance",
        source: """
            #!lua
            local far, tick = 1e13, 10000
            local real, clock = redis.call('TIME'), redis.call('HMGET', '\(Self.clock)', 's', 'us')
            local real_ms, before = real[1] * 1000 + real[2] / 1000, clock[1] * 1000000 + clock[2]
            local after = before + tonumber(ARGV[1])
            for _, key in ipairs(redis.call('KEYS', '*')) do
                local ends = redis.call('PEXPIRETIME', key)
                if ends > 0 and ends < far then
                    ends = far + math.floor(before / 1000) + math.ceil((ends - real_ms) / tick) * tick
                    redis.call('PEXPIREAT', key, string.format('%.0f', ends))
                end
                if ends > 0 and (ends - far) * 1000 <= after then redis.call('DEL', key) end
            end
            redis.call('HSET', '\(Self.clock)', 's', string.format('%.0f', math.floor(after / 1000000)),
                'us', string.format('%06d', after % 1000000))
            """
    )
}

extension Place {
    /// As protocol.md has it, written down a second time on purpose.
    fileprivate var key: String {
        switch self {
        case .queue(let name): "queue:\(name)"
        case .list(let key): key
        case .retry: "retry"
        case .schedule: "schedule"
        case .later(let list): "wingman:later:\(list)"
        case .dead: "dead"
        case .quarantine: "wingman:quarantine"
        }
    }
}
