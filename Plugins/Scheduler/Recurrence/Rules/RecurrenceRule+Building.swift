extension RecurrenceRule {
    /// Only on one of these days; each further call narrows.
    public func on(_ days: Day...) -> Self {
        self.with { rule in
            rule.faults += days.compactMap(\.fault)
            if !days.isEmpty { rule.groups.append(days) }
        }
    }

    /// Only in one of these months.
    public func `in`(_ months: Month...) -> Self {
        self.with { rule in
            rule.months = Set(rule.months + months).sorted { $0.rawValue < $1.rawValue }
        }
    }

    /// At these times of the day, `"09:00"` or `"09:00:30"`; for rules of days and longer.
    public func at(_ times: String...) -> Self {
        self.with { rule in
            for text in times {
                guard text.utf8.count <= 8, let time = TimeText.second(of: Array(text.utf8)[...]) else {
                    let message = "\(RecurrenceError.quote(text.utf8)) is no time of day"
                    rule.faults.append(RecurrenceError(.value, field: "at", message, allowed: "00:00 to 23:59:59"))
                    continue
                }
                rule.times.append(time)
            }
            rule.times = Set(rule.times).sorted()
        }
    }

    /// In these hours of the day, 0 to 23.
    public func hoursOfDay(_ hours: Int...) -> Self { self.adding(hours, to: \.hours, below: 24, "hours") }

    /// In these minutes of the hour, 0 to 59.
    public func minutesOfHour(_ minutes: Int...) -> Self { self.adding(minutes, to: \.minutes, below: 60, "minutes") }

    /// In these seconds of the minute, 0 to 59.
    public func secondsOfMinute(_ seconds: Int...) -> Self { self.adding(seconds, to: \.seconds, below: 60, "seconds") }

    /// Not before this wall time, `"2026-01-05T09:00"` or a date, from which intervals are counted: the anchor.
    public func from(_ anchor: String) -> Self {
        self.with { rule in
            if let stamp = rule.stamp(anchor, field: "from") { rule.anchor = stamp }
        }
    }

    /// Not after this wall time; of a date the whole day counts.
    public func until(_ end: String) -> Self {
        self.with { rule in
            if let stamp = rule.stamp(end, field: "until") { rule.end = stamp }
        }
    }

    /// Not more than so many times, counted from the anchor; exceptions count, too. From 1 to 10 000.
    public func count(_ count: Int) -> Self {
        self.with { rule in
            rule.limit = count
            if !(1...Self.largestLimit ~= count) {
                let allowed = "1 to \(Self.largestLimit)"
                rule.faults.append(
                    RecurrenceError(.value, field: "count", "\(count) is no number of times", allowed: allowed)
                )
            }
        }
    }

    /// On which day the weeks of `Every(2, .weeks)` begin; Monday if nothing is said.
    public func weeksBegin(on weekday: Weekday) -> Self {
        self.with { $0.weekStart = weekday }
    }

    /// Also whenever one of these rules says so: the union.
    public func or(_ rules: RecurrenceRule...) -> Self {
        self.with { $0.alternatives += rules }
    }

    /// Also at these wall times, `"2026-12-24T08:00"`.
    public func plus(_ times: String...) -> Self {
        self.with { rule in
            for text in times {
                if let stamp = rule.stamp(text, field: "dates") { rule.additions.append(stamp) }
            }
        }
    }

    /// Never at these wall times, nor on these dates; it holds for the alternatives, too.
    public func except(_ times: String...) -> Self {
        self.with { rule in
            for text in times {
                if let stamp = rule.stamp(text, field: "except") { rule.exceptedTimes.append(stamp) }
            }
        }
    }

    /// Never when one of these rules says so; it holds for the alternatives, too.
    public func except(_ rules: RecurrenceRule...) -> Self {
        self.with { $0.exceptions += rules }
    }

    /// Larger counts belong to no job; each one is walked when the rule is read.
    static let largestLimit = 10_000

    private func adding(
        _ numbers: [Int],
        to set: WritableKeyPath<Self, [Int]>,
        below end: Int,
        _ field: String
    ) -> Self {
        self.with { rule in
            for number in numbers where !(0..<end ~= number) {
                let allowed = "0 to \(end - 1)"
                rule.faults.append(RecurrenceError(.value, field: field, "\(number) is not allowed", allowed: allowed))
            }
            rule[keyPath: set] = Set(rule[keyPath: set] + numbers).sorted()
        }
    }

    private mutating func stamp(_ text: String, field: String) -> WallStamp? {
        if let stamp = WallStamp(text) { return stamp }
        let message = "\(RecurrenceError.quote(text.utf8)) is no date"
        self.faults.append(RecurrenceError(.value, field: field, message, allowed: "2026-01-31 or 2026-01-31T09:00"))
        return nil
    }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var rule = self
        change(&rule)
        return rule
    }
}
