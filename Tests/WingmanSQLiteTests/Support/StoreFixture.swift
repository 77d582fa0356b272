import Logging
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

    static func with(_ options: String = "", _ body: (StoreFixture) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("sqlite")
        defer { directory.remove() }
        let clock = ManualClock()
        let url = "sqlite:\(directory.file("store.db"))\(options)"
        let store = try SQLiteStore(url: url, clock: clock.clock, logger: Self.quiet)
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

extension StoreFixture {
    /// Registers a process whose lease lasts ten minutes.
    @discardableResult
    func register(_ name: String, lease: Duration = .seconds(600)) async throws -> ProcessID {
        let process = ProcessID(rawValue: name)
        let reply = try await self.store.beat(.of(process, .register, number: 1, lease: lease))
        guard case .alive = reply else { throw TestSupportError.process("\(name) was refused") }
        return process
    }

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

    func push(_ payloads: String..., to queue: String = "default") async throws {
        try await self.store.enqueue(payloads.map { PushedJob(queue: queue, payload: Array($0.utf8)) })
    }

    /// What is in a place, the next to run first.
    func texts(_ place: Place) async throws -> [String] {
        try await self.store.entries(in: place, from: 0, limit: 1_000).map {
            String(decoding: $0.payload, as: UTF8.self)
        }
    }

    /// One step, which has to be done.
    func done(
        _ process: ProcessID,
        _ number: Int,
        settle settlements: [Settlement] = [],
        claim: Int = 0,
        from sources: [Source] = [.queue("default")],
        lane: Int = 1
    ) async throws -> (answers: [SettleAnswer], claimed: [Claimed], leaseExpired: Bool) {
        let reply = try await self.step(process, number, settle: settlements, claim: claim, from: sources, lane: lane)
        guard case .done(let answers, let claimed, let expired) = reply else {
            throw TestSupportError.process("the step was answered \(reply)")
        }
        return (answers, claimed, expired)
    }

    func step(
        _ process: ProcessID,
        _ number: Int,
        settle settlements: [Settlement] = [],
        claim: Int = 0,
        from sources: [Source] = [.queue("default")],
        lane: Int = 1
    ) async throws -> StepReply {
        try await self.store.step(
            Step(
                process: process,
                lane: lane,
                number: number,
                settlements: settlements,
                claim: claim,
                sources: sources
            )
        )
    }
}

extension Beat {
    static func of(
        _ process: ProcessID,
        _ kind: Kind = .renew,
        number: Int,
        lease: Duration = .seconds(600),
        work: [Work] = [],
        executions: [ExecutionMetric] = []
    ) -> Beat {
        Beat(
            process: process,
            kind: kind,
            number: number,
            lease: lease,
            info: #"{"hostname":"test"}"#,
            concurrency: 5,
            isQuiet: false,
            residentKiB: 1_000,
            roundTripMicroseconds: 200,
            work: work,
            executions: executions
        )
    }
}

extension BeatReply {
    var isAlive: Bool {
        if case .alive = self { return true }
        return false
    }

    var signals: [String] {
        if case .alive(_, let signals) = self { return signals }
        return []
    }

    var lanes: [Int: Int] {
        if case .alive(let lanes, _) = self { return lanes }
        return [:]
    }
}

extension Claimed {
    var text: String { String(decoding: self.payload, as: UTF8.self) }

    func settled(_ disposition: Disposition = .done, _ tally: Tally = .processed, _ effects: [Effect] = [])
        -> Settlement
    {
        Settlement(token: self.token, disposition: disposition, tally: tally, effects: effects)
    }
}

extension StepReply {
    var isFenced: Bool {
        if case .fenced = self { return true }
        return false
    }

    var gap: Int? {
        if case .gap(let last) = self { return last }
        return nil
    }
}

extension SettleAnswer {
    var isFailure: Bool {
        if case .failed = self { return true }
        return false
    }
}

/// The bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
