internal import NIOCore

/// Gathers commands into few buffers: small ones are copied together, large ones are passed on as they are.
struct CommandWriter {
    /// From this size on a copy costs more than a buffer of its own in the gathering write.
    private static let copyLimit = 16 * 1_024

    private var finished: [ByteBuffer] = []
    private var open = ByteBuffer()

    mutating func write(_ command: RedisCommand) {
        command.writeHead(to: &self.open)
        guard command.arguments.readableBytes > Self.copyLimit else {
            self.open.writeImmutableBuffer(command.arguments)
            return
        }
        self.finished.append(self.open)
        self.finished.append(command.arguments)
        self.open = ByteBuffer()
    }

    /// The buffers, in order.
    consuming func finish() -> [ByteBuffer] {
        if self.open.readableBytes > 0 { self.finished.append(self.open) }
        return self.finished
    }
}
