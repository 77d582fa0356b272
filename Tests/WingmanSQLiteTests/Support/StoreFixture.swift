import Logging
import StoreTestSupport
import Supervision
import Synchronization
import TestSupport
import Wingman

@testable import WingmanSQLite

/// The store's clock, moved by hand.
final class ManualClock: Sendable {
    private let microseconds: Atomic<Int>

    init(milliseconds: Int = 1_795_000_000_000) {
        self.microseconds = Atomic(milliseconds * 1_000)
    }

    var clock: StoreClock { StoreClock { self.microseconds.load(ordering: .acquiring) } }

    var milliseconds: Int { self.microseconds.load(ordering: .acquiring) / 1_000 }

    func advance(by duration: Duration) {
        self.microseconds.add(Int(duration / .microseconds(1)), ordering: .acquiringAndReleasing)
    }
}

/// A store on a file of its own, with a clock that is moved by hand.
struct StoreFixture: Sendable {
    let directory: TemporaryDirectory
    let clock: ManualClock
    let store: SQLiteStore

    var path: String { self.directory.file("store.db") }

    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    static func with(
        _ options: String = "",
        time: any Timekeeper = TimerThread.shared,
        _ body: (StoreFixture) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("sqlite")
        defer { directory.remove() }
        let clock = ManualClock()
        let address = try SQLiteAddress(url: "sqlite:\(directory.file("store.db"))\(options)")
        let store = SQLiteStore(address, clock: clock.clock, time: time, logger: Self.quiet)
        let fixture = StoreFixture(directory: directory, clock: clock, store: store)
        try await store.open()
        do {
            try await body(fixture)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// Another store object on the same file and clock, as another process has it.
    func another(_ options: String = "") async throws -> StoreFixture {
        let store = try SQLiteStore(url: "sqlite:\(self.path)\(options)", clock: self.clock.clock, logger: Self.quiet)
        try await store.open()
        return StoreFixture(directory: self.directory, clock: self.clock, store: store)
    }
}

extension StoreFixture: StoreOwner {
    /// Lets the time of grace end that a new store begins with.
    func passGrace() async throws {
        let keeper = try await self.register("keeper:0:grace")
        for number in 2...40 {
            self.clock.advance(by: .seconds(10))
            _ = try await self.store.beat(.of(keeper, number: number))
        }
    }

    /// Lets the lease of `process` end while others beat.
    func expire(_ process: ProcessID) async throws {
        try await self.store.write { transaction in
            let now = transaction.now.milliseconds
            try transaction.database.run("UPDATE processes SET moment = ? WHERE name = ?", now - 1, process.rawValue)
            try transaction.database.run("UPDATE clock SET grace = 0, last = ?", now)
        }
    }

    /// What is in a place, the next to run first.
    func texts(_ place: Place) async throws -> [String] {
        try await self.store.entries(in: place, from: 0, limit: 1_000).map {
            String(decoding: $0.payload, as: UTF8.self)
        }
    }
}
