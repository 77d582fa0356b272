#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Dates as text: written with milliseconds in UTC, read with any fraction and any offset.
enum ISO8601 {
    private static let millisecondsOfDay = 86_400_000

    /// The years 0000 to 9999, in milliseconds since 1970.
    private static let range = -62_167_219_200_000...253_402_300_799_999

    /// `2026-11-22T04:45:00.000Z`, to the nearest millisecond; nil outside the years 0 to 9999.
    static func text(of date: Date) -> String? {
        guard let total = Int(exactly: (date.timeIntervalSince1970 * 1000).rounded()), Self.range.contains(total) else {
            return nil
        }
        let time = (total % Self.millisecondsOfDay + Self.millisecondsOfDay) % Self.millisecondsOfDay
        let (year, month, day) = Self.civil(dayNumber: (total - time) / Self.millisecondsOfDay)
        var text = ""
        text.reserveCapacity(24)
        Self.append(year, width: 4, then: "-", to: &text)
        Self.append(month, width: 2, then: "-", to: &text)
        Self.append(day, width: 2, then: "T", to: &text)
        Self.append(time / 3_600_000, width: 2, then: ":", to: &text)
        Self.append(time / 60_000 % 60, width: 2, then: ":", to: &text)
        Self.append(time / 1000 % 60, width: 2, then: ".", to: &text)
        Self.append(time % 1000, width: 3, then: "Z", to: &text)
        return text
    }

    private static func append(_ number: Int, width: Int, then separator: Character, to text: inout String) {
        let digits = String(number)
        text.append(String(repeating: "0", count: max(width - digits.utf8.count, 0)))
        text.append(digits)
        text.append(separator)
    }

    /// Reads `YYYY-MM-DDThh:mm:ss`, perhaps a fraction, then `Z`, `+hh:mm` or `+hhmm`; nil for anything else.
    static func date(from text: String) -> Date? {
        var rest = Substring(text).utf8
        guard let year = Self.number(4, &rest), Self.skip("-", &rest),
            let month = Self.number(2, &rest), (1...12).contains(month), Self.skip("-", &rest),
            let day = Self.number(2, &rest), day >= 1, day <= Self.days(ofMonth: month, year: year),
            Self.skip("T", &rest), let hour = Self.number(2, &rest), hour < 24,
            Self.skip(":", &rest), let minute = Self.number(2, &rest), minute < 60,
            Self.skip(":", &rest), let second = Self.number(2, &rest), second < 60,
            let nanoseconds = Self.fraction(&rest), let offset = Self.offset(&rest), rest.isEmpty
        else { return nil }
        let seconds = Self.dayNumber(year, month, day) * 86400 + (hour * 60 + minute - offset) * 60 + second
        // Whole milliseconds stay exact, so that a date read and written again gives the same text.
        let milliseconds = Double(seconds * 1000 + nanoseconds / 1_000_000) + Double(nanoseconds % 1_000_000) / 1e6
        return Date(timeIntervalSince1970: milliseconds / 1000)
    }

    private static func number(_ width: Int, _ rest: inout Substring.UTF8View) -> Int? {
        var value = 0
        for _ in 0..<width {
            guard let digit = rest.popFirst(), digit &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    private static func skip(_ mark: Unicode.Scalar, _ rest: inout Substring.UTF8View) -> Bool {
        rest.popFirst() == UInt8(ascii: mark)
    }

    /// Nanoseconds; digits beyond the ninth are passed over. Nil for a point without digits.
    private static func fraction(_ rest: inout Substring.UTF8View) -> Int? {
        guard rest.first == UInt8(ascii: ".") else { return 0 }
        rest.removeFirst()
        var value = 0
        var count = 0
        while let digit = rest.first, digit &- 0x30 < 10 {
            rest.removeFirst()
            if count < 9 { value = value * 10 + Int(digit - 0x30) }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(9 - count, 0) { value *= 10 }
        return value
    }

    /// Minutes east of UTC.
    private static func offset(_ rest: inout Substring.UTF8View) -> Int? {
        let sign = rest.popFirst()
        if sign == UInt8(ascii: "Z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = Self.number(2, &rest) else {
            return nil
        }
        if rest.first == UInt8(ascii: ":") { rest.removeFirst() }
        guard let minutes = Self.number(2, &rest), hours < 24, minutes < 60 else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func days(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970 of a date of the Gregorian calendar. (Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms": eras of 400 years, years that begin in March.)
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `dayNumber`.
    private static func civil(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
