extension RecurrenceRule {
    /// Reads a rule of iCalendar (RFC 5545), `FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;BYHOUR=9;BYMINUTE=0`.
    ///
    /// - Parameters:
    ///   - rrule: The value of an RRULE property.
    ///   - start: The wall time of its DTSTART, which is the anchor. Unlike there it is no occurrence by itself.
    /// - Throws: ``RecurrenceError`` with the column; also for what no rule of ours can say: BYSETPOS, BYWEEKNO, weekdays
    ///   counted within a year, an UNTIL in UTC.
    public init(rrule: String, from start: String) throws(RecurrenceError) {
        var parser = RRULEParser()
        try parser.read(try SourceText(rrule))
        self = try parser.rule(from: start)
    }
}

/// The parts of an RRULE, read into a rule.
private struct RRULEParser {
    private var parts: [(name: String, value: Word)] = []

    mutating func read(_ text: SourceText) throws(RecurrenceError) {
        for clause in text.clauses {
            guard clause.count == 1, let word = clause.first, word.split("=").count == 2 else {
                throw Self.error(clause.first, "no part", allowed: "parts as in FREQ=WEEKLY;BYDAY=MO")
            }
            let halves = word.split("=")
            let name = halves[0].text.uppercased()
            guard !self.parts.contains(where: { $0.name == name }) else { throw Self.error(word, "given twice") }
            self.parts.append((name, halves[1]))
        }
    }

    func rule(from start: String) throws(RecurrenceError) -> RecurrenceRule {
        let interval = try self.value("INTERVAL").map { (word) throws(RecurrenceError) in try Self.number(word) }
        var rule = RecurrenceRule(every: interval ?? 1, try self.unit()).from(start)
        for (name, word) in self.parts { try self.apply(name, word, to: &rule) }
        self.complete(&rule)
        if let fault = rule.faults.first { throw fault }
        return rule
    }

    private static let units: [String: RecurrenceRule.Unit] = [
        "SECONDLY": .seconds, "MINUTELY": .minutes, "HOURLY": .hours, "DAILY": .days, "WEEKLY": .weeks,
        "MONTHLY": .months, "YEARLY": .years,
    ]

    private func unit() throws(RecurrenceError) -> RecurrenceRule.Unit {
        guard let word = self.value("FREQ"), let unit = Self.units[word.text.uppercased()] else {
            throw Self.error(self.value("FREQ"), "no frequency", allowed: "FREQ=SECONDLY to FREQ=YEARLY")
        }
        return unit
    }

    private func apply(_ name: String, _ word: Word, to rule: inout RecurrenceRule) throws(RecurrenceError) {
        switch name {
        case "FREQ", "INTERVAL": break
        case "COUNT": rule = rule.count(try Self.number(word))
        case "UNTIL": rule = rule.until(try Self.stamp(word))
        case "WKST": rule = rule.weeksBegin(on: try Self.weekday(word))
        case "BYMONTH":
            for number in try Self.numbers(word) {
                guard let month = Month(rawValue: number) else {
                    throw Self.error(word, "no month", allowed: "1 to 12")
                }
                rule = rule.in(month)
            }
        case "BYDAY": rule.groups.append(try self.days(word, unit: rule.unit))
        case "BYMONTHDAY": rule.groups.append(try Self.numbers(word).map { .dayOfMonth($0) })
        case "BYYEARDAY": rule.groups.append(try Self.numbers(word).map { .dayOfYear($0) })
        case "BYHOUR": for number in try Self.numbers(word) { rule = rule.hoursOfDay(number) }
        case "BYMINUTE": for number in try Self.numbers(word) { rule = rule.minutesOfHour(number) }
        case "BYSECOND": for number in try Self.numbers(word) { rule = rule.secondsOfMinute(number) }
        default: throw Self.error(word, "\(name) is nothing that a rule can say")
        }
        if let fault = rule.groups.last?.compactMap(\.fault).first { rule.faults.append(fault) }
    }

    /// What RFC 5545 takes for granted where our rules have another default.
    private func complete(_ rule: inout RecurrenceRule) {
        guard rule.unit == .months || rule.unit == .years else { return }
        if rule.groups.isEmpty {
            // A month without the anchor's day is left out there.
            rule = rule.on(.dayOfMonth(rule.start.day))
        } else if rule.unit == .years && rule.months.isEmpty {
            // Days without a month are those of all months.
            rule.months = Month.allCases
        }
    }

    private func days(_ word: Word, unit: RecurrenceRule.Unit) throws(RecurrenceError) -> [RecurrenceRule.Day] {
        var days: [RecurrenceRule.Day] = []
        for part in word.split(",") {
            let name = Word(bytes: part.bytes.suffix(2), column: part.column)
            let weekday = try Self.weekday(name)
            let number = Word(bytes: part.bytes.dropLast(2), column: part.column)
            if number.bytes.isEmpty {
                days.append(.weekday(weekday))
            } else if unit == .months || (unit == .years && self.value("BYMONTH") != nil) {
                days.append(.nth(try Self.number(number), weekday))
            } else {
                throw Self.error(part, "weekdays are counted within months only", allowed: "FREQ=MONTHLY or BYMONTH")
            }
        }
        return days
    }

    // MARK: Values

    private func value(_ name: String) -> Word? { self.parts.first { $0.name == name }?.value }

    private static let weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]

    private static func weekday(_ word: Word) throws(RecurrenceError) -> Weekday {
        guard let index = self.weekdays.firstIndex(of: word.text.uppercased()) else {
            throw self.error(word, "no weekday", allowed: "MO to SU, as in MO,-1FR")
        }
        return Weekday(number: index)
    }

    private static func numbers(_ word: Word) throws(RecurrenceError) -> [Int] {
        var numbers: [Int] = []
        for part in word.split(",") { numbers.append(try self.number(part)) }
        return numbers
    }

    private static func number(_ word: Word) throws(RecurrenceError) -> Int {
        let sign = word.bytes.first
        let hasSign = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
        guard let number = TimeText.number(hasSign ? word.bytes.dropFirst() : word.bytes) else {
            throw self.error(word, "no number", allowed: "a number of at most nine digits")
        }
        return sign == UInt8(ascii: "-") ? -number : number
    }

    /// `20261231` or `20261231T090000` with the signs that our dates have.
    private static func stamp(_ word: Word) throws(RecurrenceError) -> String {
        let text = word.text
        guard text.utf8.count == 8 || text.utf8.count == 15 else {
            throw self.error(word, "no local date", allowed: "20261231 or 20261231T090000, without Z")
        }
        let digits = Array(text)
        let date = "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))"
        guard digits.count == 15 else { return date }
        return "\(date)\(digits[8])\(String(digits[9..<11])):\(String(digits[11..<13])):\(String(digits[13...]))"
    }

    private static func error(_ word: Word?, _ message: String, allowed: String? = nil) -> RecurrenceError {
        let said = word.map { "\($0.quoted): \(message)" } ?? message
        return RecurrenceError(.syntax, field: "RRULE", column: word?.column ?? 1, said, allowed: allowed)
    }
}
