import TestSupport
import Testing
import WingmanScheduler

/// What is refused, where, and that nothing of it traps or takes time.
@Suite struct RefusalTests {
    @Test(
        "a wrong text is refused with the field and the column",
        arguments: [
            ("60 * * * *", "minute", 1), ("* 24 * * *", "hour", 3), ("* * 0 * *", "day of month", 5),
            ("* * 32 * *", "day of month", 5), ("* * * 13 *", "month", 7), ("* * * * 8", "day of week", 9),
            ("*/0 * * * *", "minute", 3), ("5-1 * * * *", "minute", 1), ("a * * * *", "minute", 1),
            ("* * * *", nil, 8), ("* * * * * * * *", nil, 13), ("1,,2 * * * *", "minute", 3),
            ("L * * * *", "minute", 1), ("0 0 * * 5#6", "day of week", 11), ("0 0 * * 0#1,L", "day of week", 13),
            ("0 0 * * * Europe/Berln", "zone", 11), ("-1 * * * *", "minute", 1), ("5-61 * * * *", "minute", 3),
            ("4294967297 * * * *", "minute", 1), ("*/4294967297 * * * *", "minute", 3),
            ("99999999999999999999 * * * *", "minute", 1), ("*/99999999999999999999 * * * *", "minute", 3),
            ("0 0 30 2 *", "day of month", 5), ("0 0 31 4,6,9,11 *", "day of month", 5),
            ("\u{0} * * * *", nil, 1), ("* *\u{0} * * *", nil, 4), ("0 4 * * ü", nil, 9), ("", nil, 1),
            ("  ;  ", nil, 1),
            ("1-2-3 * * * *", "minute", 5), ("1/2/3 * * * *", "minute", 5), ("/5 * * * *", "minute", 1),
            ("1- * * * *", "minute", 3), ("* * ? * ?x", "day of week", 9), ("? * * * *", "minute", 1),
            ("0 0 L-31 * *", "day of month", 7), ("0 0 32W * *", "day of month", 5), ("0 0 L/2 * *", "day of month", 7),
            ("* * * * L", "day of week", 9), ("0 0 10-5 * *", "day of month", 5), ("0 0 * foo *", "month", 7),
            ("@reboot", nil, 1), ("@fortnightly", nil, 1), ("@daily 5", nil, 8), ("@every", "@every", 1),
            ("@every 0s", "@every", 8), ("@every 1.5h", "@every", 8), ("@every 99999999999h", "@every", 8),
            ("@every 500ms", "@every", 8), ("@every 5m1h", "@every", 8), ("@every 367d", "@every", 8),
            ("TZ=Nowhere 0 0 * * *", "zone", 4), ("TZ=UTC 0 0 * * * Asia/Tokyo", "zone", 18),
            ("H 4 * * *", "minute", 1),
            ("every", "every", 6), ("every 0 days", "every", 7), ("every 2 fortnights", "every", 9),
            ("every day at 24:00", "at", 11), ("every hour at 09:00", "at", nil), ("every day on day 32", "on", 11),
            ("every day on blursday", "on", 14), ("every day at 09:00, ", "every", 20),
            ("every day count 0", "count", 11),
            ("every 36601 days", "every", 7), ("every 2 weeks on sixth monday", "on", 18),
            ("every day in mai", "in", 14),
            ("every day at 9:00 until 2026-02-30", "until", 19), ("every year on day 30 in february", nil, nil),
            ("every 12 months in march from 2026-01-01", nil, nil), ("dates 2026-02-29", "dates", 7),
            ("dates", "dates", 6), ("dates 2026-01-01 2026-01-02", "dates", 7), ("@daily; gap maybe", "gap", 13),
            ("@daily; count 5", "count", nil), ("@daily; except", nil, 15), ("except 2026-01-01", nil, 1),
            ("0 9 1 1 *; except every day at 09:00; from 2026-01-01", nil, nil),
            ("@daily; from 2026-01-02; until 2026-01-01", "until", nil),
        ] as [(String, String?, Int?)]
    )
    func refused(text: String, field: String?, column: Int?) throws {
        let error = try #require(refusal(text), "\(text) was accepted")
        #expect(error.field == field, "\(error)")
        #expect(error.column == column, "\(error)")
    }

    @Test("an error says what is allowed, and which zone was meant")
    func words() throws {
        #expect(
            refusal("60 * * * *")?.description.hasPrefix("minute, column 1: 60 is too large; allowed: 0-59") == true
        )
        let zone = try #require(refusal("0 0 * * * Europe/Berln"))
        #expect(zone.description.contains("Europe/Berlin"))
        #expect(refusal("0 0 30 2 *")?.code == .never)
        #expect(refusal("H(0-70) * * * *", id: "x")?.column == 5)
        #expect(refusal("Hx * * * *", id: "x")?.column == 2)
    }

    @Test("a text of a megabyte is refused unread")
    func megabyte() {
        #expect(refusal(String(repeating: "*", count: 1 << 20))?.code == .syntax)
        #expect(refusal(String(repeating: "1,", count: 4_000) + "1 * * * *") == nil)
    }

    @Test("random bytes and random neighbours of good texts never trap")
    func fuzz() {
        var random = SeededGenerator(seed: 1)
        let seeds = [
            "0 4 * * sun Europe/Berlin", "*/15 2-5,22-2/3 L-3,15W jan-mar 5#3,friL", "H(0-29)/10 H * * *",
            "every 2 weeks on monday, last friday at 09:00 from 2026-01-05 until 2026-12-31 count 7 Asia/Tokyo",
            "dates 2026-12-24T08:00, 2026-12-31; except 2026-12-25; gap strict; overlap both; from 2026-01-01; count 2",
            "@every 1h30m; @daily; CRON_TZ=UTC 0 0 1 1 *", "every 90 minutes hours 9, 10 seconds 5 weekstart sunday",
        ]
        let alphabet = Array("0123456789*/,-#LWH?@;: ()abcdefghijklmnopqrstuvwxyzT_=+.\u{0}\u{7f}\u{e9}".unicodeScalars)
        var accepted = 0
        for _ in 0..<6_000 {
            var text = Array(seeds[Int.random(in: 0..<seeds.count, using: &random)].unicodeScalars)
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let scalar = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                let place = Int.random(in: 0...text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.insert(scalar, at: place)
                case 1: text = Array(text.prefix(place))
                default: if place < text.count { text[place] = scalar }
                }
            }
            let string = String(String.UnicodeScalarView(text))
            guard let recurrence = try? Recurrence(string, id: "x") else { continue }
            accepted += 1
            #expect((try? Recurrence(recurrence.description)) == recurrence, "\(string.debugDescription)")
            for instant in [Int.min, Int.max, 0, -62_135_596_801, 253_402_300_800] {
                _ = recurrence.next(after: Instant(secondsSince1970: instant))
                _ = recurrence.previous(before: Instant(secondsSince1970: instant))
            }
        }
        #expect(accepted > 300)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = refusal(String(decoding: bytes, as: UTF8.self))
        }
    }
}
