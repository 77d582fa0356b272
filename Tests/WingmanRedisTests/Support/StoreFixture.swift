import HiredisNIO
import Logging
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
            let configuration = try RedisConfiguration(url: server.url)
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

extension StoreFixture {
    /// Registers a process whose lease lasts long enough for every test.
    @discardableResult
    func register(_ name: String) async throws -> ProcessID {
        let process = ProcessID(rawValue: name)
        let reply = try await self.store.beat(.of(process, .register, number: 1))
        guard case .alive = reply else { throw TestSupportError.process("\(name) was refused") }
        return process
    }

    /// Lets the lease of a process end, and the time of grace that a new server begins with.
    func expire(_ process: ProcessID) async throws {
        try await self.redis.send("ZADD", "wingman:leases", "XX", "1", process.rawValue)
        try await self.redis.send("HDEL", "wingman:clock", "grace")
    }

    func push(_ payloads: String..., to queue: String = "default") async throws {
        try await self.store.enqueue(payloads.map { PushedJob(queue: queue, payload: Array($0.utf8)) })
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

    /// One step, which has to be done.
    func done(
        _ process: ProcessID,
        _ number: Int,
        settle settlements: [Settlement] = [],
        claim: Int = 0,
        from sources: [Source] = [.queue("default")],
        lane: Int = 1
    ) async throws -> (answers: [SettleAnswer], claimed: [Claimed], leaseExpired: Bool) {
        let reply = try await self.step(process, number, settle: settlements, claim: claim, from: sources, lane: lane)
        guard case .done(let answers, let claimed, let expired) = reply else {
            throw TestSupportError.process("the step was answered \(reply)")
        }
        return (answers, claimed, expired)
    }

    func step(
        _ process: ProcessID,
        _ number: Int,
        settle settlements: [Settlement] = [],
        claim: Int = 0,
        from sources: [Source] = [.queue("default")],
        lane: Int = 1
    ) async throws -> StepReply {
        try await self.store.step(
            Step(
                process: process,
                lane: lane,
                number: number,
                settlements: settlements,
                claim: claim,
                sources: sources
            )
        )
    }
}

extension Beat {
    static func of(
        _ process: ProcessID,
        _ kind: Kind = .renew,
        number: Int,
        lease: Duration = .seconds(600),
        work: [Work] = [],
        executions: [ExecutionMetric] = []
    ) -> Beat {
        Beat(
            process: process,
            kind: kind,
            number: number,
            lease: lease,
            info: #"{"hostname":"test"}"#,
            concurrency: 5,
            isQuiet: false,
            residentKiB: 1_000,
            roundTripMicroseconds: 200,
            work: work,
            executions: executions
        )
    }
}

extension Claimed {
    var text: String { String(decoding: self.payload, as: UTF8.self) }

    func settled(_ disposition: Disposition = .done, _ tally: Tally = .processed) -> Settlement {
        Settlement(token: self.token, disposition: disposition, tally: tally)
    }
}

extension StepReply {
    var isFenced: Bool {
        if case .fenced = self { return true }
        return false
    }

    var gap: Int? {
        if case .gap(let last) = self { return last }
        return nil
    }
}

extension RESPValue {
    var texts: [String] { (self.array ?? []).map { String(decoding: $0.bytes ?? [], as: UTF8.self) } }
}
