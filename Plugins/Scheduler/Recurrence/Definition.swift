/// What a recurrence was defined as, before it is made to walk: its parts, exceptions and bounds.
struct Definition: Sendable, Hashable {
    /// One of the alternatives of a recurrence.
    enum Term: Sendable, Hashable {
        case cron(CronExpression)
        /// Without alternatives and exceptions of its own.
        case rule(RecurrenceRule)
        /// Seconds, counted from 1970-01-01T00:00:00Z.
        case every(Int)
        case dates([WallStamp])
    }

    var terms: [Term] = []
    var exceptions: [Term] = []
    var exceptedTimes: [WallStamp] = []
    var from: WallStamp?
    var until: WallStamp?
    var count: Int?

    /// Adds a rule with its alternatives and exceptions.
    mutating func add(_ rule: RecurrenceRule) {
        self.terms.append(.rule(rule.alone))
        for alternative in rule.alternatives { self.add(alternative) }
        if !rule.additions.isEmpty { self.terms.append(.dates(rule.additions)) }
        for exception in rule.exceptions { self.except(exception) }
        self.exceptedTimes += rule.exceptedTimes
    }

    /// Adds a rule with its alternatives as exceptions; exceptions of exceptions are nobody's wish and left out.
    mutating func except(_ rule: RecurrenceRule) {
        self.exceptions.append(.rule(rule.alone))
        for alternative in rule.alternatives { self.except(alternative) }
    }

    /// The canonical text.
    ///
    /// - Parameters:
    ///   - zone: Stands after the first term, unless it is UTC.
    ///   - policy: Stands in clauses of its own where it is not the default.
    func text(zone: Zone, policy: ClockPolicy) -> String {
        var clauses = self.terms.map(\.text)
        if zone != .utc && !clauses.isEmpty { clauses[0] += " \(zone.name)" }
        clauses += self.exceptions.map { "except \($0.text)" }
        if !self.exceptedTimes.isEmpty {
            clauses.append("except \(self.exceptedTimes.map(\.description).joined(separator: ", "))")
        }
        if let from = self.from { clauses.append("from \(from)") }
        if let until = self.until { clauses.append("until \(until)") }
        if let count = self.count { clauses.append("count \(count)") }
        if policy.gap != .nextTime { clauses.append("gap \(policy.gap.rawValue)") }
        if policy.overlap != .first { clauses.append("overlap \(policy.overlap.rawValue)") }
        return clauses.joined(separator: "; ")
    }
}

extension Definition.Term {
    var text: String {
        switch self {
        case .cron(let expression): "\(expression)"
        case .rule(let rule): rule.ownText
        case .every(let seconds): "@every \(DurationText.text(seconds))"
        case .dates(let stamps): "dates \(stamps.map(\.description).joined(separator: ", "))"
        }
    }
}

extension RecurrenceRule {
    /// The rule without its alternatives and exceptions.
    fileprivate var alone: RecurrenceRule {
        var rule = self
        rule.alternatives = []
        rule.additions = []
        rule.exceptions = []
        rule.exceptedTimes = []
        return rule
    }
}
