/// A Lua script, called by the SHA-1 of its source.
public struct RedisScript: Sendable, Hashable {
    /// What errors call it.
    public let name: String
    /// The source, with its `#!lua` line if it has one.
    public let source: String
    /// The name by which Redis knows the source: 40 hexadecimal digits.
    public let sha: String

    /// - Parameters:
    ///   - name: what errors call it.
    ///   - source: the source in Lua.
    public init(name: String, source: String) {
        self.name = name
        self.source = source
        self.sha = SHA1.hexadecimal(source.utf8)
    }

    /// Begins a call; further arguments are appended to it.
    ///
    /// - Parameters:
    ///   - keys: the script's KEYS.
    ///   - capacity: bytes to make room for at once; see ``RedisCommand/init(_:_:capacity:)``.
    public func call(keys: [String] = [], capacity: Int = 256) -> RedisScriptCall {
        RedisScriptCall(self, keys: keys, capacity: capacity)
    }

    var load: RedisCommand {
        var command = RedisCommand("SCRIPT", "LOAD", self.source, capacity: self.source.utf8.count + 64)
        command.name = "SCRIPT LOAD \(self.name)"
        return command
    }
}

/// A call of a script: EVALSHA with its keys, to which the ARGV are appended.
public struct RedisScriptCall: Sendable {
    /// The script.
    public let script: RedisScript
    /// EVALSHA, the keys, and what has been appended.
    public var command: RedisCommand

    init(_ script: RedisScript, keys: [String], capacity: Int) {
        self.script = script
        self.command = RedisCommand("EVALSHA", script.sha, capacity: capacity)
        self.command.name = "EVALSHA \(script.name)"
        self.command.append(keys.count)
        self.command.append(contentsOf: keys)
    }

    /// Appends an argument of any bytes.
    public mutating func append(_ bytes: [UInt8]) { self.command.append(bytes) }
    /// Appends a text in UTF-8.
    public mutating func append(_ text: String) { self.command.append(text) }
    /// Appends a number in decimal digits.
    public mutating func append(_ number: Int) { self.command.append(number) }
}

extension RedisSender {
    /// Calls a script by its SHA. When the server does not know it, loads it and calls again, in one write: an answer
    /// NOSCRIPT means that nothing has run.
    ///
    /// - Returns: the script's reply, which is not an error.
    /// - Throws: ``RedisError``; a script's own error has the code ``RedisError/Code/server``.
    @discardableResult
    public func eval(_ call: RedisScriptCall, timeout: Duration? = nil) async throws(RedisError) -> RESPValue {
        let name = call.command.name
        var replies = try await self.send(batch: [call.command], timeout: timeout)
        if replies.first?.error?.code == "NOSCRIPT" {
            replies = try await self.send(batch: [call.script.load, call.command], timeout: timeout)
        }
        for reply in replies {
            // The load's refusal comes first: it says more than the NOSCRIPT that follows it.
            if let error = reply.error { throw self.failure(error, of: name) }
        }
        guard let reply = replies.last else {
            throw RedisError(.unexpectedReply, "no reply", command: name, endpoint: self.endpointDescription)
        }
        return reply
    }

    /// Calls a script with text arguments.
    @discardableResult
    public func eval(
        _ script: RedisScript,
        keys: [String] = [],
        arguments: [String] = [],
        timeout: Duration? = nil
    ) async throws(RedisError) -> RESPValue {
        var call = script.call(keys: keys)
        call.command.append(contentsOf: arguments)
        return try await self.eval(call, timeout: timeout)
    }

    /// Loads scripts in one write, so that no later call finds one missing. Made for ``RedisClient``'s `onConnect`.
    ///
    /// - Throws: ``RedisError``, also when the server knows a script by another SHA than this program.
    public func loadScripts(_ scripts: [RedisScript]) async throws(RedisError) {
        let commands = scripts.map(\.load)
        let replies = try await self.send(batch: commands)
        for (index, (script, reply)) in zip(scripts, replies).enumerated() {
            let name = commands[index].name
            if let error = reply.error { throw self.failure(error, of: name) }
            guard reply.string == script.sha else {
                throw RedisError(.unexpectedReply, "another SHA", command: name, endpoint: self.endpointDescription)
            }
        }
    }
}
