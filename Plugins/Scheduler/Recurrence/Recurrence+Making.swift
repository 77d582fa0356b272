extension Recurrence {
    /// Reads a recurrence.
    ///
    /// ```
    /// 0 4 * * sun Europe/Berlin                  cron, five fields or six with the second first
    /// CRON_TZ=Europe/Berlin 0 4 * * 0            the same
    /// @daily · @every 1h30m                      macros; intervals are counted from 1970-01-01T00:00:00Z
    /// every 2 weeks on monday, last friday at 09:00 from 2026-01-05 Europe/Berlin
    /// dates 2026-12-24T08:00, 2026-12-31T08:00
    /// 0 9 * * 1-5; every month on last day at 18:00; except 2026-12-25; until 2027-06-30; gap strict; overlap both
    /// ```
    ///
    /// Clauses are separated by semicolons: alternatives, `except` (dates, times or a further recurrence), `from`, `until`,
    /// `count`, `gap` and `overlap`. The zone stands once, after an alternative. Ranges go round (`22-2`, `fri-mon`,
    /// `nov-feb`) in hours, days of the week and months, and are refused when they run backwards anywhere else.
    ///
    /// - Parameters:
    ///   - text: At most 8 KiB.
    ///   - zone: The zone if the text names none; UTC by default. It is an error to name two.
    ///   - policy: Holds where the text has no `gap` or `overlap`.
    ///   - id: The id of the schedule, from which `H` takes its values.
    /// - Throws: ``RecurrenceError`` with the field and the column.
    public init(
        _ text: String,
        zone: Zone? = nil,
        policy: ClockPolicy = ClockPolicy(),
        id: String? = nil
    ) throws(RecurrenceError) {
        var parser = RecurrenceParser(id: id)
        try parser.read(try SourceText(text))
        if let given = zone, let written = parser.zone, given != written {
            throw RecurrenceError(
                .value,
                field: "zone",
                "the text says \(written), the argument \(given): leave out one"
            )
        }
        try self.init(
            parser.definition,
            zone: parser.zone ?? zone ?? .utc,
            policy: ClockPolicy(gap: parser.gap ?? policy.gap, overlap: parser.overlap ?? policy.overlap)
        )
    }

    /// Reads a recurrence, with the name of a zone.
    ///
    /// - Throws: ``RecurrenceError``, also if there is no such zone.
    public init(
        _ text: String,
        timeZone: String,
        policy: ClockPolicy = ClockPolicy(),
        id: String? = nil
    ) throws(RecurrenceError) {
        try self.init(text, zone: try Zone(named: timeZone), policy: policy, id: id)
    }

    /// The recurrence of a rule, its alternatives and exceptions.
    ///
    /// - Throws: ``RecurrenceError``: a wrong value in the rule, or that it never occurs.
    public init(
        _ rule: RecurrenceRule,
        zone: Zone = .utc,
        policy: ClockPolicy = ClockPolicy()
    ) throws(RecurrenceError) {
        var definition = Definition()
        definition.add(rule)
        // The first of all faults, wherever in the tree of rules it is.
        if let fault = rule.allFaults.first { throw fault }
        try self.init(definition, zone: zone, policy: policy)
    }

    /// Every so many seconds, counted from 1970-01-01T00:00:00Z: the same on every machine and after every start.
    ///
    /// - Parameter seconds: 1 to 31 622 400, which is 366 days.
    public static func every(seconds: Int) throws(RecurrenceError) -> Recurrence {
        guard DurationText.allowed ~= seconds else {
            throw RecurrenceError(.value, field: "@every", "\(seconds) s is no interval", allowed: "1 s to 366 days")
        }
        return try Recurrence(Definition(terms: [.every(seconds)]), zone: .utc, policy: ClockPolicy())
    }

    /// At these wall times and no others.
    ///
    /// - Parameters:
    ///   - dates: As `2026-12-24T08:00`; a date alone is its midnight.
    ///   - zone: Whose wall it is.
    ///   - policy: For times that a change of the clock skips or repeats.
    public static func dates(
        _ dates: [String],
        zone: Zone = .utc,
        policy: ClockPolicy = ClockPolicy()
    ) throws(RecurrenceError) -> Recurrence {
        try Recurrence("dates \(dates.joined(separator: ", "))", zone: zone, policy: policy)
    }
}

extension RecurrenceRule {
    /// Its own faults and those of its alternatives and exceptions.
    fileprivate var allFaults: [RecurrenceError] {
        self.faults + (self.alternatives + self.exceptions).flatMap(\.allFaults)
    }
}
