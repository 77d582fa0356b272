/// What a clock on the wall shows: a date and a time of day, without a zone.
///
/// In a zone it may occur once, twice (the clock was put back) or not at all (it was put forward); see
/// ``Zone/instants(of:)``.
public struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00 on the same wall.
    let seconds: Int

    init(seconds: Int) {
        self.seconds = seconds
    }

    /// A wall time from its parts.
    ///
    /// - Returns: nil if there is no such date or time; years are 1 to 9999.
    public init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        guard CivilDate.years.contains(year), 1...12 ~= month, 0...23 ~= hour, 0...59 ~= minute, 0...59 ~= second,
            day >= 1, day <= CivilDate.days(inMonth: month, of: year)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        self.seconds = date.dayNumber * secondsPerDay + hour * 3_600 + minute * 60 + second
    }

    /// Reads `2026-03-08T02:30:00`; a space may stand for the T, seconds or the whole time may be left out.
    ///
    /// - Returns: nil if the text is anything else, or there is no such date or time.
    public init?(_ text: String) {
        guard let stamp = WallStamp(text) else { return nil }
        self = stamp.wall
    }

    /// 1 to 9999.
    public var year: Int { self.date.year }
    /// 1 to 12.
    public var month: Int { self.date.month }
    /// 1 to 31.
    public var day: Int { self.date.day }
    /// 0 to 23.
    public var hour: Int { self.timeOfDay / 3_600 }
    /// 0 to 59.
    public var minute: Int { self.timeOfDay / 60 % 60 }
    /// 0 to 59.
    public var second: Int { self.timeOfDay % 60 }
    /// The day of the week.
    public var weekday: Weekday { Weekday(number: CivilDate.weekday(ofDay: self.dayNumber)) }

    /// `2026-03-08T02:30:00`.
    public var description: String { "\(self.dateText)T\(TimeText.text(ofSecond: self.timeOfDay, always: true))" }

    /// The earlier on the same wall is the smaller.
    public static func < (left: WallTime, right: WallTime) -> Bool { left.seconds < right.seconds }

    /// `2026-03-08`.
    var dateText: String {
        let date = self.date
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    }

    /// `02:30`, with seconds only if there are any.
    var timeText: String { TimeText.text(ofSecond: self.timeOfDay, always: false) }

    var date: CivilDate { CivilDate(dayNumber: self.dayNumber) }
    var dayNumber: Int { self.seconds.floorDivided(by: secondsPerDay) }
    var timeOfDay: Int { self.seconds.floorRemainder(dividedBy: secondsPerDay) }
}

/// A wall time as it was written: a date alone means the whole day where that makes a difference.
struct WallStamp: Hashable, Sendable, CustomStringConvertible {
    let wall: WallTime
    let isDate: Bool

    init?(_ text: String) {
        let bytes = Array(text.utf8.prefix(20))
        guard text.utf8.count <= 19, bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = TimeText.number(bytes[0..<4]), let month = TimeText.number(bytes[5..<7]),
            let day = TimeText.number(bytes[8..<10]), let date = WallTime(year: year, month: month, day: day)
        else { return nil }
        self.isDate = bytes.count == 10
        if self.isDate {
            self.wall = date
            return
        }
        guard bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "),
            let time = TimeText.second(of: bytes[11...])
        else { return nil }
        self.wall = WallTime(seconds: date.seconds + time)
    }

    /// The last second meant.
    var last: WallTime { self.isDate ? WallTime(seconds: self.wall.seconds + secondsPerDay - 1) : self.wall }

    var description: String { self.isDate ? self.wall.dateText : "\(self.wall.dateText)T\(self.wall.timeText)" }
}

/// Times of day as text.
enum TimeText {
    /// Reads `9:00`, `09:00` or `09:00:30` as seconds since midnight.
    static func second(of bytes: ArraySlice<UInt8>) -> Int? {
        let parts = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let hour = Self.number(parts[0]), hour < 24,
            parts.dropFirst().allSatisfy({ $0.count == 2 }), let minute = Self.number(parts[1]), minute < 60
        else { return nil }
        guard parts.count == 3 else { return hour * 3_600 + minute * 60 }
        guard let second = Self.number(parts[2]), second < 60 else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    /// `09:00`, or `09:00:30` if there are seconds or they are `always` wanted.
    static func text(ofSecond second: Int, always: Bool) -> String {
        let minutes = "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2))"
        return second % 60 != 0 || always ? "\(minutes):\(padded(second % 60, 2))" : minutes
    }

    /// A number of one to nine digits, nothing else.
    static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard 1...9 ~= bytes.count else { return nil }
        var number = 0
        for byte in bytes {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}

/// A number with leading zeros.
func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
