import HiredisNIO
import NIOCore
import NIOPosix
import TestSupport

/// A server on a unix socket that says one thing to everybody who connects, and then closes or stays silent.
struct FakeServer {
    private let channel: any Channel
    private let directory: TemporaryDirectory

    var configuration: RedisConfiguration { RedisConfiguration(endpoint: .unixSocket(path: self.path)) }
    private var path: String { self.directory.file("s") }

    /// - Parameters:
    ///   - greeting: sent at once; nil: nothing.
    ///   - closes: whether the connection is closed after it.
    init(greeting: String?, closes: Bool) async throws {
        self.directory = try TemporaryDirectory("fake")
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(Greeter(greeting: greeting, closes: closes))
                }
            }
            .bind(unixDomainSocketPath: self.directory.file("s")).get()
    }

    func stop() async throws {
        try await self.channel.close().get()
        self.directory.remove()
    }

    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let greeting: String?
        private let closes: Bool

        init(greeting: String?, closes: Bool) {
            self.greeting = greeting
            self.closes = closes
        }

        func channelActive(context: ChannelHandlerContext) {
            if let greeting { context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: greeting)), promise: nil) }
            if self.closes { context.close(promise: nil) }
        }
    }
}
