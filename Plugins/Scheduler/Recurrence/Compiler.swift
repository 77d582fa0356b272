/// One alternative of a recurrence, ready to walk.
struct Part: Sendable {
    let source: Source
    /// The last instant, if the part ends by its count.
    var last: Int?

    func next(after instant: Int) -> Int? {
        guard let found = self.source.next(after: instant), found <= self.last ?? .max else { return nil }
        return found
    }

    func previous(before instant: Int) -> Int? {
        self.source.previous(before: min(instant, self.last.map { $0 + 1 } ?? .max))
    }

    func has(_ instant: Int) -> Bool {
        instant <= self.last ?? .max && self.source.has(instant)
    }
}

/// Makes the parts of a definition ready to walk.
struct Compiler {
    let zone: Zone
    let policy: ClockPolicy

    func parts(_ terms: [Definition.Term]) throws(RecurrenceError) -> [Part] {
        var parts: [Part] = []
        for term in terms { parts.append(try self.part(term)) }
        return parts
    }

    private func part(_ term: Definition.Term) throws(RecurrenceError) -> Part {
        switch term {
        case .every(let seconds): return Part(source: .every(seconds))
        case .rule(let rule): return try RuleCompiler(zone: self.zone, policy: self.policy).part(rule)
        case .dates(let stamps):
            return Part(source: .walls(self.walker(.list(stamps.map(\.wall.seconds).sorted()), self.policy)))
        case .cron(let expression):
            let pattern = WallPattern.calendar(.cron(expression.days), expression.times, bounds: Instant.seconds)
            return Part(source: .walls(self.walker(pattern, expression.followsRealTime ? .realTime : self.policy)))
        }
    }

    /// The instants of excepted wall times, those included to which a change of the clock moves them.
    func instants(_ stamps: [WallStamp]) -> Set<Int> {
        var found: Set<Int> = []
        for stamp in stamps {
            let policy = ClockPolicy(gap: self.policy.gap, overlap: .both)
            let walker = self.walker(.list([stamp.wall.seconds]), policy)
            var after = stamp.wall.seconds - 2 * secondsPerDay
            while let instant = walker.next(after: after) {
                found.insert(instant)
                after = instant
            }
        }
        return found
    }

    /// The instants between which occurrences lie.
    func bounds(_ definition: Definition) throws(RecurrenceError) -> ClosedRange<Int> {
        let start = definition.from.map { self.instant(of: $0.wall) } ?? Instant.seconds.lowerBound
        let end = definition.until.map { self.instant(of: $0.last) } ?? Instant.seconds.upperBound
        guard start <= end else {
            throw RecurrenceError(.never, field: "until", "the end is before the beginning")
        }
        guard definition.count == nil || definition.from != nil else {
            throw RecurrenceError(.syntax, field: "count", "a count needs a beginning", allowed: "from 2026-01-31")
        }
        return start...end
    }

    /// The last instant at which clocks show the wall time, or what they show when they pass it in a gap.
    private func instant(of wall: WallTime) -> Int {
        if let last = self.zone.instants(of: wall).last { return last.secondsSince1970 }
        let before = self.zone.table.period(at: wall.seconds - ZoneTable.largestOffset)
        return min(wall.seconds - before.offset, before.end)
    }

    private func walker(_ pattern: WallPattern, _ policy: ClockPolicy) -> ZonedWalker {
        ZonedWalker(pattern: pattern, zone: self.zone.table, policy: policy)
    }
}
