extension RecurrenceRule {
    /// A kind of day that a rule may be on.
    public enum Day: Sendable, Hashable {
        /// Every such day of the week.
        case weekday(Weekday)
        /// The nth such day of the week in a month: 1 to 5 from its beginning, -1 to -5 from its end.
        case nth(Int, Weekday)
        /// A day of the month: 1 to 31 from its beginning, -1 to -31 from its end. Months without it are left out.
        case dayOfMonth(Int)
        /// A day of the year: 1 to 366 from its beginning, -1 to -366 from its end. Years without it are left out.
        case dayOfYear(Int)

        /// Every Sunday.
        public static var sunday: Self { .weekday(.sunday) }
        /// Every Monday.
        public static var monday: Self { .weekday(.monday) }
        /// Every Tuesday.
        public static var tuesday: Self { .weekday(.tuesday) }
        /// Every Wednesday.
        public static var wednesday: Self { .weekday(.wednesday) }
        /// Every Thursday.
        public static var thursday: Self { .weekday(.thursday) }
        /// Every Friday.
        public static var friday: Self { .weekday(.friday) }
        /// Every Saturday.
        public static var saturday: Self { .weekday(.saturday) }
        /// The last day of the month.
        public static var lastDay: Self { .dayOfMonth(-1) }

        /// The first such day of the week in the month.
        public static func first(_ weekday: Weekday) -> Self { .nth(1, weekday) }
        /// The second such day of the week in the month.
        public static func second(_ weekday: Weekday) -> Self { .nth(2, weekday) }
        /// The third such day of the week in the month.
        public static func third(_ weekday: Weekday) -> Self { .nth(3, weekday) }
        /// The fourth such day of the week in the month.
        public static func fourth(_ weekday: Weekday) -> Self { .nth(4, weekday) }
        /// The last such day of the week in the month.
        public static func last(_ weekday: Weekday) -> Self { .nth(-1, weekday) }
        /// A day of the month; -1 is the last.
        public static func day(_ day: Int) -> Self { .dayOfMonth(day) }
        /// The words for the first five, in order.
        static let ordinals = ["first", "second", "third", "fourth", "fifth"]

        /// As it is written in a rule's text: `monday`, `last friday`, `day 15`.
        var text: String {
            switch self {
            case .weekday(let weekday): "\(weekday)"
            case .nth(-1, let weekday): "last \(weekday)"
            case .nth(let nth, let weekday) where 1...5 ~= nth: "\(Self.ordinals[nth - 1]) \(weekday)"
            case .nth(let nth, let weekday): "\(nth) \(weekday)"
            case .dayOfMonth(-1): "last day"
            case .dayOfMonth(let day): "day \(day)"
            case .dayOfYear(let day): "yearday \(day)"
            }
        }

        /// What is wrong with it.
        var fault: RecurrenceError? {
            switch self {
            case .weekday: nil
            case .nth(let nth, _): Self.fault(nth, 5, "no month has the weekday number \(nth)")
            case .dayOfMonth(let day): Self.fault(day, 31, "no month has the day \(day)")
            case .dayOfYear(let day): Self.fault(day, 366, "no year has the day \(day)")
            }
        }

        private static func fault(_ number: Int, _ largest: Int, _ message: String) -> RecurrenceError? {
            let isAllowed = 1...largest ~= number || -largest...(-1) ~= number
            let allowed = "1 to \(largest), or -1 to -\(largest) from the end"
            return isAllowed ? nil : RecurrenceError(.value, field: "on", message, allowed: allowed)
        }

        /// The days of a month that are meant.
        func days(in month: MonthFrame) -> UInt32 {
            switch self {
            case .weekday(let weekday): return month.days(on: 1 << UInt64(weekday.rawValue))
            case .nth(let nth, let weekday): return month.day(nth, weekday.rawValue)
            case .dayOfMonth(let day): return month.bit(ofDay: day > 0 ? day : month.length + 1 + day)
            case .dayOfYear(let day):
                let newYear = CivilDate(year: month.year, month: 1, day: 1).dayNumber
                let length = CivilDate.isLeap(month.year) ? 366 : 365
                guard day <= length, day >= -length else { return 0 }
                return month.bit(ofDay: newYear + (day > 0 ? day - 1 : length + day) - month.firstDay + 1)
            }
        }
    }
}
