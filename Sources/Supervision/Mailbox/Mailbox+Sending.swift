import DequeModule
import Synchronization

extension Mailbox {
    private enum Acceptance {
        case queued
        case handed(CheckedContinuation<Message?, Never>)
        case displaced(Message)
        case refused(MailboxError)
        case mustWait
    }

    /// Sends without waiting.
    ///
    /// - Throws: ``MailboxError/full`` or ``MailboxError/closed``; the message was not taken then.
    public func trySend(_ message: Message) throws(MailboxError) {
        let acceptance = self.state.withLock { Self.accept(message, &$0, self.capacity, self.whenFull) }
        switch acceptance {
        case .queued: return
        case .handed(let reader): reader.resume(returning: message)
        case .displaced(let oldest): self.drop(oldest, .overflow)
        case .refused(let error): throw error
        case .mustWait: throw .full
        }
    }

    /// Sends, and waits for room where the mailbox was declared so.
    ///
    /// - Throws: ``MailboxError`` when the message is refused, `CancellationError` when the task is cancelled while it waits; the
    ///   message was not taken then.
    public func send(_ message: Message) async throws {
        guard self.whenFull == .suspend else { return try self.trySend(message) }
        let id = self.nextID()
        defer { self.retire(id) }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.sendOrWait(Sender(id: id, message: message, continuation: continuation))
            }
        } onCancel: {
            self.withdraw(id)
        }
    }

    private func sendOrWait(_ sender: Sender) {
        let (acceptance, isCancelled) = self.state.withLock { state in
            let acceptance = Self.accept(sender.message, &state, self.capacity, self.whenFull)
            // Looked up under the lock: a cancellation from now on finds the sender in the queue.
            let isCancelled = state.woken.contains(sender.id)
            if case .mustWait = acceptance, !isCancelled { state.senders.append(sender) }
            return (acceptance, isCancelled)
        }
        switch acceptance {
        case .queued: sender.continuation.resume()
        case .handed(let reader):
            reader.resume(returning: sender.message)
            sender.continuation.resume()
        case .displaced(let oldest):
            self.drop(oldest, .overflow)
            sender.continuation.resume()
        case .refused(let error): sender.continuation.resume(throwing: error)
        case .mustWait:
            if isCancelled { sender.continuation.resume(throwing: CancellationError()) }
        }
    }

    private func withdraw(_ id: UInt64) {
        let sender = self.state.withLock { state in
            state.woken.insert(id)
            return state.senders.firstIndex { $0.id == id }.map { state.senders.remove(at: $0) }
        }
        sender?.continuation.resume(throwing: CancellationError())
    }

    private static func accept(_ message: Message, _ state: inout State, _ capacity: Int, _ whenFull: WhenFull)
        -> Acceptance
    {
        if state.isClosed { return .refused(.closed) }
        if let reader = state.reader {
            state.reader = nil
            return .handed(reader.continuation)
        }
        if state.messages.count < capacity {
            state.messages.append(message)
            return .queued
        }
        switch whenFull {
        case .refuse: return .refused(.full)
        case .suspend: return .mustWait
        case .dropOldest:
            let oldest = state.messages.removeFirst()
            state.messages.append(message)
            return .displaced(oldest)
        }
    }
}
