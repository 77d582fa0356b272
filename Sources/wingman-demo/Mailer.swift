import Logging
import ServiceLifecycle
import Synchronization
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An always-on service, and the receiver of the messages that the orchestrator finds for `mailer`.
///
/// A service is any `Service` of swift-service-lifecycle: `run()` goes on until the process stops, then returns.
final class Mailer: MessageHandler {
    struct Mail: Decodable {
        var to: String
        var subject: String
    }

    private let relay: String
    private let sent = Atomic<Int>(0)

    init(relay: String) {
        self.relay = relay
    }

    func run() async throws {
        Console.say("mailer     ready, relay \(self.relay)")
        await untilStopped()
        Console.say("mailer     stops after \(self.sent.load(ordering: .relaxed)) mails")
    }

    /// Returning acknowledges the message; throwing sends it to the dead-letter list with the error.
    func receive(_ body: [UInt8]) async throws {
        let mail = try JSONDecoder().decode(Mail.self, from: Data(body))
        let count = self.sent.add(1, ordering: .relaxed).newValue
        Console.say("mailer     mail \(count) to \(mail.to): \(mail.subject)")
    }
}
