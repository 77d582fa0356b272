import Logging
import Synchronization
import TestSupport
import Wingman
import WingmanSQLite
import WingmanTesting

/// Stores on a file of their own, on a clock that stands until it is put forward.
final class SQLiteFixture: StoreFixture {
    private struct State {
        /// Microseconds since 1970.
        var now = 1_800_000_000_000_000
        var files = 0
    }

    /// The many writes of the suite need not survive a power cut; what does, WingmanSQLiteTests show.
    static let fast = "?synchronous=normal"

    private let directory: TemporaryDirectory
    private let options: String
    private let state = Mutex(State())

    /// - Parameter options: Of the URL.
    init(options: String) throws {
        self.directory = try TemporaryDirectory("sqlite")
        self.options = options
    }

    deinit { self.directory.remove() }

    func open() async throws -> any Store {
        let logger = Logger(label: "conformance", factory: { _ in SwiftLogNoOpLogHandler() })
        let path = self.directory.file("store\(self.state.withLock { $0.files }).db")
        let clock = StoreClock { [self] in self.state.withLock { $0.now } }
        let store = try SQLiteStore(url: "sqlite:\(path)\(self.options)", clock: clock, logger: logger)
        try await store.open()
        return store
    }

    /// Another file.
    func reset() async throws { self.state.withLock { $0.files += 1 } }

    func advance(by duration: Duration) async throws {
        self.state.withLock { $0.now += Int((duration / .microseconds(1)).rounded()) }
    }
}
