import TestSupport
import Testing
import WingmanScheduler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `Fixtures/zones.tsv`, made by `Fixtures/zones.py`.
enum ZoneReference {
    /// The same as in the script, in its order.
    static let expressions = [
        "0 0 * * *", "30 0 * * *", "15 1 * * *", "30 1 * * *", "0 2 * * *", "30 2 * * *", "0,15,30,45 2 * * *",
        "0 3 * * *", "30 3 * * 0", "59 23 * * *", "0 0-4 * * 0,1", "0 * * * *", "*/30 0-3 * * *", "0 */2 * * *",
        "30 4 1,15 * 5", "30 2 */2 * 5", "0 0 29 2 *", "30 1 L * *", "0 9 * * 1-5", "0 22-2 * * 5-1",
    ]

    struct Line: Sendable, CustomTestStringConvertible {
        let digests: [String]
        let zones: [String]
        var testDescription: String { self.zones[0] }
    }

    private static let text = (try? Fixture.lines("zones.tsv")) ?? []

    static var hasSameDatabase: Bool {
        let table = FileManager.default.contents(atPath: "/usr/share/zoneinfo/tzdata.zi") ?? Data()
        return String(decoding: table.prefix(100), as: UTF8.self).hasPrefix((self.text.first ?? "none") + "\n")
    }

    static let lines: [Line] = Self.text.dropFirst().map { line in
        let columns = line.split(separator: "\t").map(String.init)
        return Line(digests: Array(columns.prefix(4)), zones: columns[4].split(separator: " ").map(String.init))
    }

    /// One line for each kind of ten years: the difficult ones and a few others, or all if `WINGMAN_ALL_ZONES` is set.
    static var sample: [Line] {
        var seen: Set<[String]> = []
        let kinds = self.lines.filter { seen.insert(Array($0.digests.prefix(3))).inserted }
        if ProcessInfo.processInfo.environment["WINGMAN_ALL_ZONES"] != nil { return kinds }
        let difficult = ["Australia/Lord_Howe", "Antarctica/Troll", "America/Santiago", "Africa/Casablanca"]
        var random = SeededGenerator(seed: 3)
        let others = kinds.filter { line in !line.zones.contains(where: difficult.contains) }
        return kinds.filter { line in line.zones.contains(where: difficult.contains) }
            + others.shuffled(using: &random).prefix(4)
    }
}

/// Every zone against Python's zoneinfo.
///
/// The fixture is true for one version of the time zone database; on a machine with another one these tests are skipped.
/// Ten years of twenty expressions are walked in a sample of the zones, or in all kinds if `WINGMAN_ALL_ZONES` is set.
@Suite(.enabled(if: ZoneReference.hasSameDatabase, "the fixture is of another version of the time zone database"))
struct ZoneReferenceTests {
    @Test("every zone has the right offset at some hundred instants from 1902 to 9000")
    func offsets() throws {
        let names = ZoneReference.lines.flatMap(\.zones)
        #expect(names.count > 590)
        #expect(Set(names).isSubset(of: ZoneLibrary.shared.names()))
        for line in ZoneReference.lines {
            for name in line.zones {
                let zone = try Zone(named: name)
                var digest = Digest()
                for instant in stride(from: -2_145_916_800, to: 221_845_392_000, by: 714_285_714) {
                    digest.add(zone.offset(at: Instant(secondsSince1970: instant)))
                }
                #expect(digest.text == line.digests[3], "\(name)")
            }
        }
    }

    @Test("ten years of twenty expressions are as Python has them", arguments: ZoneReference.sample)
    func tenYears(_ line: ZoneReference.Line) throws {
        let zone = try Zone(named: line.zones[0])
        let policies = [
            ClockPolicy(), ClockPolicy(gap: .preserving, overlap: .last), ClockPolicy(gap: .strict, overlap: .both),
        ]
        for (policy, expected) in zip(policies, line.digests) {
            var digest = Digest()
            for expression in ZoneReference.expressions {
                // What follows real time does so under every policy: its hundred thousands are walked once.
                let isInterval = expression.hasPrefix("*") || expression.hasPrefix("0 *")
                if isInterval && policy != ClockPolicy() { continue }
                let recurrence = try Recurrence(expression, zone: zone, policy: policy)
                var last = Instant(secondsSince1970: 1_767_225_599)
                let end = Instant(secondsSince1970: 2_082_758_400)
                while let next = recurrence.next(after: last), next < end {
                    guard next > last else {
                        Issue.record("\(next) does not come after \(last)")
                        return
                    }
                    digest.add(next.secondsSince1970)
                    last = next
                }
            }
            #expect(digest.text == expected, "\(policy)")
        }
    }
}

/// The script's digest: order counts, and nothing is small.
private struct Digest {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ number: Int) {
        self.value = self.value &* 1_099_511_628_211 &+ UInt64(bitPattern: Int64(number))
    }

    var text: String {
        let text = String(self.value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
