import Testing

@testable import WingmanScheduler

@Suite("An interval")
struct IntervalTests {
    @Test(
        "finds the first occurrence after an instant, anchored to 1970",
        arguments: [
            (Interval.seconds(1), 0, 1_000),
            (.seconds(1), 999, 1_000),
            (.seconds(1), 1_000, 2_000),
            (.seconds(7), 1_000, 7_000),
            (.minutes(5), 1_700_000_000_000, 1_700_000_100_000),
            (.hours(1), 3_599_999, 3_600_000),
            (.days(1), 86_400_000, 172_800_000),
            (.seconds(10), -1, 0),
            (.seconds(10), -10_000, 0),
            (.seconds(10), -10_001, -10_000),
        ]
    )
    func occurrences(interval: Interval, instant: Int, expected: Int) {
        #expect(interval.occurrence(after: instant) == expected)
    }

    @Test(
        "never traps, whatever the numbers",
        arguments: [Interval.seconds(0), .seconds(-5), .hours(.max), .seconds(.min), .days(366)],
        [Int.min, -1, 0, 1, Int.max]
    )
    func extremes(interval: Interval, instant: Int) {
        #expect(interval.occurrence(after: instant) > instant || interval.occurrence(after: instant) == .max)
    }

    @Test(
        "is known by its length in seconds",
        arguments: [(Interval.seconds(90), "90s"), (.minutes(5), "300s"), (.hours(2), "7200s"), (.days(1), "86400s")]
    )
    func description(interval: Interval, expected: String) {
        #expect(interval.description == expected)
    }
}
