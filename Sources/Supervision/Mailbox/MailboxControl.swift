import DequeModule
import Synchronization

/// What a supervisor does with a mailbox of a child, whatever its messages are.
public protocol MailboxControl: Sendable {
    /// How many messages wait.
    var depth: Int { get }

    /// A new incarnation of the service is about to start.
    ///
    /// - Parameters:
    ///   - generation: Which; the first is 1.
    ///   - report: Takes each drop from now on, to make an event of it.
    func incarnationStarts(_ generation: UInt64, report: @escaping @Sendable (DropReason) -> Void)

    /// The service has ended for good.
    func close()
}

extension Mailbox: MailboxControl {
    /// Drops what waits, if it is not to survive a restart.
    public func incarnationStarts(_ generation: UInt64, report: @escaping @Sendable (DropReason) -> Void) {
        let (dropped, senders) = self.state.withLock { state in
            state.report = report
            guard self.acrossRestart == .discard, generation > 1 else { return (Deque<Message>(), [Sender]()) }
            let dropped = state.messages
            let senders = Array(state.senders.prefix(self.capacity))
            state.messages = []
            state.messages.append(contentsOf: senders.map(\.message))
            state.senders.removeFirst(senders.count)
            return (dropped, senders)
        }
        for sender in senders { sender.continuation.resume() }
        for message in dropped { self.drop(message, .restart) }
    }
}

extension ChildSpecification {
    /// The same child with a mailbox: `tree` shows its depth, its drops are events, and it is closed when the child has ended
    /// for good.
    public func receiving(_ mailbox: any MailboxControl) -> Self {
        var copy = self
        copy.mailbox = mailbox
        return copy
    }
}
