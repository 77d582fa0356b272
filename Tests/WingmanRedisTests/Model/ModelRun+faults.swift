import HiredisNIO
import TestSupport
import Wingman

@testable import WingmanRedis

/// What goes wrong, and what time brings.
extension ModelRun {
    /// SIGKILL. A blocked BLMOVE may outlive its process: the server has not noticed yet.
    mutating func kill() {
        guard let index = self.workers.indices.randomElement(using: &self.random) else { return }
        let worker = self.workers.remove(at: index)
        self.trace.append("  \(worker.id) is dead")
        self.disconnect(worker.id, keeping: 30)
    }

    /// The process of `id` is gone or has another name: its blocks end, but `percent` of them do not at once.
    mutating func disconnect(_ id: String, keeping percent: Int) {
        var random = self.random
        self.blocks.removeAll { $0.id == id && !random.chance(percent) }
        self.prepared.removeAll { $0.id == id && !random.chance(percent) }
        self.random = random
    }

    /// A process that was stopped between the store's permission and its BLMOVE goes on.
    mutating func sendPrepared() {
        guard let index = self.prepared.indices.randomElement(using: &self.random) else { return }
        self.blocks.append(self.prepared.remove(at: index))
    }

    /// The blocking time of a BLMOVE is over.
    mutating func endBlock() {
        guard let index = self.blocks.indices.randomElement(using: &self.random) else { return }
        self.blocks.remove(at: index)
    }

    mutating func expire() async throws {
        guard let id = self.model.leases.keys.sorted().randomElement(using: &self.random) else { return }
        self.trace.append("  the lease of \(id) has run out")
        self.model.leases[id] = true
        try await self.redis.send("ZADD", "wingman:leases", "XX", "1", id)
    }

    mutating func makeDue() async throws {
        for set in Self.dueSets {
            for member in self.model.sets[set.place.key, default: [:]].keys {
                self.model.sets[set.place.key]?[member] = true
                try await self.redis.send("ZADD", set.place.key, "XX", "1", member)
            }
        }
    }

    mutating func pause() async throws {
        let queue = Self.queues.randomElement(using: &self.random) ?? "default"
        self.trace.append("  \(queue)")
        if self.model.paused.remove(queue) == nil {
            self.model.paused.insert(queue)
            try await self.redis.send("SADD", "paused", queue)
        } else {
            try await self.redis.send("SREM", "paused", queue)
        }
    }

    mutating func grace() async throws {
        self.model.isInGrace.toggle()
        if self.model.isInGrace {
            try await self.redis.send("HSET", "wingman:clock", "grace", "9000000000000")
        } else {
            try await self.redis.send("HDEL", "wingman:clock", "grace")
        }
    }

    /// What the server has on disk.
    mutating func save() async throws {
        let keys = try await self.redis.send("KEYS", "*").array ?? []
        let dumps = try await self.redis.send(
            batch: keys.map { key in
                var command = RedisCommand("DUMP")
                command.append(key.bytes ?? [])
                return command
            }
        )
        self.saved = (zip(keys, dumps).map { ($0, $1) }, self.model)
    }

    /// The server dies and comes back with what it had on disk; all connections are lost, and what was on them.
    mutating func loseTail() async throws {
        guard let saved = self.saved else { return }
        try await self.redis.send("FLUSHALL")
        let replies = try await self.redis.send(
            batch: saved.keys.map { entry in
                var command = RedisCommand("RESTORE")
                command.append(entry.key.bytes ?? [])
                command.append(0)
                command.append(entry.dump.bytes ?? [])
                return command
            }
        )
        guard replies.allSatisfy(\.isOK) else { throw self.failure("the saved keys could not be restored") }
        self.met(.tailLost)
        self.model = saved.model
        self.network = []
        self.blocks = []
        self.prepared = []
    }
}
