extension Recurrence {
    /// The recurrence in plain English, a sentence a line: when, in which zone, what a change of the clock does.
    public var explanation: String {
        var lines = [capitalised(self.definition.terms.map(\.words).joined(separator: "; and ")) + "."]
        if !self.definition.exceptions.isEmpty || !self.definition.exceptedTimes.isEmpty {
            let rules = self.definition.exceptions.map(\.words)
            let exceptions = rules + self.definition.exceptedTimes.map(\.description)
            lines.append("Except \(sentenceList(exceptions)).")
        }
        if let bounds = self.boundsSentence { lines.append(bounds) }
        lines += self.clockSentences
        return lines.joined(separator: "\n")
    }

    /// What may not have been meant: days that combine by "or", steps that do not divide their range, rare occurrences,
    /// hours that a change of the clock skips. For `cron check`; empty if there is nothing to say.
    public var notes: [String] {
        var notes: [String] = []
        for case .cron(let expression) in self.definition.terms {
            notes += Self.stepNotes(expression) + self.dayNotes(expression) + self.hourNotes(expression)
        }
        if let note = self.rareNote { notes.append(note) }
        return notes
    }

    private var boundsSentence: String? {
        let from = self.definition.from.map { "from \($0)" }
        let until = self.definition.until.map { "until \($0)" }
        let count = self.definition.count.map { "\($0) \($0 == 1 ? "time" : "times")" }
        let parts = [from, until, count].compactMap { $0 }
        return parts.isEmpty ? nil : capitalised(parts.joined(separator: ", ")) + "."
    }

    private var clockSentences: [String] {
        let hasFixed = self.parts.contains { part in
            if case .walls(let walker) = part.source {
                walker.policy != .realTime || self.policy == .realTime
            } else {
                false
            }
        }
        guard self.zone != .utc else { return ["Times are UTC."] }
        var lines = ["Times are those of \(self.zone.name)."]
        guard self.parts.contains(where: { if case .every = $0.source { false } else { true } }) else { return lines }
        if hasFixed {
            let gap =
                switch self.policy.gap {
                case .nextTime: "runs when the change is over"
                case .preserving: "runs as much later as the clock goes forward"
                case .strict: "does not run"
                }
            let overlap =
                switch self.policy.overlap {
                case .first: "runs the first time"
                case .last: "runs the second time"
                case .both: "runs both times"
                }
            lines.append("A time that a change of the clock skips \(gap); one that occurs twice \(overlap).")
        } else {
            lines.append("It follows real time when the clock changes.")
        }
        return lines
    }
}

// MARK: - Notes

extension Recurrence {
    /// `*/45` is not every 45 minutes.
    private static func stepNotes(_ expression: CronExpression) -> [String] {
        [CronField.second, .minute, .hour].compactMap { field in
            guard case .all(let step)? = expression[field].first, expression[field].count == 1, step > 1,
                step == field.size || field.size % step != 0
            else { return nil }
            let values = sentenceList(expression.set(field).numbers.map(String.init))
            let unit = field == .hour ? "day" : field == .minute ? "hour" : "minute"
            return "*/\(step) in the \(field.name)s is \(values) of every \(unit), not every \(step) \(field.name)s"
        }
    }

    private func dayNotes(_ expression: CronExpression) -> [String] {
        let isRestricted: (CronField) -> Bool = { expression.set($0).numbers.count < $0.size }
        guard isRestricted(.dayOfMonth), isRestricted(.dayOfWeek) else { return [] }
        return expression.daysAreAlternatives
            ? ["the day of the month and the day of the week are alternatives: either of them is enough"]
            : ["a * begins one of the two fields of days: both of them have to match"]
    }

    private func hourNotes(_ expression: CronExpression) -> [String] {
        let hours = expression.set(.hour).numbers
        guard expression.followsRealTime, hours.count < 24, self.zone != .utc else { return [] }
        let far = Instant(secondsSince1970: Instant.seconds.upperBound)
        guard !self.zone.clockChanges(in: Self.notesBegin..<far, limit: 1).isEmpty else { return [] }
        return ["it follows real time: where a change of the clock skips one of its hours, that hour has no run"]
    }

    private var rareNote: String? {
        guard let first = self.next(after: max(Self.notesBegin, Instant(secondsSince1970: self.bounds.lowerBound - 1))),
            let second = self.next(after: first)
        else { return nil }
        let years = (second.secondsSince1970 - first.secondsSince1970) / (365 * secondsPerDay)
        return years > 1 ? "it is rare: between \(first) and \(second) lie \(years) years" : nil
    }

    /// Some day after which notes look for examples: they are the same whenever they are asked for.
    private static let notesBegin = Instant(secondsSince1970: 1_767_225_600)
}

extension Definition.Term {
    fileprivate var words: String {
        switch self {
        case .cron(let expression): CronWords(expression: expression).sentence
        case .rule(let rule): RuleWords(rule: rule).sentence
        case .every(let seconds): "every \(DurationText.text(seconds)), counted from 1970-01-01T00:00 UTC"
        case .dates(let stamps): "at \(sentenceList(stamps.map(\.description)))"
        }
    }
}
