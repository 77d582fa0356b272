import HiredisNIO

/// A client's events in order, for a test to wait for. `next()` is called from one task.
final class EventLog: Sendable {
    private let stream: AsyncStream<RedisClient.Event>
    private let continuation: AsyncStream<RedisClient.Event>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncStream.makeStream()
    }

    var handler: @Sendable (RedisClient.Event) -> Void {
        { [continuation = self.continuation] in continuation.yield($0) }
    }

    /// Returns after the first connection. The server may still have been starting: an outage before it is in order.
    func untilConnected() async {
        while await self.next() != "connected" {}
    }

    /// The next event's name.
    func next() async -> String {
        var iterator = self.stream.makeAsyncIterator()
        return switch await iterator.next() {
        case .connected: "connected"
        case .lost: "lost"
        case .reconnected: "reconnected"
        case nil: "end"
        }
    }
}
