import ServiceLifecycle
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Does for messages what ``Record`` does for jobs: `{"client":"recorder","body":{"path":…,"line":…}}`.
struct Recorder: MessageHandler {
    struct Message: Decodable {
        var path: String
        var line: String
        /// How long to wait before the line is written.
        var milliseconds: Int?
    }

    func run() async throws {
        await untilStopped()
    }

    func receive(_ body: [UInt8]) async throws {
        let message = try JSONDecoder().decode(Message.self, from: Data(body))
        if let milliseconds = message.milliseconds {
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
        try LineFile(path: message.path).append(message.line)
    }
}
