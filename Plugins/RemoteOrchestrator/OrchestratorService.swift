import Logging
import ServiceLifecycle
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The always-on loop: takes one message after the other, in the order they were pushed, and brings each to its end.
///
/// A message is held like a job while it is handled: when this process dies, another one gets it. So a handler can see a
/// message twice, and never not at all.
///
/// The loop runs on a thread of its own; messages are read and handled on the cooperative pool.
struct OrchestratorService: Service {
    let options: OrchestratorOptions
    let environment: ServiceEnvironment

    /// Runs until the process stops; in a quiet process it takes nothing more.
    func run() async throws {
        let inbox = try self.environment.inbox(list: self.options.list)
        while let message = try await inbox.receive() {
            try await self.handle(message, of: inbox)
        }
        await inbox.close()
        // No more messages come. Returning now would look like the end of a permanent service, which is started again.
        await untilStopped()
    }

    private func handle(_ message: Inbox.Message, of inbox: Inbox) async throws {
        let body = message.body
        switch await withTaskExecutorPreference(globalConcurrentExecutor, operation: { await self.deliver(body) }) {
        case .handled:
            // If we die before this, the message is handled again: the handler's work came first.
            try await inbox.settle(message, .done)
        case .interrupted:
            try await inbox.settle(message, .giveBack)
        case .refused(let refusal):
            self.environment.logger.warning(
                "message goes to the dead-letter list",
                metadata: ["message.list": "\(self.options.list)", "message.reason": "\(refusal.reason.rawValue)"]
            )
            let origin = DeadLetter.Origin(
                list: self.options.list,
                process: self.environment.process?.rawValue ?? ""
            )
            let letter = DeadLetter(refusal, message: message.body, origin: origin, date: Date())
            try await inbox.settle(message, .append(list: self.options.deadLetterList, letter.bytes))
        }
    }

    private func deliver(_ bytes: [UInt8]) async -> Delivery {
        do {
            let envelope = try Envelope.parse(bytes, limits: Limits(bytes: self.options.messageLimit))
            let route = Route(client: envelope.client, services: self.environment.services)
            try await route.deliver(envelope.body, within: self.options.routeTimeout)
            return .handled
        } catch let refusal as Refusal {
            return .refused(refusal)
        } catch {
            if Task.isCancelled || (error is CancellationError && Task.isShuttingDownGracefully) { return .interrupted }
            return .refused(Refusal(.handlerError, "\(type(of: error)): \(error)"))
        }
    }
}

/// The end of one message.
enum Delivery: Equatable {
    /// The handler returned.
    case handled
    /// This process stops; the message is for another one.
    case interrupted
    /// It cannot be handled.
    case refused(Refusal)
}
