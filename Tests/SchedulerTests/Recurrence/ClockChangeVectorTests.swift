import Testing
import WingmanScheduler

/// The vectors of an independent reference (Python's zoneinfo, cross-checked with cronsim): one fixed time of day around
/// one change of the clock, under the default and under both other pairs of policies.
@Suite struct ClockChangeVectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let cron: String
        let zone: String
        let after: String
        let standard: String
        let shifted: String
        let strict: String

        init(_ cron: String, _ zone: String, _ after: String, _ standard: String, _ shifted: String, _ strict: String) {
            self.cron = cron
            self.zone = zone
            self.after = after
            self.standard = standard
            self.shifted = shifted == "same" ? standard : shifted
            self.strict = strict == "same" ? standard : strict
        }

        var testDescription: String { "\(self.cron) \(self.zone) after \(self.after)" }
    }

    static let vectors = [
        Vector(
            "30 2 * * *",
            "America/New_York",
            "2026-03-07T12:00",
            "2026-03-08T07:00Z 09T06:30Z",
            "2026-03-08T07:30Z 09T06:30Z",
            "2026-03-09T06:30Z 10T06:30Z"
        ),
        Vector(
            "0 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00",
            "2026-03-29T01:00Z 30T00:00Z",
            "same",
            "2026-03-30T00:00Z 31T00:00Z"
        ),
        Vector(
            "30 1 * * *",
            "Europe/London",
            "2026-03-28T12:00",
            "2026-03-29T01:00Z 30T00:30Z",
            "2026-03-29T01:30Z 30T00:30Z",
            "2026-03-30T00:30Z 31T00:30Z"
        ),
        Vector(
            "30 1 * * *",
            "Europe/Dublin",
            "2026-03-28T12:00",
            "2026-03-29T01:00Z 30T00:30Z",
            "2026-03-29T01:30Z 30T00:30Z",
            "2026-03-30T00:30Z 31T00:30Z"
        ),
        Vector(
            "30 1 * * *",
            "Europe/Dublin",
            "2026-10-24T12:00",
            "2026-10-25T00:30Z 26T01:30Z",
            "2026-10-25T01:30Z 26T01:30Z",
            "2026-10-25T00:30Z 01:30Z"
        ),
        Vector(
            "30 1 * * *",
            "America/New_York",
            "2026-10-31T12:00",
            "2026-11-01T05:30Z 02T06:30Z",
            "2026-11-01T06:30Z 02T06:30Z",
            "2026-11-01T05:30Z 06:30Z"
        ),
        Vector("0 2 * * *", "America/New_York", "2026-10-31T12:00", "2026-11-01T07:00Z 02T07:00Z", "same", "same"),
        Vector(
            "15,45 1 * * *",
            "America/New_York",
            "2026-10-31T23:00",
            "2026-11-01T05:15Z 05:45Z 02T06:15Z 06:45Z",
            "2026-11-01T06:15Z 06:45Z 02T06:15Z 06:45Z",
            "2026-11-01T05:15Z 05:45Z 06:15Z 06:45Z"
        ),
        Vector(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00",
            "2026-10-25T00:30Z 26T01:30Z",
            "2026-10-25T01:30Z 26T01:30Z",
            "2026-10-25T00:30Z 01:30Z"
        ),
        Vector(
            "0,30 2 * * *",
            "America/New_York",
            "2026-03-07T12:00",
            "2026-03-08T07:00Z 09T06:00Z 06:30Z",
            "2026-03-08T07:00Z 07:30Z 09T06:00Z",
            "2026-03-09T06:00Z 06:30Z 10T06:00Z"
        ),
        Vector(
            "30 2 * * 0",
            "America/New_York",
            "2026-03-01T12:00",
            "2026-03-08T07:00Z 15T06:30Z",
            "2026-03-08T07:30Z 15T06:30Z",
            "2026-03-15T06:30Z 22T06:30Z"
        ),
        Vector(
            "30 2 29 3 *",
            "Europe/Berlin",
            "2026-01-01T00:00",
            "2026-03-29T01:00Z",
            "2026-03-29T01:30Z",
            "2027-03-29T00:30Z"
        ),
        Vector(
            "0 0 * * *",
            "Africa/Cairo",
            "2026-04-23T12:00",
            "2026-04-23T22:00Z 24T21:00Z",
            "same",
            "2026-04-24T21:00Z 25T21:00Z"
        ),
        Vector(
            "0 0 * * *",
            "Asia/Beirut",
            "2026-03-28T12:00",
            "2026-03-28T22:00Z 29T21:00Z",
            "same",
            "2026-03-29T21:00Z 30T21:00Z"
        ),
        Vector(
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T12:00",
            "2026-10-03T15:30Z 04T15:15Z",
            "2026-10-03T15:45Z 04T15:15Z",
            "2026-10-04T15:15Z 05T15:15Z"
        ),
        Vector(
            "30 1 * * *",
            "Antarctica/Troll",
            "2026-03-28T12:00",
            "2026-03-29T01:00Z 23:30Z",
            "2026-03-29T01:30Z 23:30Z",
            "2026-03-29T23:30Z 30T23:30Z"
        ),
        // A gap of a day is strict under every policy: the 30th never was.
        Vector(
            "0 12 * * *",
            "Pacific/Apia",
            "2011-12-28T13:00",
            "2011-12-29T22:00Z 30T22:00Z 31T22:00Z",
            "same",
            "same"
        ),
        Vector("0 3 * * *", "Asia/Kolkata", "2026-03-08T00:00", "2026-03-07T21:30Z 08T21:30Z", "same", "same"),
        Vector("0 12 31 12 *", "Pacific/Kiritimati", "2026-06-01T00:00", "2026-12-30T22:00Z", "same", "same"),
        Vector("0 9 * * 1-5", "America/New_York", "2026-03-06T10:00", "2026-03-09T13:00Z 10T13:00Z", "same", "same"),
        Vector("59 23 * * *", "Europe/Lisbon", "2026-10-24T12:00", "2026-10-24T22:59Z 25T23:59Z", "same", "same"),
        // The year changes at midnight where the clock does.
        Vector(
            "0 0 * * *",
            "America/Santiago",
            "2026-09-05T12:00",
            "2026-09-06T04:00Z 07T03:00Z",
            "same",
            "2026-09-07T03:00Z 08T03:00Z"
        ),
    ]

    @Test("a fixed time around a change of the clock runs once, by default", arguments: Self.vectors)
    func byDefault(_ vector: Vector) throws {
        try Self.check(vector, ClockPolicy(), vector.standard)
    }

    @Test("it runs later by the gap, and the second time, if that is the policy", arguments: Self.vectors)
    func shifted(_ vector: Vector) throws {
        try Self.check(vector, ClockPolicy(gap: .preserving, overlap: .last), vector.shifted)
    }

    @Test("it is left out in a gap, and runs both times, if that is the policy", arguments: Self.vectors)
    func strict(_ vector: Vector) throws {
        try Self.check(vector, ClockPolicy(gap: .strict, overlap: .both), vector.strict)
    }

    private static func check(_ vector: Vector, _ policy: ClockPolicy, _ expected: String) throws {
        let recurrence = try Recurrence(vector.cron, timeZone: vector.zone, policy: policy)
        let expected = try instants(expected)
        let found = try upcoming(recurrence, after: vector.after, expected.count)
        #expect(found == expected)
        for (earlier, later) in zip(found, found.dropFirst()) {
            #expect(recurrence.previous(before: later) == earlier)
        }
    }

    struct Interval: Sendable {
        let cron: String
        let after: String
        let expected: String
    }

    @Test(
        "a recurrence that is like an interval follows real time under every policy",
        arguments: [
            Interval(
                cron: "*/30 * * * *",
                after: "2026-11-01T00:45",
                expected: "2026-11-01T05:00Z 05:30Z 06:00Z 06:30Z 07:00Z 07:30Z"
            ),
            Interval(cron: "0 * * * *", after: "2026-11-01T00:30", expected: "2026-11-01T05:00Z 06:00Z 07:00Z 08:00Z"),
            Interval(cron: "0 * * * *", after: "2026-03-08T00:30", expected: "2026-03-08T06:00Z 07:00Z 08:00Z"),
            Interval(cron: "*/15 2 * * *", after: "2026-03-07T12:00", expected: "2026-03-09T06:00Z 06:15Z"),
            Interval(
                cron: "0 */2 * * *",
                after: "2026-03-07T23:00",
                expected: "2026-03-08T05:00Z 08:00Z 10:00Z 12:00Z"
            ),
        ],
        GapPolicy.allCases
    )
    func interval(_ interval: Interval, gap: GapPolicy) throws {
        for overlap in OverlapPolicy.allCases {
            let policy = ClockPolicy(gap: gap, overlap: overlap)
            let recurrence = try Recurrence(interval.cron, timeZone: "America/New_York", policy: policy)
            let expected = try instants(interval.expected)
            #expect(try upcoming(recurrence, after: interval.after, expected.count) == expected)
        }
    }
}
