import Testing
import WingmanScheduler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Rules as Swift, against ice_cube's facts and python-dateutil.
@Suite struct RuleTests {
    /// `Fixtures/rules.tsv`, made by `Fixtures/rules.py`.
    @Test("rules have the occurrences that python-dateutil gives them")
    func reference() throws {
        let lines = try Fixture.lines("rules.tsv")
        #expect(lines.count == 41)
        for line in lines {
            let columns = line.split(separator: "\t").map(String.init)
            let recurrence = try Recurrence(columns[0])
            #expect(try Recurrence(recurrence.description) == recurrence)
            let expected = try columns.dropFirst().map { try #require(Instant("\($0)Z")) }
            let found = recurrence.occurrences(in: .beginning ..< .end, limit: expected.count)
            #expect(found == expected, "\(columns[0])")
            let last = try #require(expected.last)
            #expect(Self.backwards(recurrence, from: last, expected.count - 1) == expected.dropLast().reversed())
        }
    }

    @Test("the builder writes the same rule as the text")
    func builder() throws {
        let rule = Every(2, .weeks).on(.monday, .last(.friday)).at("09:00", "17:30").from("2026-01-05").count(7)
            .or(Every(1, .months).on(.lastDay).in(.march, .june).at("18:00"))
            .plus("2026-12-24T08:00").except("2026-12-25", "2026-06-30T18:00")
            .except(Every(1, .years).in(.may).on(.day(1)).at("09:00"))
        let text = """
            every 2 weeks on monday, last friday at 09:00, 17:30 from 2026-01-05 count 7 Europe/Berlin; \
            every month on last day in march, june at 18:00; dates 2026-12-24T08:00; \
            except every year on day 1 in may at 09:00; except 2026-12-25, 2026-06-30T18:00
            """
        let recurrence = try Recurrence(rule, zone: Zone(named: "Europe/Berlin"))
        #expect(recurrence.description == text)
        #expect(try Recurrence(text) == recurrence)
    }

    @Test(
        "what is smaller than the unit and not given is the anchor's, and a short month has the anchor's day at its end"
    )
    func inheritance() throws {
        #expect(
            try Self.first(Every(1, .months).from("2026-01-31T08:15"), 4)
                == instants("2026-01-31T08:15Z 02-28T08:15Z 03-31T08:15Z 04-30T08:15Z")
        )
        #expect(
            try Self.first(Every(1, .months).on(.day(31)).from("2026-01-31T08:15"), 3)
                == instants("2026-01-31T08:15Z 03-31T08:15Z 05-31T08:15Z")
        )
        #expect(
            try Self.first(Every(1, .years).from("2028-02-29"), 3)
                == instants("2028-02-29T00:00Z 2029-02-28T00:00Z 2030-02-28T00:00Z")
        )
        #expect(try Self.first(Every(1, .weeks), 1) == instants("2010-01-01T00:00Z"))
    }

    @Test("intervals are counted from the anchor, whenever one asks")
    func phase() throws {
        let rule = try Recurrence(Every(7, .minutes))
        for start in stride(from: 1_800_000_000, to: 1_800_100_000, by: 1_111) {
            let next = try #require(rule.next(after: Instant(secondsSince1970: start)))
            #expect((next.secondsSince1970 - 1_262_304_000) % 420 == 0)
        }
    }

    @Test("rules of hours count time as it passes, rules of days the calendar")
    func realTime() throws {
        let zone = try Zone(named: "America/New_York")
        let hours = try Recurrence(Every(2, .hours).from("2026-03-07T00:00"), zone: zone)
        let found = try upcoming(hours, after: "2026-03-07T23:00", 3)
        #expect(try found == instants("2026-03-08T05:00Z 07:00Z 09:00Z"))
        let days = try Recurrence(Every(1, .days).at("02:30").from("2026-03-07"), zone: zone)
        #expect(try upcoming(days, after: "2026-03-07T12:00", 2) == instants("2026-03-08T07:00Z 09T06:30Z"))
    }

    @Test("count and until are inclusive, and count includes what is excepted")
    func bounds() throws {
        let counted = Every(1, .days).at("09:00").from("2026-01-01").count(3).except("2026-01-02")
        #expect(try Self.first(counted, 9) == instants("2026-01-01T09:00Z 03T09:00Z"))
        let bounded = Every(1, .days).at("09:00").from("2026-01-01").until("2026-01-02T09:00")
        #expect(try Self.first(bounded, 9) == instants("2026-01-01T09:00Z 02T09:00Z"))
        let whole = Every(12, .hours).from("2026-01-01").until("2026-01-02")
        #expect(try Self.first(whole, 9) == instants("2026-01-01T00:00Z 12:00Z 02T00:00Z 12:00Z"))
        let cron = try Recurrence("0 9 * * *; from 2026-01-01; count 2; except 2026-01-01")
        #expect(try cron.occurrences(in: .beginning ..< .end, limit: 9) == instants("2026-01-02T09:00Z 03T09:00Z"))
        #expect(cron.previous(before: .end) == Instant("2026-01-03T09:00Z"))
    }

    @Test("an excepted time is also left out where the change of the clock has moved it")
    func exceptedGap() throws {
        let text = "30 2 * * * America/New_York; except 2026-03-08T02:30"
        #expect(try upcoming(Recurrence(text), after: "2026-03-07T12:00", 1) == instants("2026-03-09T06:30Z"))
        let day = "*/1 * * * * * America/New_York; except 2026-03-08"
        #expect(try upcoming(Recurrence(day), after: "2026-03-07T23:59:59", 1) == instants("2026-03-09T04:00Z"))
    }

    @Test("a recurrence knows its first and last occurrence, and whether it occurs on a day")
    func questions() throws {
        let rule = try Recurrence(
            Every(1, .weeks).on(.monday).at("23:30").from("2026-01-01").count(3),
            zone: Zone(named: "Asia/Tokyo")
        )
        #expect(rule.first == Instant("2026-01-05T14:30Z"))
        #expect(rule.last == Instant("2026-01-19T14:30Z"))
        #expect(try rule.upcoming(5, after: .beginning) == instants("2026-01-05T14:30Z 12T14:30Z 19T14:30Z"))
        #expect(try rule.occurs(on: #require(WallTime("2026-01-12"))))
        #expect(try !rule.occurs(on: #require(WallTime("2026-01-13"))))
        #expect(try !rule.occurs(on: #require(WallTime("2026-01-26"))))
        let seconds = try Recurrence("* * * * * * Pacific/Apia")
        #expect(seconds.last == nil)
        #expect(try seconds.occurs(on: #require(WallTime("2011-12-31"))))
        #expect(try !seconds.occurs(on: #require(WallTime("2011-12-30"))))
        #expect(try Recurrence("dates 2026-01-01, 2027-01-01").last == Instant("2027-01-01T00:00Z"))
    }

    @Test(
        "a wrong value is refused when a recurrence is made of the rule",
        arguments: [
            (Every(0, .days), "every"), (Every(Int.max, .seconds), "every"), (Every(1, .days).at("25:00"), "at"),
            (Every(1, .days).on(.day(0)), "on"), (Every(1, .days).on(.nth(6, .monday)), "on"),
            (Every(1, .days).hoursOfDay(24), "hours"), (Every(1, .days).minutesOfHour(-1), "minutes"),
            (Every(1, .days).from("yesterday"), "from"), (Every(1, .days).count(0), "count"),
            (Every(1, .hours).at("09:00"), "at"), (Every(1, .days).at("09:00").minutesOfHour(3), "at"),
            (Every(1, .days).until("2009-12-31"), "until"), (Every(1, .days).or(Every(1, .weeks).at("x")), "at"),
            (Every(1, .days).plus("2026-13-01"), "dates"), (Every(1, .years).in(.february).on(.day(30)), nil),
        ] as [(RecurrenceRule, String?)]
    )
    func faults(rule: RecurrenceRule, field: String?) {
        let error = #expect(throws: RecurrenceError.self) { try Recurrence(rule) }
        #expect(error?.field == field)
    }

    private static func first(_ rule: RecurrenceRule, _ count: Int) throws -> [Instant] {
        try Recurrence(rule).occurrences(in: .beginning ..< .end, limit: count)
    }

    private static func backwards(_ recurrence: Recurrence, from: Instant, _ count: Int) -> [Instant] {
        var found: [Instant] = []
        var before = from
        while found.count < count, let previous = recurrence.previous(before: before) {
            found.append(previous)
            before = previous
        }
        return found
    }
}

extension Instant {
    /// Before all occurrences.
    static let beginning = Instant(secondsSince1970: -62_135_596_801)
    /// After all occurrences.
    static let end = Instant(secondsSince1970: 253_402_300_800)
}

/// The files beside these tests.
enum Fixture {
    static func lines(_ name: String) throws -> [String] {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(
            separator: "/"
        )
        let data = try #require(FileManager.default.contents(atPath: "\(folder)/Fixtures/\(name)"), "\(name)")
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
