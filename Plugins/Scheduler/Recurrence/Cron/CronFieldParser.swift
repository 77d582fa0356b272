/// Reads one field of a cron expression.
struct CronFieldParser: Sendable {
    let field: CronField
    let id: String?

    /// The elements of the field's list.
    func items(_ word: Word) throws(RecurrenceError) -> [CronItem] {
        var items: [CronItem] = []
        for element in word.split(",") {
            guard !element.bytes.isEmpty else { throw self.error(element, "an element of the list is missing") }
            items.append(try self.item(element))
        }
        return items
    }

    private func item(_ word: Word) throws(RecurrenceError) -> CronItem {
        let parts = word.split("/")
        guard parts.count <= 2 else { throw self.error(parts[2], "there is a second step") }
        let step = parts.count == 2 ? try self.step(parts[1]) : nil
        let base = parts[0]
        switch base.bytes.first {
        case nil: throw self.error(base, "nothing stands before the step")
        case UInt8(ascii: "*") where base.bytes.count == 1: return .all(step: step ?? 1)
        case UInt8(ascii: "?") where base.bytes.count == 1 && self.isOfDays && step == nil: return .all(step: 1)
        case UInt8(ascii: "H"), UInt8(ascii: "h"): return try self.hashed(base, step: step)
        default: break
        }
        if let special = try self.special(base) {
            guard step == nil else { throw self.error(parts[1], "\(base.quoted) has no steps") }
            return special
        }
        return try self.range(base, step: step)
    }

    /// `5`, `1-5`, `5/20` (which is `5-59/20`).
    private func range(_ word: Word, step: Int?) throws(RecurrenceError) -> CronItem {
        let ends = word.split("-")
        guard let start = ends.first, !start.bytes.isEmpty else {
            throw self.error(word, "\(word.quoted) is no value: there are no negative ones")
        }
        guard ends.count <= 2 else { throw self.error(ends[2], "there is a third end of the range") }
        let first = try self.value(start)
        guard ends.count == 2 else {
            let isSunday = self.field == .dayOfWeek && first == 7
            let only = isSunday ? 0 : first
            return step.map { self.stepped(only, self.field.last, by: $0) } ?? .range(only, only, step: 1)
        }
        let last = try self.value(ends[1])
        guard first <= last || self.field.wraps else {
            throw self.error(word, "\(word.quoted) ends before it begins: only hours, months and weekdays go round")
        }
        // Sunday may begin a week, and end one.
        let beginsOnSunday = self.field == .dayOfWeek && first == 7
        return self.stepped(beginsOnSunday ? 0 : first, beginsOnSunday && last == 7 ? 0 : last, by: step ?? 1)
    }

    /// Where there is one value there is no step: `5-5/3` would read as `5/3` otherwise.
    private func stepped(_ first: Int, _ last: Int, by step: Int) -> CronItem {
        .range(first, last, step: first == last ? 1 : step)
    }

    private func step(_ word: Word) throws(RecurrenceError) -> Int {
        guard let step = TimeText.number(word.bytes), 1...self.field.size ~= step else {
            throw self.error(word, "\(word.quoted) is no step", allowed: "1-\(self.field.size)")
        }
        return step
    }

    private func value(_ word: Word) throws(RecurrenceError) -> Int {
        if let number = TimeText.number(word.bytes) {
            guard self.field.range ~= number else {
                let isLarge = number > self.field.range.upperBound
                throw self.error(word, "\(number) is too \(isLarge ? "large" : "small")")
            }
            return number
        }
        guard word.bytes.count == 3, let value = self.field.value(named: word.lowercased) else {
            let isMissing = word.bytes.isEmpty
            throw self.error(word, isMissing ? "an end of the range is missing" : "\(word.quoted) is no value")
        }
        return value
    }

    /// `L`, `L-3`, `LW`, `15W`; `5L`, `friL`, `5#3`. Nil for anything that is a range.
    private func special(_ word: Word) throws(RecurrenceError) -> CronItem? {
        switch self.field {
        case .dayOfMonth: return try self.specialDay(word)
        case .dayOfWeek: return try self.specialWeekday(word)
        case .second, .minute, .hour, .month: return nil
        }
    }

    private func specialDay(_ word: Word) throws(RecurrenceError) -> CronItem? {
        let text = word.lowercased
        if text == "l" { return .lastDay(before: 0) }
        if text == "lw" || text == "wl" { return .lastWorkday }
        if text.hasPrefix("l-") {
            guard let before = TimeText.number(word.bytes.dropFirst(2)), 1...30 ~= before else {
                throw self.error(word.dropping(2), "no day is so far from the end", allowed: "L-1 to L-30")
            }
            return .lastDay(before: before)
        }
        guard text.hasSuffix("w") else { return nil }
        return .nearestWorkday(try self.value(Word(bytes: word.bytes.dropLast(), column: word.column)))
    }

    private func specialWeekday(_ word: Word) throws(RecurrenceError) -> CronItem? {
        let parts = word.split("#")
        if parts.count == 2 {
            guard let nth = TimeText.number(parts[1].bytes), 1...5 ~= nth else {
                throw self.error(parts[1], "no month has that many", allowed: "#1 to #5, or 5L for the last Friday")
            }
            return .nthWeekday(nth, weekday: try self.value(parts[0]) % 7)
        }
        guard word.lowercased.hasSuffix("l") else { return nil }
        guard word.bytes.count > 1 else {
            throw self.error(word, "the last of which day is meant?", allowed: "0L to 7L or sunL to satL")
        }
        return .nthWeekday(-1, weekday: try self.value(Word(bytes: word.bytes.dropLast(), column: word.column)) % 7)
    }

    private var isOfDays: Bool { self.field == .dayOfMonth || self.field == .dayOfWeek }

    private func error(_ word: Word, _ message: String, allowed: String? = nil) -> RecurrenceError {
        RecurrenceError(
            .value,
            field: self.field.name,
            column: word.column,
            message,
            allowed: allowed ?? self.field.allowed
        )
    }
}

// MARK: - H

extension CronFieldParser {
    /// `H`, `H/15`, `H(0-29)`, `H(0-29)/10`: Jenkins' spread of schedules over their range, by their ids.
    private func hashed(_ word: Word, step: Int?) throws(RecurrenceError) -> CronItem {
        guard let id = self.id else {
            throw self.error(word, "H needs the id of a schedule")
        }
        let range = try self.hashRange(word.dropping(1))
        let hash = Int(truncatingIfNeeded: Self.hash(id, salt: self.field.rawValue) >> 1)
        guard let step else {
            let value = range.lowerBound + hash % range.count
            return .range(value, value, step: 1)
        }
        let first = range.lowerBound + hash % min(step, range.count)
        return self.stepped(first, range.upperBound, by: step)
    }

    private func hashRange(_ word: Word) throws(RecurrenceError) -> ClosedRange<Int> {
        if word.bytes.isEmpty {
            // Every month has the days up to 28.
            return self.field.range.lowerBound...(self.field == .dayOfMonth ? 28 : self.field.last)
        }
        guard word.bytes.first == UInt8(ascii: "("), word.bytes.last == UInt8(ascii: ")") else {
            throw self.error(word, "\(word.quoted) cannot follow H", allowed: "H  H/15  H(0-29)  H(0-29)/10")
        }
        let ends = Word(bytes: word.bytes.dropFirst().dropLast(), column: word.column + 1).split("-")
        guard ends.count == 2 else { throw self.error(word, "\(word.quoted) is no range", allowed: "H(0-29)") }
        let first = try self.value(ends[0])
        let last = try self.value(ends[1])
        guard first <= last else { throw self.error(word, "the range \(word.quoted) ends before it begins") }
        return first...last
    }

    /// FNV-1a with a final mix: stable over processes and versions, which Swift's `Hasher` is not on purpose.
    private static func hash(_ id: String, salt: Int) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in Array(id.utf8) + [UInt8(truncatingIfNeeded: salt)] {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        hash = (hash ^ (hash >> 32)) &* 0xd6e8_feb8_6659_fd93
        return hash ^ (hash >> 32)
    }
}
