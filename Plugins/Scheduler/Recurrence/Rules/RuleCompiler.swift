/// Makes a rule's own part of a recurrence: its source of instants and the last of them, if they end by count.
struct RuleCompiler {
    let zone: Zone
    let policy: ClockPolicy

    /// - Throws: The rule's first fault, or that it never occurs.
    func part(_ rule: RecurrenceRule) throws(RecurrenceError) -> Part {
        if let fault = rule.faults.first ?? Self.contradiction(in: rule) { throw fault }
        let pattern = WallPattern.calendar(.rule(RuleDays(rule)), Self.times(of: rule), bounds: Self.bounds(of: rule))
        let source: Source
        if let unit = rule.unit.elapsed {
            let walls = ZonedWalker(pattern: pattern, zone: self.zone.table, policy: .realTime)
            let origin = self.instant(of: rule.start) - rule.start.timeOfDay % unit
            source = .elapsed(ElapsedWalker(walls: walls, origin: origin, unit: unit, interval: rule.interval))
        } else {
            source = .walls(ZonedWalker(pattern: pattern, zone: self.zone.table, policy: self.policy))
        }
        let beforeAll = rule.start.seconds - ZoneTable.largestOffset - 1
        guard let first = source.next(after: beforeAll), first <= Instant.seconds.upperBound else {
            throw RecurrenceError(.never, "\"\(rule.ownText)\" has no occurrence within 400 years")
        }
        return Part(source: source, last: rule.limit.flatMap { Self.last(of: source, first: first, count: $0) })
    }

    /// Where one bound is missing the calendar's own holds.
    private static func bounds(of rule: RecurrenceRule) -> ClosedRange<Int> {
        let start = rule.start.seconds
        return start...max(start, rule.end?.last.seconds ?? Instant.seconds.upperBound)
    }

    private static func last(of source: Source, first: Int, count: Int) -> Int? {
        var last = first
        for _ in 1..<max(count, 2) where count > 1 {
            guard let next = source.next(after: last), next <= Instant.seconds.upperBound else { return nil }
            last = next
        }
        return last
    }

    /// The first instant at which clocks show the wall time, or pass it in a gap.
    private func instant(of wall: WallTime) -> Int {
        if let instant = self.zone.instants(of: wall).first { return instant.secondsSince1970 }
        let before = self.zone.table.period(at: wall.seconds - ZoneTable.largestOffset)
        return wall.seconds - before.offset
    }

    private static func contradiction(in rule: RecurrenceRule) -> RecurrenceError? {
        let hasParts = !(rule.hours + rule.minutes + rule.seconds).isEmpty
        if !rule.times.isEmpty && rule.unit.elapsed != nil {
            let message = "a rule of \(rule.unit.rawValue) has no times of day"
            return RecurrenceError(.value, field: "at", message, allowed: "hours, minutes and seconds to narrow it")
        }
        if !rule.times.isEmpty && hasParts {
            return RecurrenceError(.value, field: "at", "times of day exclude hours, minutes and seconds")
        }
        if let end = rule.end, end.last < rule.start {
            return RecurrenceError(.never, field: "until", "\(end) is before \(rule.start)")
        }
        return nil
    }

    /// What is smaller than the unit and not given is the anchor's.
    private static func times(of rule: RecurrenceRule) -> TimePattern {
        guard rule.times.isEmpty else { return .list(rule.times) }
        let start = rule.start
        func set(_ given: [Int], all end: Int, inherits: Bool, _ anchors: Int) -> UInt64 {
            if !given.isEmpty { return UInt64(numbers: given) }
            return UInt64(numbers: inherits ? anchors...anchors : 0...(end - 1))
        }
        return .product(
            hours: set(rule.hours, all: 24, inherits: rule.unit.elapsed == nil, start.hour),
            minutes: set(rule.minutes, all: 60, inherits: (rule.unit.elapsed ?? 3_600) >= 3_600, start.minute),
            seconds: set(rule.seconds, all: 60, inherits: (rule.unit.elapsed ?? 3_600) >= 60, start.second)
        )
    }
}
