/// One month of one year: what a pattern of days needs to say which of its days it has.
struct MonthFrame: Sendable, Hashable {
    private(set) var year: Int
    private(set) var month: Int
    /// The day number of the first.
    private(set) var firstDay: Int
    /// 28 to 31.
    private(set) var length: Int

    /// The month in which a date lies.
    init(of date: CivilDate) {
        self.year = date.year
        self.month = date.month
        self.firstDay = CivilDate(year: date.year, month: date.month, day: 1).dayNumber
        self.length = CivilDate.days(inMonth: date.month, of: date.year)
    }

    /// Months since the year 0, to count intervals of months and years.
    var index: Int { self.year * 12 + self.month - 1 }
    /// The weekday of the first, 0 is Sunday.
    var firstWeekday: Int { CivilDate.weekday(ofDay: self.firstDay) }
    /// A bit for each day: bit 0 is the first.
    var allDays: UInt32 { .max >> UInt32(32 - self.length) }

    /// Goes to the next month; false at the end of the year 9999.
    mutating func advance() -> Bool {
        if self.month == 12 {
            guard self.year < CivilDate.years.upperBound else { return false }
            self.year += 1
            self.month = 1
        } else {
            self.month += 1
        }
        self.firstDay += self.length
        self.length = CivilDate.days(inMonth: self.month, of: self.year)
        return true
    }

    /// Goes to the month before; false at the beginning of the year 1.
    mutating func retreat() -> Bool {
        if self.month == 1 {
            guard self.year > CivilDate.years.lowerBound else { return false }
            self.year -= 1
            self.month = 12
        } else {
            self.month -= 1
        }
        self.length = CivilDate.days(inMonth: self.month, of: self.year)
        self.firstDay -= self.length
        return true
    }

    /// The bit of a day of the month; no bit if the month has no such day.
    func bit(ofDay day: Int) -> UInt32 {
        1...self.length ~= day ? 1 << UInt32(day - 1) : 0
    }

    /// The bits of all days whose weekdays are in `weekdays` (bit 0 is Sunday).
    func days(on weekdays: UInt64) -> UInt32 {
        let first = UInt64(self.firstWeekday)
        let rotated = (weekdays >> first | weekdays << (7 - first)) & 0x7f
        let everyWeek: UInt64 = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28
        return UInt32(truncatingIfNeeded: rotated &* everyWeek) & self.allDays
    }

    /// The bit of the nth such weekday, of the last for -1; no bit if the month has no such day.
    func day(_ nth: Int, _ weekday: Int) -> UInt32 {
        let first = 1 + (weekday - self.firstWeekday).floorRemainder(dividedBy: 7)
        guard nth < 0 else { return self.bit(ofDay: first + (nth - 1) * 7) }
        let last = first + (self.length - first) / 7 * 7
        return self.bit(ofDay: last + (nth + 1) * 7)
    }

    /// The weekday of a day of this month, 0 is Sunday.
    func weekday(ofDay day: Int) -> Int { (self.firstWeekday + day - 1) % 7 }
}
