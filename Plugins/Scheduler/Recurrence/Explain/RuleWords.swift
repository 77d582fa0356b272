/// A rule in plain words: `every 2 weeks on Monday at 09:00, counted from 2010-01-01`.
struct RuleWords {
    let rule: RecurrenceRule

    var sentence: String {
        let unit = self.rule.unit.rawValue
        var words = ["every \(self.rule.interval == 1 ? String(unit.dropLast()) : "\(self.rule.interval) \(unit)")"]
        words += self.days
        if !self.rule.months.isEmpty { words.append("in \(sentenceList(self.rule.months.map(\.title)))") }
        words += self.times
        var sentence = words.joined(separator: " ")
        if self.rule.interval > 1 || self.rule.anchor != nil {
            sentence += ", counted from \(self.rule.anchor?.description ?? self.rule.start.dateText)"
        }
        if let end = self.rule.end { sentence += ", until \(end)" }
        if let limit = self.rule.limit { sentence += ", \(limit) \(limit == 1 ? "time" : "times")" }
        return sentence
    }

    private var days: [String] {
        if !self.rule.groups.isEmpty {
            let groups = self.rule.groups.map { sentenceList($0.map(Self.day), "or") }
            return ["on \(groups.joined(separator: ", only if it is "))"]
        }
        let start = self.rule.start
        return switch self.rule.unit {
        case .weeks: ["on \(start.weekday.title)"]
        case .months: ["on day \(start.day)\(start.day > 28 ? " or the last" : "")"]
        case .years where self.rule.months.isEmpty: ["on \(Month(rawValue: start.month)?.title ?? "") \(start.day)"]
        case .years: ["on day \(start.day)"]
        case .seconds, .minutes, .hours, .days: []
        }
    }

    private var times: [String] {
        let rule = self.rule
        if !rule.times.isEmpty {
            return ["at \(sentenceList(rule.times.map { TimeText.text(ofSecond: $0, always: false) }))"]
        }
        guard !(rule.hours + rule.minutes + rule.seconds).isEmpty || rule.unit.elapsed != nil else {
            return ["at \(rule.start.timeText)"]
        }
        var parts: [String] = []
        let minutes =
            rule.minutes.isEmpty && rule.unit != .minutes && rule.unit != .seconds ? [rule.start.minute] : rule.minutes
        if !rule.seconds.isEmpty { parts.append("at second \(sentenceRuns(rule.seconds))") }
        if !minutes.isEmpty { parts.append("at minute \(sentenceRuns(minutes))") }
        let hours = rule.hours.isEmpty && rule.unit.elapsed == nil ? [rule.start.hour] : rule.hours
        if !hours.isEmpty { parts.append("in the hours \(sentenceRuns(hours) { padded($0, 2) })") }
        return parts
    }

    private static func day(_ day: RecurrenceRule.Day) -> String {
        switch day {
        case .weekday(let weekday): weekday.title
        case .nth(let nth, let weekday): "\(Self.place(nth)) \(weekday.title) of the month"
        case .dayOfMonth(let day) where day > 0: "day \(day) of the month"
        case .dayOfMonth(let day): "\(Self.place(day)) day of the month"
        case .dayOfYear(let day) where day > 0: "day \(day) of the year"
        case .dayOfYear(let day): "\(Self.place(day)) day of the year"
        }
    }

    private static func place(_ number: Int) -> String {
        switch number {
        case -1: "the last"
        case ..<0: "the \(ordinal(-number)) to last"
        default: "the \(ordinal(number))"
        }
    }
}
