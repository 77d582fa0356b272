import Foundation
import Logging
import Synchronization
import TestSupport
import Wingman
import WingmanTesting

@testable import WingmanSQLite

/// Stores on a file of their own, on a clock that stands until it is put forward.
final class SQLiteFixture: StoreFixture {
    fileprivate struct State {
        /// Microseconds since 1970.
        var now = 1_800_000_000_000_000
        var files = 0
        /// Those of the current file.
        var stores: [SQLiteStore] = []
    }

    /// The many writes of the suite need not survive a power cut; what does, WingmanSQLiteTests show.
    static let fast = "?synchronous=normal"

    private let directory: TemporaryDirectory
    private let options: String
    fileprivate let state = Mutex(State())

    /// - Parameter options: Of the URL.
    init(options: String) throws {
        self.directory = try TemporaryDirectory("sqlite")
        self.options = options
    }

    deinit { self.directory.remove() }

    func open() async throws -> any Store {
        let logger = Logger(label: "conformance", factory: { _ in SwiftLogNoOpLogHandler() })
        let path = "\(self.folder(self.state.withLock { $0.files }))/store.db"
        let clock = StoreClock { [self] in self.state.withLock { $0.now } }
        let store = try SQLiteStore(url: "sqlite:\(path)\(self.options)", clock: clock, logger: logger)
        try await store.open()
        self.state.withLock { $0.stores.append(store) }
        return store
    }

    /// Another file; ten thousand of them would be a gigabyte.
    func reset() async throws {
        let last = self.state.withLock { state in
            defer { state.files += 1 }
            state.stores = []
            return state.files
        }
        // There is none before the first; what is open still goes on without its name.
        try? FileManager.default.removeItem(atPath: self.folder(last))
    }

    private func folder(_ number: Int) -> String { self.directory.file("\(number)") }

    func advance(by duration: Duration) async throws {
        self.state.withLock { $0.now += Int((duration / .microseconds(1)).rounded()) }
    }
}

/// What goes wrong with a file, by SQLite's own means: no disk has to fill up, and nobody has to be root.
extension SQLiteFixture {
    /// Pages of 4 KiB that a full file still takes: what beats and steps need, which reuse what is free.
    private static let roomWhenFull = 40

    func provoke(_ fault: StoreFault) async throws -> Bool {
        switch fault {
        case .full: try await self.limitPages()
        case .unwritable(let place): try await self.refuse(place)
        }
        return true
    }

    func relieve(_ fault: StoreFault) async throws {
        switch fault {
        case .full: try await self.eachStore { try $0.database.execute("PRAGMA max_page_count = 1073741823") }
        case .unwritable:
            try await self.firstStore { transaction in
                try transaction.database.execute(
                    """
                    DROP TRIGGER IF EXISTS refuse_timed; DROP TRIGGER IF EXISTS refuse_jobs; DROP TABLE IF EXISTS refused
                    """
                )
            }
        }
    }

    private func limitPages() async throws {
        try await self.eachStore { transaction in
            let pages = try transaction.database.row("PRAGMA page_count") { $0.int(0) } ?? 0
            try transaction.database.execute("PRAGMA max_page_count = \(pages + Self.roomWhenFull)")
        }
    }

    private func refuse(_ place: Place) async throws {
        try await self.firstStore { transaction in
            try transaction.database.execute(
                """
                CREATE TABLE refused (name TEXT NOT NULL);
                CREATE TRIGGER refuse_timed BEFORE INSERT ON timed WHEN NEW.place IN (SELECT name FROM refused)
                BEGIN SELECT RAISE(ABORT, 'this place cannot be written'); END;
                CREATE TRIGGER refuse_jobs BEFORE INSERT ON jobs
                WHEN NEW.id >> 43 IN (SELECT id FROM sources WHERE name IN (SELECT name FROM refused))
                BEGIN SELECT RAISE(ABORT, 'this place cannot be written'); END;
                """
            )
            try transaction.database.run("INSERT INTO refused (name) VALUES (?)", place.nameInFile)
        }
    }

    private func firstStore(_ body: @escaping @Sendable (Transaction) throws -> Void) async throws {
        let store = self.state.withLock { state in state.stores.first }
        try await store?.write(.life, rows: 1, body)
    }

    /// A limit is the connection's own.
    private func eachStore(_ body: @escaping @Sendable (Transaction) throws -> Void) async throws {
        for store in self.state.withLock({ $0.stores }) { try await store.write(.life, rows: 1, body) }
    }
}

extension Place {
    /// As the schema has it, written down a second time on purpose.
    fileprivate var nameInFile: String {
        switch self {
        case .queue(let name): "queue:\(name)"
        case .list(let key): key
        case .retry: "retry"
        case .schedule: "schedule"
        case .later(let list): "later:\(list)"
        case .dead: "dead"
        case .quarantine: "quarantine"
        }
    }
}
