import Foundation
import Testing
import WingmanTesting

/// How many random sequences are run. `WINGMAN_CONFORMANCE_SEED=n` replays one, `WINGMAN_CONFORMANCE_SEQUENCES=n` (10,000
/// for the full run) and `WINGMAN_CONFORMANCE_FIRST=n` say how many and from which seed on.
private enum Seeds {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment["WINGMAN_CONFORMANCE_\(name)"].flatMap { UInt64($0) }
    }

    static func chosen(usually count: UInt64) -> ClosedRange<UInt64> {
        if let seed = Self.number("SEED") { return seed...seed }
        let first = Self.number("FIRST") ?? 1
        return first...(first + max(1, Self.number("SEQUENCES") ?? count) - 1)
    }
}

@Suite("Random sequences on several stores", .serialized)
struct ComparisonTests {
    @Test("Redis and SQLite answer and hold what the store in memory does")
    func all() async throws {
        let comparison = StoreComparison(try await RedisFixture.start(), try SQLiteFixture(options: Self.fast))
        let met = try await comparison.run(seeds: Seeds.chosen(usually: 40))
        print(met.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))
    }

    private static let fast = "?synchronous=normal"
}
