import Testing
import WingmanScheduler

/// Plain words, notes, the report on daylight saving, simulations.
@Suite struct ExplanationTests {
    @Test(
        "a recurrence is explained in plain words",
        arguments: [
            ("0 4 * * sun", "At 04:00 on Sunday."),
            ("* * * * *", "Every minute."),
            ("*/5 * * * *", "Every 5 minutes."),
            ("*/45 * * * *", "At minutes 0 and 45 of every hour."),
            ("5 * * * *", "At minute 5 of every hour."),
            ("* 2 * * *", "Every minute of the hour 02 every day."),
            ("*/10 30 2 * * *", "Every 10 seconds of minute 30 of the hour 02 every day."),
            ("0 */2 * * mon-fri", "At minute 0 of every 2nd hour from 00 on Monday to Friday."),
            ("0 9-17 * * *", "At minute 0 of the hours 09 to 17 every day."),
            ("0,30 2 * * *", "At 02:00 and 02:30 every day."),
            ("30 4 1,15 * 5", "At 04:30 on days 1 and 15 of the month, and also on Friday."),
            ("30 4 */16 * 5", "At 04:30 on days 1 and 17 of the month, only if it is Friday."),
            (
                "0 12 L-3,LW jan-mar *",
                "At 12:00 on the 4th to last day and the last Monday to Friday of the month in January to March."
            ),
            ("0 12 * * 5#3,sunL", "At 12:00 on the 3rd Friday of the month and the last Sunday of the month."),
            ("@every 90m", "Every 1h30m, counted from 1970-01-01T00:00 UTC."),
            (
                "every 2 weeks on monday, last friday at 09:00",
                "Every 2 weeks on Monday or the last Friday of the month at 09:00, counted from 2010-01-01."
            ),
            ("every month from 2026-01-31", "Every month on day 31 or the last at 00:00, counted from 2026-01-31."),
            ("every 2 hours minutes 15, 45", "Every 2 hours at minute 15 and 45, counted from 2010-01-01."),
            ("0 0 1 1 *; @daily", "At 00:00 on day 1 of the month in January; and at 00:00 every day."),
        ]
    )
    func explained(text: String, words: String) throws {
        #expect(try Recurrence(text).explanation == "\(words)\nTimes are UTC.")
    }

    @Test("the explanation says whose clocks are meant, what is left out and what a change does")
    func clocks() throws {
        let text = "30 2 * * * Europe/Berlin; except 2026-12-25; from 2026-01-01; count 3; gap strict; overlap both"
        #expect(
            try Recurrence(text).explanation == """
                At 02:30 every day.
                Except 2026-12-25.
                From 2026-01-01, 3 times.
                Times are those of Europe/Berlin.
                A time that a change of the clock skips does not run; one that occurs twice runs both times.
                """
        )
        #expect(
            try Recurrence("*/5 * * * * Asia/Tokyo").explanation.hasSuffix(
                "It follows real time when the clock changes."
            )
        )
    }

    @Test("notes point at what may not have been meant")
    func notes() throws {
        func notes(_ text: String) throws -> [String] { try Recurrence(text).notes }
        #expect(try notes("0 4 * * sun").isEmpty)
        #expect(try notes("*/45 * * * *") == ["*/45 in the minutes is 0 and 45 of every hour, not every 45 minutes"])
        #expect(
            try notes("0 */5 * * *").first?.hasPrefix("*/5 in the hours is 0, 5, 10, 15 and 20 of every day") == true
        )
        #expect(try notes("30 4 1,15 * 5").first?.contains("alternatives") == true)
        #expect(try notes("30 4 */2 * 5").first?.contains("both of them") == true)
        #expect(try notes("*/15 2 * * * Europe/Berlin").first?.contains("real time") == true)
        #expect(try notes("*/15 2 * * * Asia/Tokyo").isEmpty)
        #expect(try notes("0 0 29 2 *").first?.contains("4 years") == true)
    }

    static let years = Instant(secondsSince1970: 1_767_225_600)..<Instant(secondsSince1970: 1_830_297_600)

    @Test("the report lists each day on which daylight saving matters, and what happens")
    func report() throws {
        let effects = try Recurrence("30 2 * * * America/New_York").clockChangeEffects(in: Self.years)
        #expect(
            effects.map(\.description) == [
                "2026-03-08: clocks go from 02:00 to 03:00; 02:30 does not exist: runs once at 03:00 (2026-03-08T07:00:00Z)",
                "2027-03-14: clocks go from 02:00 to 03:00; 02:30 does not exist: runs once at 03:00 (2027-03-14T07:00:00Z)",
            ]
        )
        let overlap = try Recurrence("30 1 * * 0 America/New_York; overlap both").clockChangeEffects(in: Self.years)
        #expect(overlap.map(\.outcome) == [.runsTwice, .runsTwice])
        #expect(try overlap.first?.runs == instants("2026-11-01T05:30Z 06:30Z"))
        let interval = try Recurrence("*/15 2 * * * America/New_York").clockChangeEffects(in: Self.years)
        #expect(interval.map(\.outcome) == [.leftOut, .leftOut])
        #expect(interval.first?.count == 4)
        for text in [
            "*/15 * * * * America/New_York", "@every 1h America/New_York", "30 2 * * 1 America/New_York", "30 2 * * *",
        ] {
            #expect(try Recurrence(text).clockChangeEffects(in: Self.years).isEmpty)
        }
    }

    @Test("every run that the report names is an occurrence, under every policy")
    func reportIsTrue() throws {
        for zone in ["America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Europe/Dublin"] {
            for gap in GapPolicy.allCases {
                for overlap in OverlapPolicy.allCases {
                    let policy = ClockPolicy(gap: gap, overlap: overlap)
                    let recurrence = try Recurrence("7,37 0-4 * * *", timeZone: zone, policy: policy)
                    let effects = recurrence.clockChangeEffects(in: Self.years)
                    #expect(effects.count == 4)
                    for run in effects.flatMap(\.runs) { #expect(recurrence.contains(run), "\(recurrence) \(run)") }
                }
            }
        }
    }

    @Test("an occurrence keeps the name of the time it stands for, also where a gap has moved it")
    func nominal() throws {
        let moved = try Recurrence("30 2 * * * America/New_York")
        let occurrence = try #require(Instant("2026-03-08T07:00Z"))
        #expect(moved.nominalWallTime(of: occurrence) == WallTime("2026-03-08T02:30"))
        let shifted = try Recurrence("30 2 * * * America/New_York; gap preserving")
        #expect(shifted.nominalWallTime(of: try #require(Instant("2026-03-08T07:30Z"))) == WallTime("2026-03-08T02:30"))
        let plain = try #require(Instant("2026-03-09T06:30Z"))
        #expect(moved.nominalWallTime(of: plain) == WallTime("2026-03-09T02:30"))
    }

    @Test("a simulation lists all runs of all schedules in order, each with the one before it")
    func simulation() throws {
        let schedules = [
            (id: "digest", recurrence: try Recurrence("0 4 * * * Europe/Berlin")),
            (id: "sweep", recurrence: try Recurrence("@every 8h")),
        ]
        let start = try #require(Instant("2026-01-01T00:00Z"))
        let end = try #require(Instant("2026-01-02T00:00Z"))
        let runs = Recurrence.simulate(schedules, in: start..<end)
        #expect(runs.map(\.id) == ["sweep", "digest", "sweep", "sweep"])
        #expect(try runs.map(\.scheduledAt) == instants("2026-01-01T00:00Z 03:00Z 08:00Z 16:00Z"))
        #expect(
            try runs.map(\.previousScheduledAt)
                == instants("2025-12-31T16:00Z 2025-12-31T03:00Z 2026-01-01T00:00Z 08:00Z")
        )
        #expect(runs[1].wallTime == WallTime("2026-01-01T04:00"))
        #expect(Recurrence.simulate(schedules, in: start..<end, limit: 2).count == 2)
    }
}
