import DequeModule
import ServiceLifecycle
import Synchronization

extension Mailbox {
    /// Handles messages one after the other, until graceful shutdown, cancellation or the mailbox's end. A message that is
    /// being handled at graceful shutdown is handled to its end; those that wait stay for the next incarnation.
    ///
    /// - Parameter body: Handles one message. When it throws, that message goes to the dead letters and the error on: the
    ///   service fails, and its next incarnation goes on with the next message. Only when the task was cancelled the
    ///   message is put back, first in line.
    /// - Throws: What `body` throws.
    public func serve(_ body: (Message) async throws -> Void) async throws {
        let reader = self.nextID()
        defer { self.retire(reader) }
        try await withGracefulShutdownHandler {
            while let message = await self.next(reader) {
                try await self.handle(message, body)
            }
        } onGracefulShutdown: {
            self.wakeReader(reader)
        }
    }

    private func handle(_ message: Message, _ body: (Message) async throws -> Void) async throws {
        do {
            try await body(message)
        } catch {
            if Task.isCancelled {
                self.putBack(message)
            } else {
                self.drop(message, .failed)
            }
            throw error
        }
    }

    /// The next message; nil when the mailbox is closed, or the reader was told to stop: by cancellation or graceful shutdown.
    private func next(_ id: UInt64) async -> Message? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (now, sender): (Message??, Sender?) = self.state.withLock { state in
                    if state.woken.contains(id) { return (.some(nil), nil) }
                    if let message = state.messages.popFirst() { return (.some(message), Self.admitSender(&state)) }
                    if state.isClosed { return (.some(nil), nil) }
                    state.reader = (id, continuation)
                    return (nil, nil)
                }
                sender?.continuation.resume()
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            self.wakeReader(id)
        }
    }

    /// There is room for one who waits.
    private static func admitSender(_ state: inout State) -> Sender? {
        guard let sender = state.senders.popFirst() else { return nil }
        state.messages.append(sender.message)
        return sender
    }

    private func wakeReader(_ id: UInt64) {
        let reader = self.state.withLock { state -> CheckedContinuation<Message?, Never>? in
            state.woken.insert(id)
            guard let reader = state.reader, reader.id == id else { return nil }
            state.reader = nil
            return reader.continuation
        }
        reader?.resume(returning: nil)
    }

    /// First in line again, even if that is one more than the capacity: it had its place before the others.
    private func putBack(_ message: Message) {
        let isClosed = self.state.withLock { state in
            if !state.isClosed { state.messages.prepend(message) }
            return state.isClosed
        }
        if isClosed { self.drop(message, .closed) }
    }
}
