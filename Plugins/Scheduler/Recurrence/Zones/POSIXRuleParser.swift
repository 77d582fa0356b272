extension POSIXRule {
    /// Reads the rule; nil if it is not in the language.
    init?(_ text: some Sequence<UInt8>) {
        var parser = POSIXRuleParser(text)
        guard let rule = parser.rule() else { return nil }
        self = rule
    }
}

/// Reads a ``POSIXRule`` from left to right. Every step returns nil at what it does not understand.
private struct POSIXRuleParser {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: some Sequence<UInt8>) {
        self.bytes = Array(text)
    }

    mutating func rule() -> POSIXRule? {
        guard self.name(), let west = self.time(limit: 24) else { return nil }
        guard self.index < self.bytes.count else { return POSIXRule(standardOffset: -west, daylight: nil) }
        guard self.name() else { return nil }
        var offset = -west + 3_600
        if self.peek != UInt8(ascii: ",") {
            guard let west = self.time(limit: 24) else { return nil }
            offset = -west
        }
        guard self.take(","), let start = self.moment(), self.take(","), let end = self.moment(),
            self.index == self.bytes.count
        else { return nil }
        let daylight = POSIXRule.Daylight(offset: offset, start: start, end: end)
        return POSIXRule(standardOffset: -west, daylight: daylight)
    }

    /// `CET` or `<+0330>`: at least three characters.
    private mutating func name() -> Bool {
        let isQuoted = self.take("<")
        let start = self.index
        while let byte = self.peek, Self.isLetter(byte) || (isQuoted && Self.isSignOrDigit(byte)) { self.index += 1 }
        guard self.index - start >= 3 else { return false }
        return isQuoted ? self.take(">") : true
    }

    /// `2`, `-2`, `+10:30` or `3:00:00`, in seconds.
    private mutating func time(limit hours: Int) -> Int? {
        let isNegative = self.take("-")
        if !isNegative { _ = self.take("+") }
        guard let hour = self.number(upTo: hours) else { return nil }
        var seconds = hour * 3_600
        for unit in [60, 1] where self.take(":") {
            guard let part = self.number(upTo: 59) else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }

    private mutating func moment() -> POSIXRule.Moment? {
        guard let day = self.day() else { return nil }
        guard self.take("/") else { return POSIXRule.Moment(day: day, time: 2 * 3_600) }
        return self.time(limit: 167).map { POSIXRule.Moment(day: day, time: $0) }
    }

    private mutating func day() -> POSIXRule.Moment.Day? {
        if self.take("M") {
            guard let month = self.number(upTo: 12), month > 0, self.take("."), let week = self.number(upTo: 5),
                week > 0,
                self.take("."), let weekday = self.number(upTo: 6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
        if self.take("J") {
            guard let number = self.number(upTo: 365), number > 0 else { return nil }
            return .julian(number)
        }
        return self.number(upTo: 365).map { .ordinal($0) }
    }

    private mutating func number(upTo largest: Int) -> Int? {
        let start = self.index
        var number = 0
        while let byte = self.peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            guard number <= largest else { return nil }
            self.index += 1
        }
        return self.index > start ? number : nil
    }

    private var peek: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard self.peek == UInt8(ascii: character) else { return false }
        self.index += 1
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x41...0x5a ~= byte || 0x61...0x7a ~= byte }

    private static func isSignOrDigit(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }
}
