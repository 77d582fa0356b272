import DequeModule
import Synchronization

/// A bounded queue of messages for one service. It outlives the service's incarnations: whoever sends holds the mailbox, or
/// the service's name, never a service that may have died.
///
/// Sending never loses a message without a word: it is accepted, refused with an error, or dropped by a rule that was
/// declared, and each drop is counted and an event of the tree.
public final class Mailbox<Message: Sendable>: Sendable {
    /// What happens to a message that comes when the mailbox is full.
    public enum WhenFull: Sendable, Hashable {
        /// It is refused with ``MailboxError/full``.
        case refuse
        /// ``Mailbox/send(_:)`` waits for room; ``Mailbox/trySend(_:)`` refuses.
        case suspend
        /// It is accepted, and the oldest one dropped.
        case dropOldest
    }

    /// What happens to the messages that wait when the service is started again.
    public enum AcrossRestart: Sendable, Hashable {
        /// The next incarnation gets them. The one that failed it does not: that goes to the dead letters.
        case keep
        /// They are dropped.
        case discard
    }

    /// How many messages may wait.
    public let capacity: Int
    let whenFull: WhenFull
    let acrossRestart: AcrossRestart
    let deadLetter: @Sendable (Message, DropReason) -> Void
    let state = Mutex(State())

    struct State: Sendable {
        var messages = Deque<Message>()
        var reader: (id: UInt64, continuation: CheckedContinuation<Message?, Never>)?
        var senders = Deque<Sender>()
        /// Readers and senders that were told to stop waiting; kept so that a word that comes before the wait is not missed.
        var woken: Set<UInt64> = []
        var isClosed = false
        var drops: [DropReason: Int] = [:]
        var lastID: UInt64 = 0
        var report: (@Sendable (DropReason) -> Void)?
    }

    /// Somebody who waits for room.
    struct Sender: Sendable {
        let id: UInt64
        let message: Message
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// Creates a mailbox.
    ///
    /// - Parameters:
    ///   - capacity: How many messages may wait; at least 1.
    ///   - whenFull: What happens to one more.
    ///   - acrossRestart: What happens to those that wait when the service is started again.
    ///   - deadLetter: Gets each message that is dropped, with the reason, after it was counted.
    public init(
        capacity: Int,
        whenFull: WhenFull = .refuse,
        acrossRestart: AcrossRestart = .keep,
        deadLetter: @escaping @Sendable (Message, DropReason) -> Void = { _, _ in }
    ) {
        self.capacity = max(1, capacity)
        self.whenFull = whenFull
        self.acrossRestart = acrossRestart
        self.deadLetter = deadLetter
    }

    /// How many messages wait.
    public var depth: Int { self.state.withLock { $0.messages.count } }

    /// How many messages were dropped, by reason.
    public var drops: [DropReason: Int] { self.state.withLock { $0.drops } }

    /// Takes no more messages; those that wait are dropped, senders that wait are refused.
    public func close() {
        let (dropped, senders, reader) = self.state.withLock { state in
            state.isClosed = true
            defer {
                state.messages = []
                state.senders = []
                state.reader = nil
            }
            return (state.messages, state.senders, state.reader?.continuation)
        }
        reader?.resume(returning: nil)
        for sender in senders { sender.continuation.resume(throwing: MailboxError.closed) }
        for message in dropped { self.drop(message, .closed) }
    }

    /// Names a reader or sender.
    func nextID() -> UInt64 {
        self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Forgets a reader or sender.
    func retire(_ id: UInt64) {
        self.state.withLock { _ = $0.woken.remove(id) }
    }

    /// Counts a dropped message and tells whoever is to know.
    func drop(_ message: Message, _ reason: DropReason) {
        let report = self.state.withLock { state in
            state.drops[reason, default: 0] += 1
            return state.report
        }
        report?(reason)
        self.deadLetter(message, reason)
    }
}

/// Why a message was refused.
public enum MailboxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// As many messages wait as may.
    case full
    /// The mailbox takes no more: its service has ended for good.
    case closed
    /// The service behind the name takes other messages.
    case wrongMessage(expected: String, found: String)
    /// The service behind the name takes no messages.
    case noMailbox(String)

    /// One line for people.
    public var description: String {
        switch self {
        case .full: "the mailbox is full"
        case .closed: "the mailbox is closed"
        case .wrongMessage(let expected, let found): "expected a message of type \(expected), got \(found)"
        case .noMailbox(let name): "\(name) takes no messages"
        }
    }
}
