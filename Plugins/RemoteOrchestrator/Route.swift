import ServiceLifecycle
import Supervision
import Wingman

/// The way from a client's name to the service that runs under it right now.
struct Route: Sendable {
    let client: String
    let environment: ServiceEnvironment

    /// How often a restarting service is looked for.
    private static let interval: Duration = .milliseconds(50)

    /// The handler, waiting for it while it is being restarted.
    ///
    /// - Throws: A ``Refusal`` if no service has the name, if the service takes no messages, or if it did not come back in
    ///   time; `CancellationError` if the process stops meanwhile.
    func handler(within timeout: Duration) async throws -> any MessageHandler {
        let services = self.environment.services
        guard services.isDeclared(self.client) else {
            throw Refusal(.unknownClient, "no service of this program has the name of the client")
        }
        let deadline = self.environment.time.now + timeout
        while true {
            if let service = services.current(self.client) {
                guard let handler = service as? any MessageHandler else {
                    throw Refusal(.notAHandler, "the service takes no messages: it is no MessageHandler")
                }
                return handler
            }
            if Task.isShuttingDownGracefully { throw CancellationError() }
            guard self.environment.time.now < deadline else {
                throw Refusal(.unavailable, "the service did not run for \(timeout): restarting or parked")
            }
            try await self.environment.time.sleep(for: Self.interval)
        }
    }
}
