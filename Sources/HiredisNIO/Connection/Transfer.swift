internal import NIOCore

/// How many bytes went to the server and came from it: a command or a reply of many megabytes is not overdue while they move.
struct Transfer {
    /// For the next byte of a transfer, once its command is overdue; as Sidekiq's client, whose timeout is that of a read.
    static let longestSilence = TimeAmount.seconds(3)

    private struct Progress: Equatable {
        var sent: Int
        var received: Int
    }

    /// Given to the channel, which may keep some of it for later.
    var written = 0
    var received = 0
    /// At the last look at a transfer whose command has no reply yet.
    private var last: Progress?

    /// Whether something is on its way and bytes have moved since the last look; the end of a long command counts as well.
    ///
    /// - Parameters:
    ///   - unsent: How many bytes the channel has kept.
    ///   - isInsideReply: Whether a reply has begun to come.
    mutating func goesOn(unsent: Int, isInsideReply: Bool) -> Bool {
        guard unsent > 0 || isInsideReply || self.last != nil else { return false }
        let progress = Progress(sent: self.written - unsent, received: self.received)
        defer { self.last = progress }
        return progress != self.last
    }

    /// A command has its reply: what moved before counts for no other one.
    mutating func replied() {
        self.last = nil
    }
}
