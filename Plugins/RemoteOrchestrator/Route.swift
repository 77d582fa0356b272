import ServiceLifecycle
import Supervision
import Wingman

/// The way from a client's name to the service that runs under it right now.
struct Route: Sendable {
    let client: String
    let services: ServiceDirectory

    /// Hands `body` to the service, waiting for it while it is being restarted.
    ///
    /// - Throws: A ``Refusal`` if no service has the name, if the service takes no messages, or if it did not come back
    ///   within `timeout`; `CancellationError` if the process stops meanwhile; whatever the handler throws.
    func deliver(_ body: [UInt8], within timeout: Duration) async throws {
        guard self.services.isDeclared(self.client) else {
            throw Refusal(.unknownClient, "no service of this program has the name of the client")
        }
        do {
            try await self.services.wait(for: self.client, within: timeout)
            try await self.services.withService(named: self.client, as: (any MessageHandler).self) { handler in
                try await handler.receive(body)
            }
        } catch let error as RegistryError where error.name == self.client {
            switch error.reason {
            case .wrongType:
                throw Refusal(.notAHandler, "the service takes no messages: it is no MessageHandler")
            case .unavailable, .deadline, .removed:
                // A process that stops proves nothing: the service may run in another one.
                if Task.isShuttingDownGracefully { throw CancellationError() }
                throw Refusal(.unavailable, "the service did not run for \(timeout): restarting or parked")
            }
        }
    }
}
