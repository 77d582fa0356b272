public import ServiceLifecycle

/// A service that handles messages one at a time: what an actor of Celluloid was, in a value's clothes.
///
/// ```swift
/// struct Mailer: MessageService {
///     let mailbox: Mailbox<Mail>
///     func handle(_ mail: Mail) async throws { … }
/// }
/// ```
public protocol MessageService: Service {
    /// What it takes.
    associatedtype Message: Sendable
    /// Where it takes it from: made once, outside the factory, so that it outlives each incarnation.
    var mailbox: Mailbox<Message> { get }
    /// Handles one message. Throwing fails the service: the message goes to the dead letters, the next incarnation goes on
    /// with the next one.
    func handle(_ message: Message) async throws
}

extension MessageService {
    /// Handles messages until it is stopped.
    public func run() async throws {
        try await self.mailbox.serve { try await self.handle($0) }
    }

    /// Sends a message of a type known only at run time.
    fileprivate func sendAny(_ message: any Sendable) async throws {
        guard let message = message as? Message else {
            throw MailboxError.wrongMessage(expected: "\(Message.self)", found: "\(type(of: message))")
        }
        try await self.mailbox.send(message)
    }
}

extension ServiceRegistry {
    /// Sends a message to the service that `name` stands for now: Celluloid's `Actor[:mailer].async`, except that a message
    /// that cannot be delivered is an error here.
    ///
    /// - Throws: ``RegistryError`` when no incarnation is ready; ``MailboxError`` when it does not take the message.
    public func send(_ message: any Sendable, to name: String) async throws {
        try await self.withService(named: name, as: (any Service).self) { service in
            guard let receiver = service as? any MessageService else { throw MailboxError.noMailbox(name) }
            try await receiver.sendAny(message)
        }
    }
}

extension Mailbox {
    /// Sends a message later: Celluloid's `after`. Like any other it is handled in its turn, so a timer never runs beside the
    /// handling of a message. When the mailbox is full by then the message is dropped as overflow.
    ///
    /// - Returns: A handle to take it back.
    @discardableResult
    public func send(_ message: Message, after delay: Duration, by time: any Timekeeper) -> ScheduledTimer {
        time.schedule(after: delay) { _ = self.deliver(message) }
    }

    /// Sends a message again and again, first after one interval: Celluloid's `every`. The beats do not drift; one that finds
    /// the mailbox full is dropped as overflow. It ends with the mailbox or by its handle.
    public func send(_ message: Message, every interval: Duration, by time: any Timekeeper) -> RepeatingTimer {
        RepeatingTimer(every: max(interval, .milliseconds(1)), by: time) { self.deliver(message) }
    }

    /// Whether the mailbox goes on.
    private func deliver(_ message: Message) -> Bool {
        do {
            try self.trySend(message)
            return true
        } catch {
            self.drop(message, error == .closed ? .closed : .overflow)
            return error != .closed
        }
    }
}
