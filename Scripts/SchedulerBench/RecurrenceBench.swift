import WingmanScheduler

/// What one question `next(after:)` costs.
enum RecurrenceBench {
    private static let specs = [
        ("cron", "*/5 * * * *"),
        ("cron, weekly", "0 4 * * sun"),
        ("cron, day or weekday", "30 4 1,15 * fri"),
        ("cron, leap days", "0 0 29 2 *"),
        ("seconds", "*/10 * * * * *"),
        ("L", "0 18 L * *"),
        ("LW", "0 18 LW * *"),
        ("15W", "0 9 15W * *"),
        ("#", "0 9 * * fri#2"),
        ("interval", "@every 90s"),
        ("rule", "every 2 weeks on monday at 09:00 from 2026-01-05"),
        ("rule, last weekday", "every month on last friday at 16:00"),
        ("rule, rare", "every 50 years from 2000-01-01T00:00"),
        ("union", "0 9 * * mon-fri; 0 11 * * sat; every 2 weeks on sunday at 12:00 from 2026-01-04"),
        ("exceptions", "*/15 * * * *; except 2026-12-25; except every month on day 1"),
        ("Berlin, in the gap", "30 2 * * * Europe/Berlin"),
        ("New York, in the gap", "30 2 * * * America/New_York"),
        ("Lord Howe, 30 minutes", "15 2 * * * Australia/Lord_Howe"),
        ("Dublin, negative", "30 1 * * * Europe/Dublin"),
        ("Casablanca, hourly", "0 * * * * Africa/Casablanca"),
        ("New York, both", "*/30 1 * * * America/New_York; overlap both"),
    ]

    private static let calls = 20_000
    private static let rounds = 7

    static func run() {
        say("next(after:), ns a call, the median of \(Self.rounds) rounds of \(Self.calls) calls from 2026 on\n")
        say("| what | spec | ns |")
        say("| --- | --- | --- |")
        for (name, spec) in Self.specs {
            do throws(RecurrenceError) {
                let recurrence = try Recurrence(spec)
                let times = (0..<Self.rounds).map { _ in Self.round(recurrence) }.sorted()
                say("| \(name) | `\(spec)` | \(Int(times[Self.rounds / 2])) |")
            } catch {
                say("| \(name) | `\(spec)` | \(error) |")
            }
        }
    }

    /// Nanoseconds a call, from occurrence to occurrence; those that end begin again.
    private static func round(_ recurrence: Recurrence) -> Double {
        let start = Instant(secondsSince1970: 1_767_225_600)
        var instant = start
        let began = ContinuousClock.now
        for _ in 0..<Self.calls { instant = recurrence.next(after: instant) ?? start }
        return (ContinuousClock.now - began) / .nanoseconds(1) / Double(Self.calls)
    }
}
