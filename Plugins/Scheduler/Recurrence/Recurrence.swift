/// When something is due, again and again: cron, rules, intervals, dates, or several of them.
///
/// ```swift
/// let digest = try Recurrence("0 4 * * sun Europe/Berlin")
/// let report = try Recurrence(Every(2, .weeks).on(.monday).at("09:00"), zone: Zone(named: "America/New_York"))
/// digest.next(after: now)
/// ```
///
/// A value without a clock: all questions are answered by what was written and the zone's table, in bounded time. Every
/// recurrence that could be made has an occurrence. Its ``description`` is canonical and can be read again.
public struct Recurrence: Sendable, Hashable, CustomStringConvertible {
    /// Whose wall clock is meant.
    public let zone: Zone
    /// What happens to fixed times when the clock changes.
    public let policy: ClockPolicy
    let definition: Definition

    let parts: [Part]
    let exceptions: [Part]
    let exceptedDays: Set<Int>
    let exceptedInstants: Set<Int>
    /// In which occurrences lie: the bounds given, within the years 1 to 9999.
    private(set) var bounds: ClosedRange<Int>

    init(_ definition: Definition, zone: Zone, policy: ClockPolicy) throws(RecurrenceError) {
        let compiler = Compiler(zone: zone, policy: policy)
        self.zone = zone
        self.policy = policy
        self.definition = definition
        self.parts = try compiler.parts(definition.terms)
        self.exceptions = try compiler.parts(definition.exceptions)
        self.exceptedDays = Set(definition.exceptedTimes.filter(\.isDate).map(\.wall.dayNumber))
        self.exceptedInstants = compiler.instants(definition.exceptedTimes.filter { !$0.isDate })
        let bounds = try compiler.bounds(definition)
        self.bounds = bounds
        guard !definition.terms.isEmpty else { throw RecurrenceError(.syntax, "there is nothing to repeat") }
        guard let first = self.next(afterSecond: bounds.lowerBound - 1) else {
            throw RecurrenceError(.never, "its exceptions and bounds leave no occurrence")
        }
        if let count = definition.count, let last = self.nth(count, from: first) {
            self.bounds = bounds.lowerBound...last
        }
    }

    /// The first occurrence after `instant`; nil if there is none.
    public func next(after instant: Instant) -> Instant? {
        self.next(afterSecond: instant.secondsSince1970).map { Instant(secondsSince1970: $0) }
    }

    /// The last occurrence before `instant`; nil if there is none.
    public func previous(before instant: Instant) -> Instant? {
        self.previous(beforeSecond: instant.secondsSince1970).map { Instant(secondsSince1970: $0) }
    }

    /// The occurrences within a range, in order.
    ///
    /// - Parameters:
    ///   - range: From when, and before when.
    ///   - limit: How many at most.
    public func occurrences(in range: Range<Instant>, limit: Int) -> [Instant] {
        var found: [Instant] = []
        var after = Instant(
            secondsSince1970: Swift.max(range.lowerBound.secondsSince1970, Instant.seconds.lowerBound) - 1
        )
        while found.count < limit, let next = self.next(after: after), next < range.upperBound {
            found.append(next)
            after = next
        }
        return found
    }

    /// Whether it occurs at `instant`.
    public func contains(_ instant: Instant) -> Bool {
        Instant.seconds ~= instant.secondsSince1970
            && self.next(afterSecond: instant.secondsSince1970 - 1) == instant.secondsSince1970
    }

    /// The canonical text: the same for what is equal, and readable by ``init(_:zone:policy:id:)``.
    public var description: String { self.definition.text(zone: self.zone, policy: self.policy) }

    /// Recurrences are equal if they are defined alike, in the same zone with the same policy.
    public static func == (left: Self, right: Self) -> Bool {
        left.definition == right.definition && left.zone == right.zone && left.policy == right.policy
    }

    /// Hashes the definition, the zone and the policy.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.definition)
        hasher.combine(self.zone)
        hasher.combine(self.policy)
    }
}
