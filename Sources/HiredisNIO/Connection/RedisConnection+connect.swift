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
        let security = try TLSClient(configuration)
        let inbox = RequestInbox()
        let endpoint = configuration.endpoint.description
        let bootstrap = Self.bootstrap(configuration, on: eventLoop) { pipeline in
            if let tls = try security?.makeHandler() { try pipeline.addHandler(tls) }
            try pipeline.addHandler(
                RedisChannelHandler(endpoint: endpoint, inbox: inbox, eventLoop: eventLoop, onUnwritten: onUnwritten)
            )
        }
        let channel: any Channel =
            switch configuration.endpoint {
            case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
            case .unixSocket(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
        let handler = try await channel.eventLoop.submit {
            let handler = try channel.pipeline.syncOperations.handler(type: RedisChannelHandler.self)
            return NIOLoopBound(handler, eventLoop: channel.eventLoop)
        }.get()
        return RedisLink(channel: channel, inbox: inbox, handler: handler)
    }

    private static func bootstrap(
        _ configuration: RedisConfiguration,
        on eventLoop: any EventLoop,
        addHandlers: @escaping @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void
    ) -> ClientBootstrap {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(min(max(configuration.connectTimeout, .zero), .longest)))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try addHandlers(channel.pipeline.syncOperations) }
            }
        guard case .tcp = configuration.endpoint else { return bootstrap }
        return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
    }
}
