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
        let deadline = NIODeadline.after(configuration.connectTimeout)
        let eventLoop = eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
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
        let endpoint = configuration.endpoint.description
        let security = try TLSClient(configuration)
        let inbox = RequestInbox()
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(min(max(configuration.connectTimeout, .zero), .longest)))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let handler = try security?.makeHandler() {
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let handler = try RedisChannelHandler(
                        endpoint: endpoint,
                        inbox: inbox,
                        eventLoop: channel.eventLoop,
                        onUnwritten: onUnwritten
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let channel: any Channel
        switch configuration.endpoint {
        case .tcp(let host, let port):
            channel = try await bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port).get()
        case .unixSocket(let path):
            channel = try await bootstrap.connect(unixDomainSocketPath: path).get()
        }
        let handler = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: RedisChannelHandler.self),
                eventLoop: channel.eventLoop
            )
        }.get()
        return RedisLink(channel: channel, inbox: inbox, handler: handler)
    }
}
