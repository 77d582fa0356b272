/// The days of a recurrence.
enum DayPattern: Sendable, Hashable {
    case cron(CronDays)
    case rule(RuleDays)

    /// The calendar repeats itself after 400 years; who has no day in them has none.
    static let horizonMonths = 400 * 12

    /// The first day at or after `day`, at most 400 years later.
    func next(onOrAfter day: Int) -> Int? {
        switch self {
        case .cron(let days): days.next(onOrAfter: day)
        case .rule(let days): days.next(onOrAfter: day)
        }
    }

    /// The last day at or before `day`, at most 400 years earlier.
    func previous(onOrBefore day: Int) -> Int? {
        switch self {
        case .cron(let days): days.previous(onOrBefore: day)
        case .rule(let days): days.previous(onOrBefore: day)
        }
    }
}

/// Days that can be told month by month.
protocol MonthPattern {
    /// A bit for each day of the month that belongs to the pattern: bit 0 is the first.
    func days(in month: MonthFrame) -> UInt32
}

extension MonthPattern {
    func next(onOrAfter day: Int) -> Int? {
        let date = CivilDate(dayNumber: day)
        guard date.year >= CivilDate.years.lowerBound else {
            return self.next(onOrAfter: CivilDate(year: 1, month: 1, day: 1).dayNumber)
        }
        guard date.year <= CivilDate.years.upperBound else { return nil }
        var month = MonthFrame(of: date)
        var days = self.days(in: month) & (.max << UInt32(date.day - 1))
        var left = DayPattern.horizonMonths
        while days == 0 {
            guard left > 0, month.advance() else { return nil }
            left -= 1
            days = self.days(in: month)
        }
        return month.firstDay + days.trailingZeroBitCount
    }

    func previous(onOrBefore day: Int) -> Int? {
        let date = CivilDate(dayNumber: day)
        guard date.year <= CivilDate.years.upperBound else {
            return self.previous(onOrBefore: CivilDate(year: CivilDate.years.upperBound, month: 12, day: 31).dayNumber)
        }
        guard date.year >= CivilDate.years.lowerBound else { return nil }
        var month = MonthFrame(of: date)
        var days = self.days(in: month) & (.max >> UInt32(32 - date.day))
        var left = DayPattern.horizonMonths
        while days == 0 {
            guard left > 0, month.retreat() else { return nil }
            left -= 1
            days = self.days(in: month)
        }
        return month.firstDay + 31 - days.leadingZeroBitCount
    }
}
