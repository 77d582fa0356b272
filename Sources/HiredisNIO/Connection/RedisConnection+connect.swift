public import NIOCore
internal import NIOPosix

extension RedisConnection {
    /// Connects: TCP or unix socket, TLS, AUTH, SELECT, CLIENT SETNAME; all within
    /// ``RedisConfiguration/connectTimeout``.
    ///
    /// - Parameters:
    ///   - configuration: where, and as whom.
    ///   - eventLoop: the loop to live on; nil: one of the process' shared ones.
    /// - Throws: ``RedisError/Code/connectionFailed``; no message contains the password.
    public static func connect(
        _ configuration: RedisConfiguration,
        on eventLoop: (any EventLoop)? = nil
    ) async throws(RedisError) -> RedisConnection {
        try await self.connect(configuration, on: eventLoop) { requests, reason in
            for request in requests { request.fail(reason, mayHaveRun: false) }
        }
    }

    /// - Parameter onUnwritten: takes the requests that were never written when the connection ends.
    static func connect(
        _ configuration: RedisConfiguration,
        on eventLoop: (any EventLoop)?,
        onUnwritten: @escaping @Sendable ([Request], RedisError) -> Void
    ) async throws(RedisError) -> RedisConnection {
        let eventLoop = eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
        let deadline = eventLoop.deadline(after: configuration.connectTimeout)
        let link: RedisLink
        do {
            link = try await Self.open(configuration, on: eventLoop, onUnwritten: onUnwritten)
        } catch {
            throw ConnectFailure.describe(error, configuration)
        }
        do throws(RedisError) {
            let clientID = try await Handshake(configuration).run(over: link, deadline: deadline)
            return RedisConnection(configuration: configuration, link: link, clientID: clientID)
        } catch {
            link.close(error)
            throw ConnectFailure.describe(error, configuration)
        }
    }

    private static func open(
        _ configuration: RedisConfiguration,
        on eventLoop: any EventLoop,
        onUnwritten: @escaping @Sendable ([Request], RedisError) -> Void
    ) async throws -> RedisLink {
        // Reads files, so neither on a cooperative thread nor on the event loop.
        let security = try await NIOThreadPool.singleton.runIfActive { try TLSClient(configuration) }
        let endpoint = configuration.endpoint.description
        // A host with several addresses gets several channels, and a handler each; one of them wins. The handlers are kept
        // here, because a pipeline forgets its own when the server closes at once, and with it why it did.
        let handlers = NIOLoopBoundBox.makeBoxSendingValue(
            [ObjectIdentifier: RedisChannelHandler](),
            eventLoop: eventLoop
        )
        let bootstrap = Self.bootstrap(configuration, on: eventLoop) { channel in
            let pipeline = channel.pipeline.syncOperations
            if let tls = try security?.makeHandler() { try pipeline.addHandler(tls) }
            let handler = try RedisChannelHandler(endpoint: endpoint, eventLoop: eventLoop, onUnwritten: onUnwritten)
            try pipeline.addHandler(handler)
            handlers.value[ObjectIdentifier(channel)] = handler
        }
        let channel: any Channel =
            switch configuration.endpoint {
            case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
            case .unixSocket(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
        return try await eventLoop.submit {
            guard let handler = handlers.value[ObjectIdentifier(channel)] else { throw ChannelError.ioOnClosedChannel }
            return RedisLink(channel: channel, handler: handler)
        }.get()
    }

    private static func bootstrap(
        _ configuration: RedisConfiguration,
        on eventLoop: any EventLoop,
        initialize: @escaping @Sendable (any Channel) throws -> Void
    ) -> ClientBootstrap {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(min(max(configuration.connectTimeout, .zero), .longest)))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try initialize(channel) } }
        guard case .tcp = configuration.endpoint else { return bootstrap }
        return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
    }
}
