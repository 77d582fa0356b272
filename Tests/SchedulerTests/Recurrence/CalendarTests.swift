import Testing
import WingmanScheduler

/// Which days and times a cron expression means, in UTC.
@Suite struct CalendarTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let cron: String
        let after: String
        let expected: String

        init(_ cron: String, _ expected: String) {
            self.init(cron, "2025-12-31T23:59", expected)
        }

        init(_ cron: String, _ after: String, _ expected: String) {
            self.cron = cron
            self.after = after
            self.expected = expected
        }

        var testDescription: String { self.cron }
    }

    @Test(
        "an expression has these occurrences next",
        arguments: [
            Case("30 4 1,15 * 5", "2026-01-01T00:00", "2026-01-01T04:30Z 02T04:30Z 09T04:30Z 15T04:30Z 16T04:30Z"),
            Case("30 4 */2 * 5", "2026-01-01T00:00", "2026-01-09T04:30Z 23T04:30Z 02-13T04:30Z 27T04:30Z"),
            Case("0 0 31 * *", "2026-01-15T00:00", "2026-01-31T00:00Z 03-31T00:00Z 05-31T00:00Z 07-31T00:00Z"),
            Case("0 0 * * 7", "2026-01-01T00:00", "2026-01-04T00:00Z 11T00:00Z"),
            Case("0 22 * * fri-sat", "2026-01-01T00:00", "2026-01-02T22:00Z 03T22:00Z 09T22:00Z"),
            Case("5/20 * * * *", "2026-01-01T00:00", "2026-01-01T00:05Z 00:25Z 00:45Z 01:05Z"),
            Case("0 0 1 1 *", "2026-01-01T00:00", "2027-01-01T00:00Z"),
            Case("59 23 28-31 * *", "2026-02-01T00:00", "2026-02-28T23:59Z 03-28T23:59Z 29T23:59Z"),
            Case("0 0 29 2 *", "2096-03-01T00:00", "2104-02-29T00:00Z"),
            // Ranges that go over the end.
            Case("0 22-2 * * *", "2026-01-01T00:30", "2026-01-01T01:00Z 02:00Z 22:00Z 23:00Z 02T00:00Z"),
            Case("0 22-2/2 * * *", "2026-01-01T00:30", "2026-01-01T02:00Z 22:00Z 02T00:00Z"),
            Case("0 0 * * fri-mon", "2026-01-01T00:00", "2026-01-02T00:00Z 03T00:00Z 04T00:00Z 05T00:00Z 09T00:00Z"),
            Case(
                "0 0 1 nov-feb *",
                "2026-01-01T00:00",
                "2026-02-01T00:00Z 11-01T00:00Z 12-01T00:00Z 2027-01-01T00:00Z"
            ),
            Case("0 0 * * 5-7", "2026-01-01T00:00", "2026-01-02T00:00Z 03T00:00Z 04T00:00Z 09T00:00Z"),
            Case("0 0 * * 7-1", "2026-01-01T00:00", "2026-01-04T00:00Z 05T00:00Z 11T00:00Z"),
            // Six fields, the second first.
            Case(
                "*/20 30 4 * * *",
                "2026-01-01T00:00",
                "2026-01-01T04:30:00Z 2026-01-01T04:30:20Z 2026-01-01T04:30:40Z"
            ),
            Case("15 0 0 1 * ?", "2026-01-01T01:00", "2026-02-01T00:00:15Z"),
            // Macros.
            Case("@hourly", "2026-01-01T00:00", "2026-01-01T01:00Z 02:00Z"),
            Case("@daily", "2026-01-01T00:00", "2026-01-02T00:00Z"),
            Case("@weekly", "2026-01-01T00:00", "2026-01-04T00:00Z"),
            Case("@monthly", "2026-01-01T00:00", "2026-02-01T00:00Z"),
            Case("@yearly", "2026-01-01T00:00", "2027-01-01T00:00Z"),
            Case("@every 1h30m", "1970-01-01T00:10", "1970-01-01T01:30Z 03:00Z"),
            Case("@every 7m", "2026-01-01T00:00", "2026-01-01T00:07Z 00:14Z"),
        ]
    )
    func occurrences(_ example: Case) throws {
        let expected = try instants(example.expected)
        #expect(try upcoming(Recurrence(example.cron), after: example.after, expected.count) == expected)
    }

    /// Executed by Quartz itself; its weekdays are one higher than ours.
    @Test(
        "the extensions of Quartz mean what they mean there",
        arguments: [
            Case("0 12 L * *", "2026-01-31T12:00Z 02-28T12:00Z 03-31T12:00Z"),
            Case("0 12 L-3 * *", "2026-01-28T12:00Z 02-25T12:00Z 03-28T12:00Z"),
            Case(
                "0 12 15W * *",
                "2026-01-15T12:00Z 02-16T12:00Z 03-16T12:00Z 04-15T12:00Z 05-15T12:00Z 06-15T12:00Z"
            ),
            Case(
                "0 12 LW * *",
                "2026-01-30T12:00Z 02-27T12:00Z 03-31T12:00Z 04-30T12:00Z 05-29T12:00Z 06-30T12:00Z"
            ),
            Case(
                "0 12 1W * *",
                """
                2026-01-01T12:00Z 02-02T12:00Z 03-02T12:00Z 04-01T12:00Z 05-01T12:00Z 06-01T12:00Z 07-01T12:00Z \
                08-03T12:00Z
                """
            ),
            Case("0 12 * * 5#3", "2026-01-16T12:00Z 02-20T12:00Z 03-20T12:00Z"),
            Case("0 12 ? * friL", "2026-01-30T12:00Z 02-27T12:00Z 03-27T12:00Z"),
            Case("0 12 1,L * *", "2026-01-01T12:00Z 31T12:00Z 02-01T12:00Z"),
            Case("0 12 * * mon#1,5L", "2026-01-05T12:00Z 30T12:00Z 02-02T12:00Z"),
        ]
    )
    func quartz(_ example: Case) throws {
        let expected = try instants(example.expected)
        #expect(try upcoming(Recurrence(example.cron), after: example.after, expected.count) == expected)
    }

    @Test("a text means the same when it is read again from its canonical form")
    func canonical() throws {
        let texts: [(String, String)] = [
            ("00 04 * * SUN", "0 4 * * 0"), ("0 4 * * 7", "0 4 * * 0"), ("@weekly", "0 0 * * 0"),
            ("0 0 12 ? jan-mar mon-fri", "0 0 12 * 1-3 1-5"), ("5/20 * * * *", "5-59/20 * * * *"),
            ("0 12 l,15w,lw,L-3 * frIl,2#5", "0 12 L,15W,LW,L-3 * 5L,2#5"), ("5-5/3 * * * *", "5 * * * *"),
            ("0 4 * * 0   Europe/Berlin", "0 4 * * 0 Europe/Berlin"),
            ("TZ=Asia/Tokyo 0 4 * * 0", "0 4 * * 0 Asia/Tokyo"),
            ("0 4 * * 0 UTC", "0 4 * * 0"), ("@every 5400s", "@every 1h30m"), ("@every 2d", "@every 48h"),
            (
                "0 9 * * 1-5 Europe/Berlin ; @daily; except 2026-12-25,2026-12-26T09:00; gap Strict; overlap BOTH",
                "0 9 * * 1-5 Europe/Berlin; 0 0 * * *; except 2026-12-25, 2026-12-26T09:00; gap strict; overlap both"
            ),
            (
                "EVERY 2 Weeks on Mon, last Fri at 9:00 from 2026-01-05 Europe/Berlin",
                "every 2 weeks on monday, last friday at 09:00 from 2026-01-05 Europe/Berlin"
            ),
            ("every monday at 17:30, 09:00:15", "every week on monday at 09:00:15, 17:30"),
            (
                "every 1 month on day 1, last day, -2 tue, yearday 3",
                "every month on day 1, last day, -2 tuesday, yearday 3"
            ),
            ("every hour minutes 15,45 in Jan, mar", "every hour in january, march minutes 15, 45"),
            ("dates 2026-12-24, 2026-12-31T08:00 UTC", "dates 2026-12-24, 2026-12-31T08:00"),
            ("0 0 * * *; from 2026-01-01; count 3", "0 0 * * *; from 2026-01-01; count 3"),
        ]
        for (text, canonical) in texts {
            let recurrence = try Recurrence(text)
            #expect(recurrence.description == canonical)
            #expect(try Recurrence(canonical) == recurrence, "\(text)")
        }
    }

    @Test("H is spread by the id of the schedule, and always the same for one id")
    func hash() throws {
        let one = try Recurrence("H H * * *", id: "digest")
        #expect(try Recurrence("h h * * *", id: "digest") == one)
        #expect(try Recurrence(one.description) == one)
        let minutes = try Set((0..<200).map { try Recurrence("H * * * *", id: "job-\($0)").description })
        #expect(minutes.count > 45)
        for id in 0..<50 {
            let spread = try Recurrence("H(10-19) H/6 H * H", id: "job-\(id)").description.split(separator: " ")
            #expect(10...19 ~= (Int(spread[0]) ?? 0))
            #expect(1...28 ~= (Int(spread[2]) ?? 0))
        }
        #expect(refusal("H 4 * * *")?.field == "minute")
    }
}
