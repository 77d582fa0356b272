internal import NIOCore

/// One connection to Redis, ready for commands: TLS, AUTH and SELECT are done.
///
/// Callers on any task may use it at once: commands are pipelined, and each gets its own reply. It does not reconnect;
/// ``RedisClient`` does. A blocking command holds up whatever is sent after it, so it wants a connection of its own.
///
/// When a deadline passes the connection closes, because the overdue reply would be taken for another's; everyone else who
/// waits on it gets ``RedisError/Code/connectionLost`` with ``RedisError/mayHaveRun``.
public final class RedisConnection: RedisSender {
    /// The configuration it was made with.
    public let configuration: RedisConfiguration
    /// The connection's number on the server, for CLIENT UNBLOCK and CLIENT KILL; nil where the user may not ask for it.
    public let clientID: Int?

    private let link: RedisLink

    init(configuration: RedisConfiguration, link: RedisLink, clientID: Int?) {
        self.configuration = configuration
        self.link = link
        self.clientID = clientID
    }

    deinit {
        // Nobody can use it any more; an explicit close has been here before, as a rule.
        self.link.close(RedisError(.closed, "the connection was dropped without close()"))
    }

    /// `host:port`, or the path of the socket.
    public var endpointDescription: String { self.configuration.endpoint.description }

    /// Whether it takes commands.
    public var isOpen: Bool { self.link.inbox.closed == nil }

    /// Why it does not take commands any more; nil while it does.
    public var closeReason: RedisError? { self.link.inbox.closed }

    /// Sends commands in one write and returns their replies; see ``RedisSender/send(batch:timeout:)``.
    public func send(
        batch commands: [RedisCommand],
        timeout: Duration? = nil
    ) async throws(RedisError) -> [RESPValue] {
        let deadline = self.link.channel.eventLoop.deadline(after: timeout ?? self.configuration.commandTimeout)
        return try await Request.perform(commands, deadline: deadline) { self.link.submit($0) }
    }

    /// Sends a command that waits on the server (BLMOVE, BRPOP, WAIT).
    ///
    /// - Parameters:
    ///   - command: the command, with its blocking time among the arguments.
    ///   - time: that blocking time; the deadline is later by ``RedisConfiguration/blockingMargin``. Nil: no deadline,
    ///     for a command that blocks for ever.
    /// - Returns: the reply; nil is what most blocking commands answer at the end of their time.
    @discardableResult
    public func sendBlocking(_ command: RedisCommand, for time: Duration?) async throws(RedisError) -> RESPValue {
        let margin = self.configuration.blockingMargin
        return try await self.send(command, timeout: time.map { $0 + margin } ?? .seconds(Int64.max))
    }

    /// Closes the connection and returns when it is closed. Whoever waits for a reply gets an error.
    public func close() async {
        self.link.close(RedisError(.closed, "closed by this program", endpoint: self.endpointDescription))
        await self.untilClosed()
    }

    /// Returns when the connection is closed, by whomever.
    public func untilClosed() async {
        // A close future fails only where the event loop has been shut down, which is as closed as can be.
        try? await self.link.channel.closeFuture.get()
    }

    /// Calls `action` on the event loop when the connection is closed; at once if it is.
    func whenClosed(_ action: @escaping @Sendable () -> Void) {
        self.link.channel.closeFuture.whenComplete { _ in action() }
    }

    /// Hands over a request of the client.
    ///
    /// - Returns: whether it was taken; a closed connection takes none.
    func take(_ request: Request) -> Bool {
        self.link.offer(request) == nil
    }
}
