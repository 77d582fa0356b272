internal import NIOCore
internal import Synchronization

/// Connections of their own, for commands that block and for transactions.
extension RedisClient {
    /// Makes a connection that nobody else uses. It is not made again when it is lost; the caller closes it, or
    /// ``close()`` does.
    ///
    /// - Parameter name: what CLIENT LIST shows; nil: the client's name.
    /// - Throws: ``RedisError/Code/connectionFailed``, or ``RedisError/Code/closed`` when the client is.
    public func dedicatedConnection(name: String? = nil) async throws(RedisError) -> RedisConnection {
        var configuration = self.configuration
        configuration.clientName = name ?? configuration.clientName
        let connection = try await RedisConnection.connect(configuration, on: self.eventLoopGroup.next())
        let id = ObjectIdentifier(connection)
        self.running.withLock { $0.dedicated[id] = WeakConnection(connection: connection) }
        connection.whenClosed { [weak self] in
            self?.running.withLock { _ = $0.dedicated.removeValue(forKey: id) }
        }
        guard !self.state.withLock({ $0.isClosed }) else {
            await connection.close()
            throw self.state.withLock { $0.closedError }
        }
        return connection
    }

    /// Gives `body` a connection of its own and closes it afterwards.
    public func withDedicatedConnection<Value>(
        name: String? = nil,
        _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await self.dedicatedConnection(name: name)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Ends the blocking command of a dedicated connection, as if its time were over: it answers nil, and nothing that
    /// came in the last moment is lost, as it might be by closing the connection.
    ///
    /// - Returns: whether the connection was blocked.
    /// - Throws: ``RedisError``, also when the connection's ``RedisConnection/clientID`` is not known.
    @discardableResult
    public func unblock(_ connection: RedisConnection) async throws(RedisError) -> Bool {
        guard let id = connection.clientID else {
            throw RedisError(.unexpectedReply, "the connection's number is not known", command: "CLIENT UNBLOCK")
        }
        return try await self.send("CLIENT", "UNBLOCK", String(id)).integer == 1
    }
}
