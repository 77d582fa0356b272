internal import NIOCore

/// A channel with its inbox and handler: a connection before and after it has been authenticated.
final class RedisLink: Sendable {
    let channel: any Channel
    let inbox: RequestInbox
    private let handler: NIOLoopBound<RedisChannelHandler>

    /// On the channel's event loop.
    init(channel: any Channel, handler: RedisChannelHandler) {
        self.channel = channel
        self.inbox = handler.inbox
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Sends a request, or fails it.
    func submit(_ request: Request) {
        if let refusal = self.offer(request) { request.fail(refusal, mayHaveRun: false) }
    }

    /// Sends a request, or says why not, leaving it to the caller.
    func offer(_ request: Request) -> RedisError? {
        switch self.inbox.put(request) {
        case .wake: self.channel.eventLoop.execute { self.handler.value.drainInbox() }
        case .queued: break
        case .refused(let reason): return reason
        }
        return nil
    }

    /// Closes the channel. A second call does nothing.
    func close(_ reason: RedisError) {
        guard self.inbox.closed == nil else { return }
        let handler = self.handler
        self.channel.eventLoop.execute { handler.value.fail(reason) }
    }
}
