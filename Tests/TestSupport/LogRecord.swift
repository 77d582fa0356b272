public import Logging
import Synchronization

/// What was logged, for tests.
public final class LogRecord: Sendable {
    private let lines = Mutex<[String]>([])

    /// Nothing yet.
    public init() {}

    /// The messages, in order.
    public var messages: [String] { self.lines.withLock { $0 } }

    /// Writes here.
    public var handler: any LogHandler { Handler(record: self) }

    private struct Handler: LogHandler {
        let record: LogRecord
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.record.lines.withLock { $0.append("\(event.message)") }
        }
    }
}
