extension RecurrenceRule: CustomStringConvertible {
    /// As ``Recurrence`` reads it: `every 2 weeks on monday, last friday at 09:00 from 2026-01-05`.
    public var description: String {
        var parts = [self.ownText]
        parts += self.alternatives.map(\.description)
        if !self.additions.isEmpty { parts.append("dates \(Self.list(self.additions))") }
        if !self.exceptedTimes.isEmpty { parts.append("except \(Self.list(self.exceptedTimes))") }
        parts += self.exceptions.map { "except \($0.ownText)" }
        return parts.joined(separator: "; ")
    }

    /// The rule without its alternatives and exceptions.
    var ownText: String {
        let unit = self.unit.rawValue
        var words = ["every", self.interval == 1 ? String(unit.dropLast()) : "\(self.interval) \(unit)"]
        for group in self.groups { words.append("on \(group.map(\.text).joined(separator: ", "))") }
        if !self.months.isEmpty { words.append("in \(Self.list(self.months))") }
        if !self.times.isEmpty {
            words.append("at \(self.times.map { TimeText.text(ofSecond: $0, always: false) }.joined(separator: ", "))")
        }
        if !self.hours.isEmpty { words.append("hours \(Self.list(self.hours))") }
        if !self.minutes.isEmpty { words.append("minutes \(Self.list(self.minutes))") }
        if !self.seconds.isEmpty { words.append("seconds \(Self.list(self.seconds))") }
        if self.weekStart != .monday { words.append("weekstart \(self.weekStart)") }
        if let anchor = self.anchor { words.append("from \(anchor)") }
        if let end = self.end { words.append("until \(end)") }
        if let limit = self.limit { words.append("count \(limit)") }
        return words.joined(separator: " ")
    }

    private static func list(_ elements: [some CustomStringConvertible]) -> String {
        elements.map(\.description).joined(separator: ", ")
    }
}
