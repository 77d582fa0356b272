extension RecurrenceRule {
    /// The wall time from which intervals are counted, and before which nothing is: DTSTART in iCalendar.
    public var anchorTime: WallTime { self.start }

    /// The rule in iCalendar (RFC 5545), `FREQ=WEEKLY;INTERVAL=2;BYDAY=MO`; its DTSTART is ``anchorTime``.
    ///
    /// Nil for what cannot be said there in one rule: alternatives and exceptions, different kinds of days as
    /// alternatives, times of day that are no combination of hours and minutes, weekdays counted in other rules than of
    /// months and years, and an inherited day that is the last in short months.
    public var rrule: String? {
        let inheritsLast = self.groups.isEmpty && (self.unit == .months || self.unit == .years) && self.start.day > 28
        guard self.alternatives.isEmpty, self.additions.isEmpty, self.exceptions.isEmpty, self.exceptedTimes.isEmpty,
            self.faults.isEmpty, !inheritsLast, let times = self.timeParts, let days = self.dayParts
        else { return nil }
        var parts = ["FREQ=\(Self.frequencies[self.unit] ?? "")"]
        if self.interval > 1 { parts.append("INTERVAL=\(self.interval)") }
        parts += self.monthParts + days + times
        if self.weekStart != .monday { parts.append("WKST=\(Self.code(self.weekStart))") }
        if let end = self.end { parts.append("UNTIL=\(Self.text(end))") }
        if let limit = self.limit { parts.append("COUNT=\(limit)") }
        return parts.joined(separator: ";")
    }

    private static let frequencies: [Unit: String] = [
        .seconds: "SECONDLY", .minutes: "MINUTELY", .hours: "HOURLY", .days: "DAILY", .weeks: "WEEKLY",
        .months: "MONTHLY", .years: "YEARLY",
    ]

    private var monthParts: [String] {
        let isOnDayOfYear = self.groups.joined().contains { if case .dayOfYear = $0 { true } else { false } }
        var months = self.months.map(\.rawValue)
        if months.isEmpty && self.unit == .years && !isOnDayOfYear { months = [self.start.month] }
        return months.isEmpty ? [] : ["BYMONTH=\(Self.list(months))"]
    }

    /// One part for each group of one kind; nil if two are of the same kind, or one is of several.
    private var dayParts: [String]? {
        var parts: [String: String] = [:]
        for group in self.groups {
            let named = group.map(self.dayPart)
            guard let name = named.first??.name, named.allSatisfy({ $0?.name == name }), parts[name] == nil else {
                return nil
            }
            parts[name] = named.compactMap { $0?.value }.joined(separator: ",")
        }
        return parts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    private func dayPart(_ day: Day) -> (name: String, value: String)? {
        switch day {
        case .weekday(let weekday): return ("BYDAY", Self.code(weekday))
        case .dayOfMonth(let day): return ("BYMONTHDAY", "\(day)")
        case .dayOfYear(let day): return self.unit == .years ? ("BYYEARDAY", "\(day)") : nil
        case .nth(let nth, let weekday):
            return self.unit == .months || self.unit == .years ? ("BYDAY", "\(nth)\(Self.code(weekday))") : nil
        }
    }

    /// Hours, minutes and seconds; nil if the times of day are no combination of them.
    private var timeParts: [String]? {
        var (hours, minutes, seconds) = (self.hours, self.minutes, self.seconds)
        if !self.times.isEmpty {
            hours = Set(self.times.map { $0 / 3_600 }).sorted()
            minutes = Set(self.times.map { $0 / 60 % 60 }).sorted()
            seconds = Set(self.times.map { $0 % 60 }).sorted()
            guard hours.count * minutes.count * seconds.count == self.times.count else { return nil }
        }
        let parts = [("BYHOUR", hours), ("BYMINUTE", minutes), ("BYSECOND", seconds)]
        return parts.filter { !$0.1.isEmpty }.map { "\($0.0)=\(Self.list($0.1))" }
    }

    private static func code(_ weekday: Weekday) -> String { weekday.description.prefix(2).uppercased() }

    private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }

    /// `20261231` or `20261231T090000`.
    private static func text(_ stamp: WallStamp) -> String {
        let text = stamp.isDate ? stamp.wall.dateText : stamp.wall.description
        return text.filter { $0 != "-" && $0 != ":" }
    }
}
