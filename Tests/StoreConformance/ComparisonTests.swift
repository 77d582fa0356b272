import Foundation
import Testing
import WingmanTesting

/// Which random sequences are run, and on what.
///
/// `WINGMAN_CONFORMANCE_SEED=n` replays one, `WINGMAN_CONFORMANCE_SEQUENCES=n` (10,000 for the full run) and
/// `WINGMAN_CONFORMANCE_FIRST=n` say how many and from which seed on; `WINGMAN_CONFORMANCE_STORES=redis` or `sqlite`
/// compares one of them alone with the store in memory.
private enum Chosen {
    private static func text(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["WINGMAN_CONFORMANCE_\(name)"]
    }

    private static func number(_ name: String) -> UInt64? { Self.text(name).flatMap { UInt64($0) } }

    static let isFull = Self.number("SEED") == nil && Self.number("SEQUENCES") ?? 25 >= 25

    static func seeds(usually count: UInt64) -> ClosedRange<UInt64> {
        if let seed = Self.number("SEED") { return seed...seed }
        let first = Self.number("FIRST") ?? 1
        return first...(first + max(1, Self.number("SEQUENCES") ?? count) - 1)
    }

    static func comparison() async throws -> StoreComparison {
        let fast = SQLiteFixture.fast
        return switch Self.text("STORES") {
        case "redis": StoreComparison(try await RedisFixture.start())
        case "sqlite": StoreComparison(try SQLiteFixture(options: fast))
        default: StoreComparison(try await RedisFixture.start(), try SQLiteFixture(options: fast))
        }
    }
}

@Suite("Random sequences on several stores", .serialized)
struct ComparisonTests {
    /// What the sequences have to meet, or they prove nothing.
    private static let events = [
        "repeated step", "step refused", "lost reply", "stale", "failed", "lease expired", "rescued", "fenced",
        "suspect claimed", "promoted", "late request", "change refused", "change failed",
        "departed",
    ]

    @Test("Redis and SQLite answer and hold what the store in memory does")
    func all() async throws {
        let met = try await Chosen.comparison().run(seeds: Chosen.seeds(usually: 25))
        guard Chosen.isFull else { return }
        for event in Self.events { #expect(met[event, default: 0] > 0, "never seen: \(event)") }
    }
}
