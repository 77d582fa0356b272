/// The days of a rule: its interval counted from the anchor, and its kinds of days.
struct RuleDays: Sendable, Hashable, MonthPattern {
    private let unit: RecurrenceRule.Unit
    private let interval: Int
    /// The day number of the anchor; for weeks of the first day of its week.
    private let origin: Int
    private let originMonth: MonthFrame
    private let months: UInt64
    private let groups: [[RecurrenceRule.Day]]
    /// The anchor's day of the month where no day was given.
    private let inheritedDay: Int?

    init(_ rule: RecurrenceRule) {
        let start = rule.start
        let inWeek = (start.weekday.rawValue - rule.weekStart.rawValue).floorRemainder(dividedBy: 7)
        self.origin = rule.unit == .weeks ? start.dayNumber - inWeek : start.dayNumber
        self.originMonth = MonthFrame(of: start.date)
        self.unit = rule.unit
        self.interval = rule.interval
        var months = UInt64(numbers: rule.months.map(\.rawValue))
        var groups = rule.groups
        var inheritedDay: Int?
        let isOnDayOfYear = groups.joined().contains { if case .dayOfYear = $0 { true } else { false } }
        switch rule.unit {
        case .weeks where groups.isEmpty: groups = [[.weekday(start.weekday)]]
        case .months where groups.isEmpty, .years where groups.isEmpty: inheritedDay = start.day
        case .seconds, .minutes, .hours, .days, .weeks, .months, .years: break
        }
        if months == 0 && rule.unit == .years && !isOnDayOfYear { months = 1 << UInt64(start.month) }
        self.months = months == 0 ? .max : months
        self.groups = groups
        self.inheritedDay = inheritedDay
    }

    func days(in month: MonthFrame) -> UInt32 {
        guard self.months.has(month.index % 12 + 1), self.counts(month) else { return 0 }
        var days = month.allDays
        for group in self.groups { days &= group.reduce(0) { $0 | $1.days(in: month) } }
        if let day = self.inheritedDay { days &= month.bit(ofDay: min(day, month.length)) }
        guard days != 0, self.interval > 1 else { return days }
        return switch self.unit {
        case .days: days & self.everyNthDay(of: month)
        case .weeks: days & self.everyNthWeek(of: month)
        case .seconds, .minutes, .hours, .months, .years: days
        }
    }

    /// Whether the interval, if it is of months or years, has the month.
    private func counts(_ month: MonthFrame) -> Bool {
        switch self.unit {
        case .months: (month.index - self.originMonth.index) % self.interval == 0
        case .years: (month.year - self.originMonth.year) % self.interval == 0
        case .seconds, .minutes, .hours, .days, .weeks: true
        }
    }

    private func everyNthDay(of month: MonthFrame) -> UInt32 {
        let first = (self.origin - month.firstDay).floorRemainder(dividedBy: self.interval)
        return stride(from: first, to: month.length, by: self.interval).reduce(0) { $0 | 1 << UInt32($1) }
    }

    private func everyNthWeek(of month: MonthFrame) -> UInt32 {
        let period = self.interval * 7
        let first = (self.origin - month.firstDay).floorRemainder(dividedBy: period)
        // The week that began before the month reaches into it if it began less than seven days earlier.
        return stride(from: first - period, to: month.length, by: period).reduce(0) { days, start in
            (max(start, 0)..<max(min(start + 7, month.length), max(start, 0))).reduce(days) { $0 | 1 << UInt32($1) }
        }
    }
}
