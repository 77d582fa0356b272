import Logging
import Supervision
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanTesting

/// One after the other: they share a server.
@Suite("Inboxes and stores", .serialized)
enum InboxOnStores {}

/// The stores that an inbox is tested on.
enum InboxStores: String, CaseIterable {
    case memory
    case redis
    case sqlite

    /// One server for all tests; it ends with this process.
    private static let redisFixture = Task { try await RedisFixture.start() }

    private func fixture() async throws -> any StoreFixture {
        switch self {
        case .memory: MemoryFixture()
        case .redis: try await Self.redisFixture.value
        case .sqlite: try SQLiteFixture(options: SQLiteFixture.fast)
        }
    }

    /// Runs `body` on an empty store. The keeper beats, so that the store is never in an outage.
    func run(_ body: (Bench, BenchWorker) async throws -> Void) async throws {
        let fixture = try await self.fixture()
        try await fixture.reset()
        let bench = Bench(fixture: fixture, store: try await fixture.open())
        do {
            let keeper = try await bench.worker("keeper:1:a")
            // The time of grace that a new store begins with.
            try await bench.expireAll(but: keeper)
            try await body(bench, keeper)
        } catch {
            await bench.store.close()
            throw error
        }
        await bench.store.close()
    }
}

/// A process that takes messages, beating by hand.
struct InboxProcess: Sendable {
    let life = ProcessLife()
    let environment: ServiceEnvironment

    private init(store: any Store, time: any Timekeeper = TimerThread.shared) {
        let logger = Logger(label: "inbox", factory: { _ in SwiftLogNoOpLogHandler() })
        let host = ServiceEnvironment(
            logger: logger,
            client: Client(store: store),
            services: ServiceDirectory(declared: ["mailer"], registry: ServiceRegistry(time: time)),
            values: SharedValues(),
            time: time,
            store: store,
            life: self.life,
            suspects: SuspectGuard(
                store: store,
                life: self.life,
                time: time,
                executor: time.executor,
                logger: logger
            )
        )
        self.environment = host.owned(by: "tests")
    }

    /// A process with a lease.
    static func start(on store: any Store) async throws -> InboxProcess {
        let process = InboxProcess(store: store)
        try await process.register()
        return process
    }

    /// Takes a lease for the present incarnation.
    func register() async throws {
        let incarnation = self.life.candidate
        try await BenchWorker(incarnation.process.rawValue, store: self.environment.store).register()
        self.life.confirm(incarnation, until: self.environment.time.now + .seconds(3_600))
    }

    /// The owner of an inbox, in a task of its own.
    func own<Value: Sendable>(
        _ lists: [String],
        _ body: @escaping @Sendable (Inbox) async throws -> Value
    ) -> Task<Value, any Error> {
        let environment = self.environment
        return Task { try await body(environment.inbox(lists: lists)) }
    }
}

extension Bench {
    /// Adds messages behind all others of a list.
    func send(_ messages: [String], to list: String) async throws {
        _ = try await self.store.apply(Change(messages.map { .append(list: list, payload: $0.bytes) }))
    }

    /// The messages of a list, those that are next first.
    func list(_ list: String) async throws -> [String] {
        try await self.store.entries(in: .list(list), from: 0, limit: 10_000).map(\.payload.text)
    }

    /// Everybody but the keeper dies.
    func killAll(but keeper: BenchWorker) async throws {
        try await self.expireAll(but: keeper)
        try await self.rescueAll()
    }
}

extension Inbox.Message {
    var text: String { self.body.text }
}
