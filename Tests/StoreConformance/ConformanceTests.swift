import Testing
import WingmanTesting

/// The suite, unchanged, on every store of ours.
@Suite("Conformance of the store in memory", .serialized)
struct MemoryConformance {
    @Test("MemoryStore", arguments: StoreConformance.checks)
    func check(_ check: StoreConformance.Check) async throws {
        try await check.run(on: MemoryFixture())
    }
}

@Suite("Conformance of Redis", .serialized)
struct RedisConformance {
    /// One server for all checks; it ends with this process.
    private static let fixture = Task { try await RedisFixture.start() }

    @Test("RedisStore", arguments: StoreConformance.checks)
    func check(_ check: StoreConformance.Check) async throws {
        try await check.run(on: try await Self.fixture.value)
    }
}

@Suite("Conformance of SQLite", .serialized)
struct SQLiteConformance {
    private static let fixture = Result { try SQLiteFixture(options: SQLiteFixture.fast) }

    @Test("SQLiteStore", arguments: StoreConformance.checks)
    func check(_ check: StoreConformance.Check) async throws {
        try await check.run(on: try Self.fixture.get())
    }
}
