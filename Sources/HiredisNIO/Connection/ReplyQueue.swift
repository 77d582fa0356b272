internal import DequeModule
internal import NIOCore

/// Who waits for which reply on one connection: replies come in the order of the commands, so first in is first out.
///
/// A value without a clock and without a channel; ``RedisChannelHandler`` performs what it decides.
struct ReplyQueue<Waiter> {
    /// What a reply leads to.
    enum Received {
        /// A waiter has all of its replies.
        case completed(Waiter, [RESPValue])
        /// More replies are to come for the same waiter.
        case incomplete
        /// Nobody waits: the peer is out of step, and no later reply can be trusted.
        case unexpected
    }

    private struct Entry {
        var waiter: Waiter
        var wanted: Int
        var deadline: NIODeadline
        var replies: [RESPValue] = []
    }

    private var entries: Deque<Entry> = []

    /// Whether nobody waits.
    var isEmpty: Bool { self.entries.isEmpty }

    /// Adds one who waits for the next `replies` replies that nobody else waits for.
    mutating func append(_ waiter: Waiter, replies: Int, deadline: NIODeadline) {
        self.entries.append(Entry(waiter: waiter, wanted: replies, deadline: deadline))
    }

    /// Gives a reply to the one whose turn it is.
    mutating func receive(_ reply: RESPValue) -> Received {
        guard !self.entries.isEmpty else { return .unexpected }
        if self.entries[0].wanted == 1 {
            return .completed(self.entries.removeFirst().waiter, [reply])
        }
        self.entries[0].replies.append(reply)
        guard self.entries[0].replies.count == self.entries[0].wanted else { return .incomplete }
        let entry = self.entries.removeFirst()
        return .completed(entry.waiter, entry.replies)
    }

    /// The earliest deadline of all. Looks at everyone: to be asked when a timer fires, not at each command.
    var earliestDeadline: NIODeadline? {
        self.entries.lazy.map(\.deadline).min()
    }

    /// Empties the queue, telling those whose deadline has passed from the others.
    mutating func removeAll(asOf now: NIODeadline) -> (expired: [Waiter], others: [Waiter]) {
        defer { self.entries.removeAll() }
        return (
            expired: self.entries.filter { $0.deadline <= now }.map(\.waiter),
            others: self.entries.filter { $0.deadline > now }.map(\.waiter)
        )
    }
}
