/// What takes commands: a ``RedisClient`` or a ``RedisConnection``.
///
/// A caller's cancellation is not looked at: what has been sent may have run, so its reply is awaited until the deadline,
/// and a cancelled task does not lose its acknowledgement.
public protocol RedisSender: Sendable {
    /// Where the commands go: `host:port`, or a socket's path.
    var endpointDescription: String { get }

    /// Sends commands in one write and returns their replies in the same order, errors of the server among them.
    ///
    /// - Parameters:
    ///   - commands: what to send; nothing else of this connection gets between them.
    ///   - timeout: how long to wait for all the replies; nil: the configuration's ``RedisConfiguration/commandTimeout``.
    /// - Throws: ``RedisError``; ``RedisError/mayHaveRun`` says whether the commands may have been run.
    func send(batch commands: [RedisCommand], timeout: Duration?) async throws(RedisError) -> [RESPValue]
}

extension RedisSender {
    /// Sends commands in one write, with the configuration's timeout.
    public func send(batch commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        try await self.send(batch: commands, timeout: nil)
    }

    /// Sends one command.
    ///
    /// - Parameters:
    ///   - command: what to send.
    ///   - timeout: how long to wait for the reply; nil: the configuration's ``RedisConfiguration/commandTimeout``.
    /// - Returns: the reply, which is not an error.
    /// - Throws: ``RedisError``, with the code ``RedisError/Code/server`` for an error reply.
    @discardableResult
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RESPValue {
        let replies = try await self.send(batch: [command], timeout: timeout)
        guard let reply = replies.first else {
            throw RedisError(.unexpectedReply, "no reply", command: command.name, endpoint: self.endpointDescription)
        }
        if let error = reply.error { throw self.failure(error, of: command.name) }
        return reply
    }

    /// Sends a command of texts: `send("SET", "key", "value")`.
    @discardableResult
    public func send(_ name: String, _ arguments: String...) async throws(RedisError) -> RESPValue {
        var command = RedisCommand(name)
        command.append(contentsOf: arguments)
        return try await self.send(command)
    }

    /// The error to throw for a server's error reply to `command`.
    public func failure(_ error: RedisServerError, of command: String) -> RedisError {
        RedisError(.server, error.message, command: command, endpoint: self.endpointDescription, cause: error)
    }
}
