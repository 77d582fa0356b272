import HiredisNIO
import Wingman

/// What the keys hold, in a form that the model can be compared with and the invariants can be read off.
struct StoreView: Equatable {
    var lists: [String: [String]] = [:]
    var sets: [String: [String: Bool]] = [:]
    var inflight: [String: [String: String]] = [:]
    var lanes: [String: [Int: Int]] = [:]
    var leases: Set<String> = []
    var draining: Set<String> = []
    var graves: Set<String> = []
    var processed = 0
    var failed = 0
    /// SHA-1 of the raw job → crashes.
    var suspects: [String: Int] = [:]
    var values: [String: String] = [:]
    var memberships: [String: Set<String>] = [:]

    init(_ model: StoreModel) {
        self.lists = model.lists.filter { !$0.value.isEmpty }
        self.sets = model.sets.filter { !$0.value.isEmpty }
        self.inflight = model.inflight.mapValues { held in
            Dictionary(uniqueKeysWithValues: held.map { ($0.key.text, $0.value.job) })
        }
        self.lanes = model.lanes.mapValues { $0.mapValues(\.number) }.filter { !$0.value.isEmpty }
        self.leases = Set(model.leases.keys)
        self.draining = Set(model.draining)
        self.graves = Set(model.graves.map(\.id))
        self.processed = model.processed
        self.failed = model.failed
        for (job, crashes) in model.suspects { self.suspects[RedisScript(name: "", source: job).sha] = crashes }
        self.values = model.values
        self.memberships = model.memberships
    }

    /// One script, so that all keys are read at one moment: (key, type, contents …) of each.
    static let script = RedisScript(
        name: "view",
        source: """
            #!lua flags=no-writes
            local now, all = redis.call('TIME'), {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
                local kind, read = redis.call('TYPE', key).ok, {}
                if kind == 'list' then read = redis.call('LRANGE', key, 0, -1)
                elseif kind == 'hash' then read = redis.call('HGETALL', key)
                elseif kind == 'zset' then read = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
                elseif kind == 'set' then read = redis.call('SMEMBERS', key)
                elseif kind == 'string' then read = { redis.call('GET', key) }
                end
                all[#all + 1] = { key, kind, now[1] .. '.' .. string.format('%06d', now[2]), read }
            end
            return all
            """
    )

    private static let keys = "wingman:key:model:"

    static func read(_ redis: RedisClient) async throws -> StoreView {
        var view = StoreView(StoreModel())
        for entry in try await redis.eval(Self.script).array ?? [] {
            guard let key = entry[0]?.string, let kind = entry[1]?.string, let now = entry[2]?.double else { continue }
            view.take(key, kind, entry[3]?.texts ?? [], now)
        }
        return view
    }

    private mutating func take(_ key: String, _ kind: String, _ texts: [String], _ now: Double) {
        let pairs = stride(from: 0, to: texts.count - texts.count % 2, by: 2).map { (texts[$0], texts[$0 + 1]) }
        switch (kind, key) {
        case ("list", _) where key.hasSuffix("-signals"): break
        case ("list", _): self.lists[key] = texts.reversed()
        case ("zset", "wingman:leases"): self.leases = Set(pairs.map(\.0))
        case ("zset", "wingman:draining"): self.draining = Set(pairs.map(\.0))
        case ("zset", "wingman:graves"): self.graves = Set(pairs.map(\.0))
        case ("zset", "wingman:suspects"):
            self.suspects = Dictionary(uniqueKeysWithValues: pairs.map { ($0.0, (Int($0.1) ?? 0) % 4) })
        case ("zset", _):
            self.sets[key] = Dictionary(uniqueKeysWithValues: pairs.map { ($0.0, (Double($0.1) ?? 0) <= now) })
        case ("hash", _) where key.hasPrefix("wingman:inflight:"):
            self.inflight[String(key.dropFirst(17))] = Dictionary(uniqueKeysWithValues: pairs)
        case ("hash", _) where key.hasPrefix("wingman:seq:"):
            let numbers = pairs.compactMap { field, value in
                Int(field).flatMap { lane in Int(value).map { (lane, $0) } }
            }
            if !numbers.isEmpty { self.lanes[String(key.dropFirst(12))] = Dictionary(uniqueKeysWithValues: numbers) }
        case ("string", _) where key.hasPrefix(Self.keys):
            self.values[String(key.dropFirst(Self.keys.count))] = texts.first
        case ("set", _) where key.hasPrefix(Self.keys):
            self.memberships[String(key.dropFirst(Self.keys.count))] = Set(texts)
        case ("string", "stat:processed"): self.processed = Int(texts.first ?? "") ?? 0
        case ("string", "stat:failed"): self.failed = Int(texts.first ?? "") ?? 0
        default: break
        }
    }
}

/// The invariants of protocol.md, read off the keys.
extension StoreView {
    /// - Parameter model: Knows how many copies were accepted and validly acknowledged; nothing else of it is used.
    func violations(_ model: StoreModel) -> [String] {
        self.misplaced(model) + self.ownerless + self.effects(model) + self.condemned(model)
    }

    /// Effects are applied once, and only with their settlement.
    private func effects(_ model: StoreModel) -> [String] {
        let counted = Int(self.values["counted"] ?? "0") ?? 0
        guard counted != model.counted else { return [] }
        return ["effects: \(counted) were counted, the store said so \(model.counted) times"]
    }

    /// Two deaths while alone, after the first shared one.
    private func condemned(_ model: StoreModel) -> [String] {
        self.sets[StoreModel.quarantine, default: [:]].keys.compactMap { job in
            let isolations = model.isolations[job.base, default: 0]
            return isolations >= 2 ? nil : "quarantine: \(job) is in it and ran alone \(isolations) times"
        }
    }

    /// 1 and 4: each accepted copy is in one place or acknowledged.
    private func misplaced(_ model: StoreModel) -> [String] {
        var places: [String: Int] = [:]
        for jobs in self.lists.values { for job in jobs { places[job.base, default: 0] += 1 } }
        for set in self.sets.values { for job in set.keys { places[job.base, default: 0] += 1 } }
        for held in self.inflight.values { for job in held.values { places[job.base, default: 0] += 1 } }
        return Set(places.keys).union(model.accepted.keys).sorted().compactMap { job in
            let accepted = model.accepted[job, default: 0]
            let found = places[job, default: 0]
            let done = model.done[job, default: 0]
            guard found + done != accepted else { return nil }
            return "one place: \(job) was accepted \(accepted) times, is \(done) times done and in \(found) places"
        }
    }

    /// 2: the owner of what is in flight is alive or draining, that of what landed may also be in its grave.
    private var ownerless: [String] {
        let alive = self.leases.union(self.draining)
        let flying = self.inflight.keys.filter { !alive.contains($0) }
        let prefix = "wingman:landing:"
        let landed = self.lists.keys.filter { key in
            guard key.hasPrefix(prefix) else { return false }
            return !alive.union(self.graves).contains { key.hasPrefix("\(prefix)\($0):") }
        }
        return (flying + landed).sorted().map { "owner: nobody will look at \($0)" }
    }

    /// The differences from what the model expects, for people.
    func differences(from expected: StoreView) -> [String] {
        guard self != expected else { return [] }
        var found: [String] = []
        func compare<Value: Equatable>(_ name: String, _ real: Value, _ model: Value) {
            if real != model { found.append("\(name): the keys have \(real), the model has \(model)") }
        }
        for key in Set(self.lists.keys).union(expected.lists.keys).sorted() {
            compare(key, self.lists[key], expected.lists[key])
        }
        for key in Set(self.sets.keys).union(expected.sets.keys).sorted() {
            compare(key, self.sets[key], expected.sets[key])
        }
        compare("in flight", self.inflight, expected.inflight)
        compare("lanes", self.lanes, expected.lanes)
        compare("leases", self.leases, expected.leases)
        compare("draining", self.draining, expected.draining)
        compare("graves", self.graves, expected.graves)
        compare("processed", self.processed, expected.processed)
        compare("failed", self.failed, expected.failed)
        compare("suspects", self.suspects, expected.suspects)
        compare("values", self.values, expected.values)
        compare("sets of plugins", self.memberships, expected.memberships)
        return found
    }
}
