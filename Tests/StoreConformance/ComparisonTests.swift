import Foundation
import Synchronization
import Testing
import WingmanTesting

/// Which random sequences are run, and on what.
///
/// `WINGMAN_CONFORMANCE_SEED=n` replays one, with a look after each operation; `WINGMAN_CONFORMANCE_SEQUENCES=n` and
/// `WINGMAN_CONFORMANCE_FIRST=n` say how many and from which seed on (`Scripts/conformance` runs 10,000), and
/// `WINGMAN_CONFORMANCE_LANES=n` how many at a time; `WINGMAN_CONFORMANCE_STORES=redis` or `sqlite` compares one of them
/// alone with the store in memory.
private enum Chosen {
    private static func text(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["WINGMAN_CONFORMANCE_\(name)"]
    }

    private static func number(_ name: String) -> UInt64? { Self.text(name).flatMap { UInt64($0) } }

    private static let usual: UInt64 = 60
    static let isReplay = Self.number("SEED") != nil
    static let isFull = !Self.isReplay && Self.number("SEQUENCES") ?? Self.usual >= 25

    static let seeds: ClosedRange<UInt64> = {
        if let seed = Self.number("SEED") { return seed...seed }
        let first = Self.number("FIRST") ?? 1
        return first...(first + max(1, Self.number("SEQUENCES") ?? Self.usual) - 1)
    }()

    /// How many sequences run at a time, each on stores of its own.
    static let lanes: Int = {
        let most = Self.number("LANES").map { Int(clamping: $0) } ?? ProcessInfo.processInfo.activeProcessorCount
        return max(1, min(most, Self.seeds.count))
    }()

    static func comparison() async throws -> StoreComparison {
        let fast = SQLiteFixture.fast
        let often = Self.isReplay
        return switch Self.text("STORES") {
        case "redis": StoreComparison(try await RedisFixture.start(), looksOften: often)
        case "sqlite": StoreComparison(try SQLiteFixture(options: fast), looksOften: often)
        default:
            StoreComparison(try await RedisFixture.start(), try SQLiteFixture(options: fast), looksOften: often)
        }
    }
}

/// The next seed for whichever lane is free; says now and then how far they are.
private final class Seeds: Sendable {
    private let next = Mutex(Chosen.seeds.lowerBound)
    private static let saidEvery = 100

    func take() -> UInt64? {
        let seed = self.next.withLock { next in
            defer { next += 1 }
            return next
        }
        guard seed <= Chosen.seeds.upperBound else { return nil }
        let begun = Int(seed - Chosen.seeds.lowerBound)
        if begun > 0, begun.isMultiple(of: Self.saidEvery) { print("\(begun) of \(Chosen.seeds.count) sequences") }
        return seed
    }
}

@Suite("Random sequences on several stores", .serialized)
struct ComparisonTests {
    /// What the sequences have to meet, or they prove nothing.
    private static let events = [
        "repeated step", "step refused", "lost reply", "stale", "failed", "lease expired", "rescued", "fenced",
        "suspect claimed", "promoted", "late request", "change refused", "change failed", "departed",
    ]

    @Test("Redis and SQLite answer and hold what the store in memory does")
    func all() async throws {
        let seeds = Seeds()
        let met = try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for _ in 0..<Chosen.lanes { group.addTask { try await Self.lane(seeds) } }
            return try await group.reduce(into: [:]) { $0.merge($1) { $0 + $1 } }
        }
        guard Chosen.isFull else { return }
        for event in Self.events { #expect(met[event, default: 0] > 0, "never seen: \(event)") }
    }

    private static func lane(_ seeds: Seeds) async throws -> [String: Int] {
        let comparison = try await Chosen.comparison()
        var met: [String: Int] = [:]
        while !Task.isCancelled, let seed = seeds.take() {
            met.merge(try await comparison.run(seed: seed)) { $0 + $1 }
        }
        return met
    }
}
