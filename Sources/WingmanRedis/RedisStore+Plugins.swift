internal import HiredisNIO
public import Wingman

/// What plugins keep: values, counters and sets under `wingman:key:NAMESPACE:NAME`.
extension RedisStore {
    /// One script, which fails when memory is full. A condition on a key of another kind does not hold.
    public func apply(_ change: Change) async throws -> ChangeReply {
        let script = self.scripts.apply
        return try ChangeCall.decode(await self.run(ChangeCall.encode(change, script), on: self.pushes), script)
    }

    /// One MGET. A set reads as nothing.
    public func values(of keys: [StoreKey]) async throws -> [[UInt8]?] {
        guard !keys.isEmpty else { return [] }
        var command = RedisCommand("MGET")
        for key in keys { command.append(key.redisKey) }
        let values = try await self.send(command).array ?? []
        guard values.count == keys.count else {
            throw StoreError(.unexpected, "MGET answered \(values.count) values for \(keys.count) keys")
        }
        return values.map(\.bytes)
    }

    /// One SMEMBERS. A value or counter reads as nothing.
    public func members(of key: StoreKey) async throws -> [[UInt8]] {
        do throws(RedisError) {
            return try await self.work.send("SMEMBERS", key.redisKey).array?.compactMap(\.bytes) ?? []
        } catch {
            if error.serverError?.code == "WRONGTYPE" { return [] }
            throw StoreError(error)
        }
    }

    /// BRPOP on a connection of its own. If we die after the server sent the element, it is lost: it was for us alone.
    public func receive(from list: String, timeout: Duration) async throws -> [UInt8]? {
        guard timeout > .zero else { return try await self.send(RedisCommand("RPOP", list)).bytes }
        var command = RedisCommand("BRPOP", list)
        command.append(max(0.01, timeout / .seconds(1)))  // zero would block for ever
        return try await self.waits.receive(command, for: timeout)[1]?.bytes
    }

    /// Sends a plain command, with the error an operator understands.
    func send(_ command: RedisCommand) async throws(StoreError) -> RESPValue {
        do throws(RedisError) {
            return try await self.work.send(command)
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreKey {
    /// How the names of all keys of plugins begin in Redis.
    static let redisPrefix = "wingman:key:"

    /// How the key is named in Redis.
    var redisKey: String { "\(Self.redisPrefix)\(self.namespace):\(self.name)" }
}
