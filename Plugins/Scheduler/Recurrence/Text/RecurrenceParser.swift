/// Reads the text of a recurrence, clause by clause.
struct RecurrenceParser {
    /// The id of the schedule, for `H`.
    let id: String?
    private(set) var definition = Definition()
    private(set) var zone: Zone?
    private(set) var gap: GapPolicy?
    private(set) var overlap: OverlapPolicy?

    init(id: String?) {
        self.id = id
    }

    /// More zones, parts and exceptions than a schedule has.
    private static let largestNumberOfClauses = 100

    mutating func read(_ text: SourceText) throws(RecurrenceError) {
        let clauses = text.clauses
        guard clauses.count <= Self.largestNumberOfClauses else {
            throw RecurrenceError(
                .syntax,
                "\(clauses.count) clauses",
                allowed: "at most \(Self.largestNumberOfClauses)"
            )
        }
        guard clauses.contains(where: { !$0.isEmpty }) else {
            throw RecurrenceError(.syntax, column: 1, "the text is empty", allowed: Self.allowed)
        }
        for clause in clauses where !clause.isEmpty { try self.read(clause) }
        guard !self.definition.terms.isEmpty else {
            throw RecurrenceError(.syntax, column: 1, "there is nothing to repeat", allowed: Self.allowed)
        }
    }

    private static let allowed = "cron as in 0 4 * * sun, @daily, @every 1h, or every 2 weeks on monday at 09:00"

    private mutating func read(_ clause: [Word]) throws(RecurrenceError) {
        let rest = Array(clause.dropFirst())
        switch clause[0].lowercased {
        case "except":
            if let first = rest.first, WallStamp(Self.uncomma(first).text) != nil {
                self.definition.exceptedTimes += try Self.stamps(rest, after: clause[0])
            } else {
                self.definition.exceptions.append(try self.term(rest, after: clause[0]))
            }
        case "gap": self.gap = try Self.choice(rest, after: clause[0])
        case "overlap": self.overlap = try Self.choice(rest, after: clause[0])
        case "from": self.definition.from = try Self.stamp(rest, after: clause[0])
        case "until": self.definition.until = try Self.stamp(rest, after: clause[0])
        case "count": self.definition.count = try Self.count(rest, after: clause[0])
        default: self.definition.terms.append(try self.term(clause, after: clause[0]))
        }
    }

    private mutating func term(_ clause: [Word], after: Word) throws(RecurrenceError) -> Definition.Term {
        let words = try self.takeZone(clause)
        guard let first = words.first else {
            throw RecurrenceError(.syntax, column: after.end, "nothing follows", allowed: Self.allowed)
        }
        switch first.lowercased {
        case "every":
            return .rule(try RuleParser.rule(words))
        case "dates":
            return .dates(try Self.stamps(Array(words.dropFirst()), after: first))
        case "@every":
            guard words.count == 2, let seconds = DurationText.seconds(words[1].bytes) else {
                let place = words.count > 2 ? words[2] : words.last ?? first
                let message = "\(place.quoted) is no interval"
                throw RecurrenceError(
                    .value,
                    field: "@every",
                    column: place.column,
                    message,
                    allowed: "1s to 366d, as in 1h30m"
                )
            }
            return .every(seconds)
        default:
            return .cron(try CronParser(id: self.id).expression(words))
        }
    }

    /// The clause without its zone: `CRON_TZ=` or `TZ=` before it, or a name at its end.
    private mutating func takeZone(_ clause: [Word]) throws(RecurrenceError) -> [Word] {
        guard let first = clause.first, let last = clause.last else { return [] }
        for prefix in ["CRON_TZ=", "TZ="] where first.text.hasPrefix(prefix) {
            try self.setZone(first.dropping(prefix.utf8.count))
            return try self.takeZone(Array(clause.dropFirst()))
        }
        let isNamed =
            switch first.lowercased {
            case "every": RuleParser.isZone(last)
            case "dates", "@every": clause.count > 2 && RuleParser.isZone(last)
            default: clause.count >= (first.bytes.first == UInt8(ascii: "@") ? 2 : 6) && CronParser.isZone(last)
            }
        guard isNamed else { return clause }
        try self.setZone(last)
        return clause.dropLast()
    }

    private mutating func setZone(_ word: Word) throws(RecurrenceError) {
        let zone: Zone
        do throws(RecurrenceError) {
            zone = try Zone(named: word.text)
        } catch {
            throw RecurrenceError(error.code, field: error.field, column: word.column, error.message)
        }
        guard self.zone == nil || self.zone == zone else {
            throw RecurrenceError(.value, field: "zone", column: word.column, "a second zone")
        }
        self.zone = zone
    }
}

// MARK: - Parts of clauses

extension RecurrenceParser {
    private static func choice<Choice: RawRepresentable & CaseIterable>(_ words: [Word], after: Word)
        throws(RecurrenceError) -> Choice where Choice.RawValue == String
    {
        let written = words.first?.lowercased
        guard words.count == 1, let choice = Choice.allCases.first(where: { $0.rawValue.lowercased() == written })
        else {
            let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.error(words.first, after, "no such policy", allowed: allowed)
        }
        return choice
    }

    private static func stamp(_ words: [Word], after: Word) throws(RecurrenceError) -> WallStamp {
        guard words.count == 1, let stamp = WallStamp(words[0].text) else {
            throw Self.error(words.first, after, "no date", allowed: "2026-01-31 or 2026-01-31T09:00")
        }
        return stamp
    }

    private static func count(_ words: [Word], after: Word) throws(RecurrenceError) -> Int {
        let range = 1...RecurrenceRule.largestLimit
        guard words.count == 1, let count = TimeText.number(words[0].bytes), range ~= count else {
            throw Self.error(words.first, after, "no number of times", allowed: "1 to \(RecurrenceRule.largestLimit)")
        }
        return count
    }

    /// Dates between commas.
    private static func stamps(_ words: [Word], after: Word) throws(RecurrenceError) -> [WallStamp] {
        var stamps: [WallStamp] = []
        for (index, word) in words.enumerated() {
            let isLast = index == words.count - 1
            // A blank before the next date needs its comma, and the last date has none.
            let parts = word.split(",").filter { !$0.bytes.isEmpty }
            let hasComma = word.bytes.last == UInt8(ascii: ",")
            guard !parts.isEmpty, hasComma != isLast else {
                throw Self.error(word, after, "dates are separated by commas", allowed: "2026-01-31, 2026-02-28T09:00")
            }
            for part in parts { stamps.append(try Self.stamp([part], after: after)) }
        }
        guard !stamps.isEmpty else { throw Self.error(nil, after, "no date", allowed: "2026-01-31, 2026-02-28T09:00") }
        return stamps
    }

    private static func uncomma(_ word: Word) -> Word {
        word.split(",").first ?? word
    }

    private static func error(_ word: Word?, _ after: Word, _ message: String, allowed: String) -> RecurrenceError {
        let column = word?.column ?? after.end
        let said = word.map { "\($0.quoted): \(message)" } ?? message
        return RecurrenceError(.value, field: after.lowercased, column: column, said, allowed: allowed)
    }
}
