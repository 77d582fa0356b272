// swift-format-ignore: AlwaysUseLowerCamelCase
/// Begins a rule that repeats every `count` units.
///
/// ```swift
/// Every(2, .weeks).on(.monday, .last(.friday)).at("09:00")
/// Every(1, .months).on(.lastDay).at("18:00").from("2026-01-01").count(12)
/// Every(2, .hours).minutesOfHour(15, 45)
/// ```
///
/// - Parameters:
///   - count: From 1; at most a hundred years.
///   - unit: What is counted.
public func Every(_ count: Int, _ unit: RecurrenceRule.Unit) -> RecurrenceRule {
    RecurrenceRule(every: count, unit)
}

/// A rule by which something is repeated: what cron cannot say.
///
/// The vocabulary is ice_cube's, and so is its meaning:
///
/// * Intervals are counted from the anchor (``from(_:)``), which is also the earliest time; without one it is
///   2010-01-01T00:00, as in Sidetiq, so that no restart shifts a phase.
/// * What is smaller than the unit and not given is the anchor's: `Every(1, .weeks)` is on the anchor's weekday at its
///   time. A day of the month that is the anchor's is the last day in shorter months; one that was given leaves them out.
/// * Days in one ``on(_:)`` are alternatives, and each further one narrows: `.on(.friday).on(.day(13))` is Friday the 13th.
/// * Rules of days and longer have fixed times of day. Rules of hours and shorter count time as it really passes.
///
/// A wrong value is kept as a fault and refused when a ``Recurrence`` is made of the rule.
public struct RecurrenceRule: Sendable, Hashable {
    /// What a rule counts.
    public enum Unit: String, Sendable, CaseIterable {
        /// Seconds as they pass.
        case seconds
        /// Minutes as they pass.
        case minutes
        /// Hours as they pass.
        case hours
        /// Days of the calendar.
        case days
        /// Weeks of the calendar; see ``RecurrenceRule/weeksBegin(on:)``.
        case weeks
        /// Months of the calendar.
        case months
        /// Years of the calendar.
        case years

        /// Seconds of real time in it, for units that are counted so.
        var elapsed: Int? {
            switch self {
            case .seconds: 1
            case .minutes: 60
            case .hours: 3_600
            case .days, .weeks, .months, .years: nil
            }
        }

        /// A hundred years.
        var largestCount: Int {
            switch self {
            case .seconds: 36_600 * secondsPerDay
            case .minutes: 36_600 * 1_440
            case .hours: 36_600 * 24
            case .days: 36_600
            case .weeks: 5_200
            case .months: 1_200
            case .years: 100
            }
        }
    }

    let interval: Int
    let unit: Unit
    var groups: [[Day]] = []
    var months: [Month] = []
    /// Seconds since midnight.
    var times: [Int] = []
    var hours: [Int] = []
    var minutes: [Int] = []
    var seconds: [Int] = []
    var anchor: WallStamp?
    var end: WallStamp?
    var limit: Int?
    /// ISO 8601's and iCalendar's week; ice_cube's begins on Sunday.
    var weekStart: Weekday = .monday
    var alternatives: [RecurrenceRule] = []
    var additions: [WallStamp] = []
    var exceptions: [RecurrenceRule] = []
    var exceptedTimes: [WallStamp] = []
    var faults: [RecurrenceError] = []

    /// Repeats every `count` units; the same as ``Every(_:_:)``.
    public init(every count: Int, _ unit: Unit) {
        self.interval = count
        self.unit = unit
        if !(1...unit.largestCount ~= count) {
            let allowed = "1 to \(unit.largestCount) \(unit.rawValue)"
            self.faults.append(RecurrenceError(.value, field: "every", "\(count) is no interval", allowed: allowed))
        }
    }

    /// Anchored there when nothing else is said; Sidetiq's anchor.
    static let defaultAnchor = WallTime(seconds: 14_610 * secondsPerDay)

    /// The anchor that holds.
    var start: WallTime { self.anchor?.wall ?? Self.defaultAnchor }
}
