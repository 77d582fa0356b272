import TestSupport
import Testing
import WingmanScheduler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Properties of random recurrences in all zones. The seed is fixed; `WINGMAN_SEED` chooses another one.
@Suite struct PropertyTests {
    static let seed = ProcessInfo.processInfo.environment["WINGMAN_SEED"].flatMap { UInt64($0) } ?? 4

    static func policy(using random: inout SeededGenerator) -> ClockPolicy {
        ClockPolicy(
            gap: GapPolicy.allCases.randomElement(using: &random) ?? .nextTime,
            overlap: OverlapPolicy.allCases.randomElement(using: &random) ?? .first
        )
    }

    @Test("around a change of the clock in every zone, a random expression has what brute force finds")
    func bruteForce() throws {
        var random = SeededGenerator(seed: Self.seed)
        let from = Instant(secondsSince1970: 157_766_400)  // 1975: offsets have no seconds any more
        let to = Instant(secondsSince1970: 2_208_988_800)  // 2040
        var changed = 0
        for name in ZoneLibrary.shared.names() {
            let zone = try Zone(named: name)
            let changes = zone.clockChanges(in: from..<to)
            changed += changes.isEmpty ? 0 : 1
            let middle = changes.randomElement(using: &random)?.instant ?? to
            let minute = middle.secondsSince1970 / 60
            let looked = BruteForce(zone, minutes: (minute - 3_000)..<(minute + 3_000))
            let inner = (minute - 1_300)..<(minute + 1_300)
            for _ in 0..<3 {
                let cron = RandomCron(using: &random)
                let policy = Self.policy(using: &random)
                let expected = looked.occurrences(cron, policy, in: inner)
                let recurrence = try Recurrence(cron.text, zone: zone, policy: policy)
                let (forwards, backwards) = Self.walk(recurrence, minutes: inner)
                #expect(forwards == expected, "\(recurrence) around \(middle)")
                #expect(backwards == expected, "\(recurrence) around \(middle), backwards")
            }
        }
        #expect(changed > 400)
    }

    /// The occurrences within, found by `next` and by `previous`, in minutes.
    private static func walk(_ recurrence: Recurrence, minutes: Range<Int>) -> (forwards: [Int], backwards: [Int]) {
        let start = Instant(secondsSince1970: minutes.lowerBound * 60)
        let end = Instant(secondsSince1970: minutes.upperBound * 60)
        let forwards = recurrence.occurrences(in: start..<end, limit: .max).map { $0.secondsSince1970 / 60 }
        var backwards: [Int] = []
        var before = end
        while let previous = recurrence.previous(before: before), previous >= start {
            backwards.append(previous.secondsSince1970 / 60)
            before = previous
        }
        return (forwards, backwards.reversed())
    }

    static let texts = [
        "30 2 * * *", "*/20 1-3 * * *", "0 0 L * *", "15 3 15W,LW * 5#5", "0 12 29 2 *", "0 0 13 * 5", "0 0 29 2 */3",
        "* * * * * *", "*/7 59 23 31 12 *", "@every 7m", "@every 25h", "every 2 weeks on monday, last friday at 02:30",
        "every month from 2011-01-31T00:30", "every 5 hours minutes 0, 30 on sunday", "every 13 minutes hours 1, 2",
        "every 3 years on yearday 366", "every 40 days at 00:00, 03:00", "every year on day 29 in february at 02:00",
        "dates 2026-03-29T02:30, 2026-10-25T02:30, 2099-01-01",
        "every 90 seconds hours 3; 0 4 * * *; except 2026-07-01",
        "0 1-3 * * *; except every week on sunday hours 2 minutes 0", "30 1 * * 0#1; from 2020-02-02; until 2080-08-08",
        "every day hours 0, 1, 2, 3 minutes 0, 30 from 2001-01-01 count 9999",
    ]

    @Test(
        "occurrences grow, go back the way they came, and are the same from any instant between",
        arguments: Self.texts
    )
    func consistency(text: String) throws {
        var random = SeededGenerator(seed: Self.seed &+ 1)
        let names = ZoneLibrary.shared.names()
        for _ in 0..<40 {
            let zone = try Zone(named: names.randomElement(using: &random) ?? "UTC")
            let recurrence = try Recurrence(text, zone: zone, policy: Self.policy(using: &random))
            let start = Instant(secondsSince1970: Int.random(in: -3_000_000_000...9_000_000_000, using: &random))
            var last = start
            for _ in 0..<12 {
                guard let next = recurrence.next(after: last) else { break }
                #expect(next > last)
                #expect(recurrence.contains(next))
                let between = Int.random(in: last.secondsSince1970..<next.secondsSince1970, using: &random)
                #expect(recurrence.next(after: Instant(secondsSince1970: between)) == next, "\(recurrence)")
                #expect(recurrence.previous(before: Instant(secondsSince1970: next.secondsSince1970 + 1)) == next)
                if last != start { #expect(recurrence.previous(before: next) == last, "\(recurrence)") }
                last = next
            }
        }
    }

    @Test("at the ends of time there is an answer", arguments: Self.texts)
    func ends(text: String) throws {
        for zone in [Zone.utc, try Zone(named: "Pacific/Kiritimati"), try Zone(named: "America/New_York")] {
            let recurrence = try Recurrence(text, zone: zone)
            for seconds in [Int.min, Int.min + 1, -62_135_596_801, 253_402_300_799, Int.max - 1, Int.max] {
                let instant = Instant(secondsSince1970: seconds)
                if let next = recurrence.next(after: instant) { #expect(next > instant && next < .end) }
                if let previous = recurrence.previous(before: instant) {
                    #expect(previous < instant && previous > .beginning)
                }
            }
            #expect(recurrence.next(after: Instant(secondsSince1970: .max)) == nil)
            #expect(recurrence.previous(before: Instant(secondsSince1970: .min)) == nil)
            #expect(recurrence.next(after: .beginning) != nil)
            #expect(recurrence.previous(before: .end) != nil)
        }
    }
}
