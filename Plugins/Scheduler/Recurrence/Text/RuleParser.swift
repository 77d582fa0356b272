/// Reads the text of one rule: `every 2 weeks on monday, last friday at 09:00 from 2026-01-05`.
///
/// Singular and plural, upper and lower case, and names cut to three letters are all understood; so is
/// `every monday` for every week on it.
struct RuleParser {
    private let words: [Word]
    private var index = 0

    private init(_ words: [Word]) {
        self.words = words
    }

    static func rule(_ words: [Word]) throws(RecurrenceError) -> RecurrenceRule {
        // Commas become words of their own.
        let split = words.flatMap { word in
            word.split(",").enumerated().flatMap { index, part in
                let comma = Word(bytes: [UInt8(ascii: ",")], column: part.column - 1)
                return (index > 0 ? [comma] : []) + (part.bytes.isEmpty ? [] : [part])
            }
        }
        var parser = RuleParser(split)
        return try parser.rule()
    }

    /// Whether the last word of a rule is the name of a zone, not one of the language.
    static func isZone(_ word: Word) -> Bool {
        if word.bytes.contains(UInt8(ascii: "/")) { return true }
        guard let first = word.bytes.first, 0x41...0x5a ~= first else { return false }
        return Self.weekday(word) == nil && Self.month(word) == nil && Self.unit(word) == nil
            && !["last", "on", "in", "at", "hours", "from", "until", "count", "weekstart", "every", "yearday"]
                .contains(word.lowercased)
    }

    private mutating func rule() throws(RecurrenceError) -> RecurrenceRule {
        self.index = 1
        let head = self.index
        var rule: RecurrenceRule
        if let word = self.peek, let weekday = Self.weekday(word) {
            rule = RecurrenceRule(every: 1, .weeks).on(.weekday(weekday))
            self.index += 1
        } else {
            let count = self.peek.flatMap { TimeText.number($0.bytes) }
            if count != nil { self.index += 1 }
            guard let word = self.peek, let unit = Self.unit(word) else {
                throw self.error(
                    "every",
                    "no unit",
                    allowed: "second, minute, hour, day, week, month, year or a weekday"
                )
            }
            self.index += 1
            rule = RecurrenceRule(every: count ?? 1, unit)
        }
        try self.check(rule, from: head)
        while self.peek != nil {
            let start = self.index
            rule = try self.clause(rule)
            try self.check(rule, from: start)
        }
        return rule
    }

    private mutating func clause(_ rule: RecurrenceRule) throws(RecurrenceError) -> RecurrenceRule {
        guard let keyword = self.next() else { return rule }
        var rule = rule
        switch keyword.lowercased {
        case "on": rule.groups.append(try self.list { (parser) throws(RecurrenceError) in try parser.day() })
        case "in":
            for month in try self.list({ (parser) throws(RecurrenceError) in try parser.month() }) {
                rule = rule.in(month)
            }
        case "at": for word in try self.list(Self.word) { rule = rule.at(word.text) }
        case "hours", "hour": for number in try self.list(Self.number) { rule = rule.hoursOfDay(number) }
        case "minutes", "minute": for number in try self.list(Self.number) { rule = rule.minutesOfHour(number) }
        case "seconds", "second": for number in try self.list(Self.number) { rule = rule.secondsOfMinute(number) }
        case "from": rule = rule.from(try Self.word(&self).text)
        case "until": rule = rule.until(try Self.word(&self).text)
        case "count": rule = rule.count(try Self.number(&self))
        case "weekstart":
            guard let word = self.next(), let weekday = Self.weekday(word) else {
                self.index -= 1
                throw self.error("weekstart", "no weekday", allowed: "sunday to saturday")
            }
            rule = rule.weeksBegin(on: weekday)
        default:
            self.index -= 1
            throw self.error(
                "every",
                "unknown here",
                allowed: "on in at hours minutes seconds weekstart from until count"
            )
        }
        if let fault = rule.groups.last?.compactMap(\.fault).first { rule.faults.append(fault) }
        return rule
    }

    /// `monday`, `first monday`, `-2 monday`, `day 15`, `last day`, `yearday 100`.
    private mutating func day() throws(RecurrenceError) -> RecurrenceRule.Day {
        guard let word = self.peek else { throw self.dayError }
        self.index += 1
        if let weekday = Self.weekday(word) { return .weekday(weekday) }
        if word.lowercased == "day" { return .dayOfMonth(try Self.number(&self)) }
        if word.lowercased == "yearday" { return .dayOfYear(try Self.number(&self)) }
        guard let nth = Self.ordinal(word), let following = self.peek else {
            self.index -= 1
            throw self.dayError
        }
        self.index += 1
        if nth == -1 && following.lowercased == "day" { return .dayOfMonth(-1) }
        guard let weekday = Self.weekday(following) else {
            self.index -= 1
            throw self.dayError
        }
        return .nth(nth, weekday)
    }

    private mutating func month() throws(RecurrenceError) -> Month {
        guard let word = self.peek, let month = Self.month(word) else {
            throw self.error("in", "no month", allowed: "january to december")
        }
        self.index += 1
        return month
    }
}

// MARK: - Words

extension RuleParser {
    private var peek: Word? { self.index < self.words.count ? self.words[self.index] : nil }

    private mutating func next() -> Word? {
        defer { self.index += 1 }
        return self.peek
    }

    /// Elements between commas, one at least.
    private mutating func list<Element>(_ element: (inout RuleParser) throws(RecurrenceError) -> Element)
        throws(RecurrenceError) -> [Element]
    {
        var elements = [try element(&self)]
        while self.peek?.bytes.first == UInt8(ascii: ",") {
            self.index += 1
            elements.append(try element(&self))
        }
        return elements
    }

    private static func word(_ parser: inout RuleParser) throws(RecurrenceError) -> Word {
        guard let word = parser.peek, word.bytes.first != UInt8(ascii: ",") else {
            throw parser.error("every", "a value is missing", allowed: "a date, a time or a number")
        }
        parser.index += 1
        return word
    }

    private static func number(_ parser: inout RuleParser) throws(RecurrenceError) -> Int {
        let word = try Self.word(&parser)
        let isNegative = word.bytes.first == UInt8(ascii: "-")
        guard let number = TimeText.number(isNegative ? word.bytes.dropFirst() : word.bytes) else {
            parser.index -= 1
            throw parser.error("every", "no number", allowed: "a number of at most nine digits")
        }
        return isNegative ? -number : number
    }

    private static func ordinal(_ word: Word) -> Int? {
        if word.lowercased == "last" { return -1 }
        if let index = RecurrenceRule.Day.ordinals.firstIndex(of: word.lowercased) { return index + 1 }
        let isNegative = word.bytes.first == UInt8(ascii: "-")
        return TimeText.number(isNegative ? word.bytes.dropFirst() : word.bytes).map { isNegative ? -$0 : $0 }
    }

    private static func weekday(_ word: Word) -> Weekday? {
        Weekday.names.firstIndex { Self.means(word, $0) }.map { Weekday(number: $0) }
    }

    private static func month(_ word: Word) -> Month? {
        Month.names.firstIndex { Self.means(word, $0) }.flatMap { Month(rawValue: $0 + 1) }
    }

    private static func unit(_ word: Word) -> RecurrenceRule.Unit? {
        RecurrenceRule.Unit.allCases.first { unit in
            word.lowercased == unit.rawValue || word.lowercased + "s" == unit.rawValue
        }
    }

    private static func means(_ word: Word, _ name: String) -> Bool {
        word.bytes.count <= 9 && (word.lowercased == name || word.lowercased == name.prefix(3))
    }

    /// Faults that the rule found itself get the place where the clause began.
    private func check(_ rule: RecurrenceRule, from start: Int) throws(RecurrenceError) {
        guard let fault = rule.faults.first else { return }
        let column = self.words[min(start, self.words.count - 1)].column
        throw RecurrenceError(fault.code, field: fault.field, column: column, fault.message, allowed: fault.allowed)
    }

    private var dayError: RecurrenceError {
        self.error(
            "on",
            "no day",
            allowed: "monday, first monday, last friday, -2 friday, day 15, last day, yearday 100"
        )
    }

    private func error(_ field: String, _ message: String, allowed: String) -> RecurrenceError {
        let said = self.peek.map { "\($0.quoted): \(message)" } ?? message
        let column = self.peek?.column ?? self.words.last?.end
        return RecurrenceError(.syntax, field: field, column: column, said, allowed: allowed)
    }
}
