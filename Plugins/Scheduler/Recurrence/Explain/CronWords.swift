/// A cron expression in plain words: `at 04:00 on Sunday`.
struct CronWords {
    let expression: CronExpression

    var sentence: String {
        [self.times, self.days, self.months].filter { !$0.isEmpty }.joined(separator: " ")
    }

    // MARK: Times

    /// As times of day if they are few, otherwise field by field.
    private var times: String {
        let hours = self.expression.set(.hour).numbers
        let minutes = self.expression.set(.minute).numbers
        let seconds = self.expression.set(.second).numbers
        if hours.count * minutes.count * seconds.count <= 8, !self.isStar(.minute), !self.isStar(.second) {
            let times = hours.flatMap { hour in
                minutes.flatMap { minute in
                    seconds.map { TimeText.text(ofSecond: hour * 3_600 + minute * 60 + $0, always: false) }
                }
            }
            return "at \(sentenceList(times))"
        }
        let minute = self.part(.minute, minutes)
        let hour = hours.count < 24 ? self.hours(hours) : minute.hasPrefix("at ") ? " of every hour" : ""
        guard seconds != [0] else { return minute + hour }
        // Seconds of named minutes, not of "at" minutes.
        let joint = minute.hasPrefix("at ") ? String(minute.dropFirst(3)) : minute
        return "\(self.part(.second, seconds)) of \(joint)\(hour)"
    }

    private func hours(_ hours: [Int]) -> String {
        if case .all(let step)? = self.only(.hour), 24 % step == 0 {
            return " of every \(ordinal(step)) hour from 00"
        }
        return " of the hour\(hours.count == 1 ? "" : "s") \(sentenceRuns(hours) { padded($0, 2) })"
    }

    /// `every 15 minutes`, `at minute 5`, `every minute`; of a step that does not divide the hour its minutes.
    private func part(_ field: CronField, _ values: [Int]) -> String {
        if values.count == field.size { return "every \(field.name)" }
        if case .all(let step)? = self.only(field), field.size % step == 0, step < field.size {
            return "every \(step) \(field.name)s"
        }
        return "at \(field.name)\(values.count == 1 ? "" : "s") \(sentenceRuns(values))"
    }

    private func only(_ field: CronField) -> CronItem? {
        self.expression[field].count == 1 ? self.expression[field][0] : nil
    }

    private func isStar(_ field: CronField) -> Bool { self.expression.startsWithStar(field) }

    // MARK: Days

    private var days: String {
        let byDate = self.isAll(.dayOfMonth) ? nil : self.dates
        let byWeekday = self.isAll(.dayOfWeek) ? nil : self.weekdays
        switch (byDate, byWeekday) {
        case (nil, nil): return self.isAll(.month) && self.expression.set(.hour).numbers.count == 24 ? "" : "every day"
        case (let dates?, nil): return "on \(dates) of the month"
        case (nil, let weekdays?): return "on \(weekdays)"
        case (let dates?, let weekdays?):
            let joint = self.expression.daysAreAlternatives ? ", and also on" : ", only if it is"
            return "on \(dates) of the month\(joint) \(weekdays)"
        }
    }

    private var dates: String {
        let values = self.expression.set(.dayOfMonth).numbers
        let plain = values.isEmpty ? [] : ["\(values.count == 1 ? "day" : "days") \(sentenceRuns(values))"]
        let special = self.expression[.dayOfMonth].compactMap { item -> String? in
            switch item {
            case .lastDay(let before): before == 0 ? "the last day" : "the \(ordinal(before + 1)) to last day"
            case .lastWorkday: "the last Monday to Friday"
            case .nearestWorkday(let day): "the Monday to Friday nearest to day \(day)"
            case .all, .range, .nthWeekday: nil
            }
        }
        return sentenceList(plain + special)
    }

    private var weekdays: String {
        let values = self.expression.set(.dayOfWeek).numbers
        // The week of a reader begins on Monday.
        let week = values.map { $0 == 0 ? 7 : $0 }.sorted()
        let plain = week.isEmpty ? [] : [sentenceRuns(week) { Weekday(number: $0).title }]
        let special = self.expression[.dayOfWeek].compactMap { item -> String? in
            guard case .nthWeekday(let nth, let weekday) = item else { return nil }
            return "the \(nth < 0 ? "last" : ordinal(nth)) \(Weekday(number: weekday).title) of the month"
        }
        return sentenceList(plain + special)
    }

    private var months: String {
        guard !self.isAll(.month) else { return "" }
        let months = self.expression.set(.month).numbers
        return "in \(sentenceRuns(months) { Month(rawValue: $0)?.title ?? "" })"
    }

    private func isAll(_ field: CronField) -> Bool {
        self.expression.set(field).numbers.count == field.size
    }
}
