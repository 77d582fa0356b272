internal import NIOCore

/// One connection's end of the pipeline: writes requests, reads replies, keeps deadlines. Everything here happens on the
/// channel's event loop, so that a process whose cooperative threads are all busy still times out and reads.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let inbox = RequestInbox()
    private let endpoint: String
    private let eventLoop: any EventLoop
    /// Takes the requests that were never written when the connection ends.
    private let onUnwritten: @Sendable ([Request], RedisError) -> Void

    private var reader: ReplyReader
    private var queue = ReplyQueue<Request>()
    private var context: ChannelHandlerContext?
    private var isRetiring = false
    private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?
    private var transfer = Transfer()

    /// - Throws: ``ProtocolViolation`` when there is no memory for a reader.
    init(
        endpoint: String,
        eventLoop: any EventLoop,
        onUnwritten: @escaping @Sendable ([Request], RedisError) -> Void
    ) throws(ProtocolViolation) {
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        self.onUnwritten = onUnwritten
        self.reader = try ReplyReader()
    }

    // MARK: Out

    /// Writes what callers have put into the inbox.
    func drainInbox() {
        let requests = self.inbox.takeAll()
        guard let context else {
            // The channel is not up yet, or gone: whoever closed the inbox has taken the rest.
            let reason = self.inbox.closed ?? RedisError(.connectionLost, "not connected", endpoint: self.endpoint)
            return self.onUnwritten(requests, reason)
        }
        var writer = CommandWriter()
        let now = self.eventLoop.now
        for request in requests {
            guard request.deadline > now else {
                request.failByTimeout(endpoint: self.endpoint, mayHaveRun: false)
                continue
            }
            for command in request.commands { writer.write(command) }
            self.queue.append(request, replies: request.commands.count, deadline: request.deadline)
            self.armTimer(request.deadline)
        }
        for buffer in writer.finish() {
            self.transfer.written += buffer.readableBytes
            context.write(self.wrapOutboundOut(buffer), promise: nil)
        }
        context.flush()
    }

    // MARK: In

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.end(RedisError(.connectionLost, "the connection was closed", endpoint: self.endpoint))
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = self.unwrapInboundIn(data)
        self.transfer.received += bytes.readableBytes
        do throws(ProtocolViolation) {
            try self.reader.feed(bytes) { self.receive($0) }
        } catch {
            self.fail(RedisError(.protocolViolation, error.reason, endpoint: self.endpoint, cause: error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(RedisError(.connectionLost, "the server closed the connection", endpoint: self.endpoint))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let message = ConnectFailure.brokenMessage(error)
        self.fail(RedisError(.connectionLost, message, endpoint: self.endpoint, cause: error))
    }

    private func receive(_ reply: RESPValue) {
        switch self.queue.receive(reply) {
        case .completed(let request, let replies):
            self.transfer.replied()
            request.succeed(replies)
            self.retireIfReplica(replies)
        case .incomplete: break
        case .unexpected:
            let what = reply.error?.message ?? "a reply that nobody asked for"
            self.fail(RedisError(.connectionLost, what, endpoint: self.endpoint, cause: reply.error))
        }
    }

    /// The name or the address may lead to the new master by now: nothing more is sent here, and when those who wait have
    /// their replies the connection ends, so that its owner looks anew.
    private func retireIfReplica(_ replies: [RESPValue]) {
        if !self.isRetiring {
            guard replies.contains(where: { $0.error?.code == "READONLY" }) else { return }
            let reason = RedisError(.connectionLost, "the server is a replica", endpoint: self.endpoint)
            self.isRetiring = true
            let unwritten = self.inbox.close(reason)
            if !unwritten.isEmpty { self.onUnwritten(unwritten, reason) }
        }
        if self.queue.isEmpty { self.context?.close(promise: nil) }
    }

    // MARK: Deadlines

    /// Keeps one timer, for the earliest deadline that is known. With equal timeouts it is set once per timeout, not once
    /// per command: it fires, finds that the command is long done, and is set for the next.
    private func armTimer(_ deadline: NIODeadline) {
        guard deadline < .distantFuture else { return }
        if let timer, timer.deadline <= deadline { return }
        self.timer?.task.cancel()
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.timer = (deadline, self.eventLoop.scheduleTask(deadline: deadline) { bound.value.timerFired() })
    }

    private func timerFired() {
        self.timer = nil
        guard let earliest = self.queue.earliestDeadline else { return }
        guard earliest <= self.eventLoop.now else { return self.armTimer(earliest) }
        if self.isTransferring() { return self.armTimer(self.eventLoop.now + Transfer.longestSilence) }
        // The late reply would be taken for the next command's: the connection ends with the command.
        self.fail(RedisError(.connectionLost, "closed, for a reply was overdue", endpoint: self.endpoint))
    }

    /// Whether the server is still taking a long command, or giving a long reply.
    private func isTransferring() -> Bool {
        let unsent = (try? self.context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return self.transfer.goesOn(unsent: unsent, isInsideReply: self.reader.isInsideReply)
    }

    // MARK: The end

    /// Fails everybody and closes the channel.
    func fail(_ error: RedisError) {
        self.end(error)
        self.context?.close(promise: nil)
    }

    private func end(_ error: RedisError) {
        let unwritten = self.inbox.close(error)
        self.timer?.task.cancel()
        self.timer = nil
        let waiting = self.queue.removeAll(asOf: self.eventLoop.now)
        for request in waiting.expired { request.failByTimeout(endpoint: self.endpoint, mayHaveRun: true) }
        for request in waiting.others { request.fail(error, mayHaveRun: true) }
        if !unwritten.isEmpty { self.onUnwritten(unwritten, error) }
    }
}
