/// A cron expression: which seconds, minutes, hours, days and months.
///
/// Five fields (minute, hour, day of month, month, day of week), or six with the second first. What is written decides
/// three things beside the values: an expression with a `*` first in its minutes or hours follows real time when the clock
/// changes; with a `*` first in one of the two fields of days both must match, otherwise either (cronie's rules).
struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// By ``CronField/rawValue``; the seconds are `0` where none were written.
    let fields: [[CronItem]]
    /// Whether the seconds were written.
    let hasSeconds: Bool

    subscript(field: CronField) -> [CronItem] { self.fields[field.rawValue] }

    /// Every matching instant counts, whatever the policy: an interval in cron's clothes.
    var followsRealTime: Bool {
        self.startsWithStar(.minute) || self.startsWithStar(.hour)
    }

    /// With both fields of days restricted, either of them makes a day match.
    var daysAreAlternatives: Bool {
        !self.startsWithStar(.dayOfMonth) && !self.startsWithStar(.dayOfWeek)
    }

    /// In numbers, names and macros resolved: the same text for the same expression, and readable again.
    var description: String {
        self.fields.dropFirst(self.hasSeconds ? 0 : 1)
            .map { items in items.map(\.description).joined(separator: ",") }
            .joined(separator: " ")
    }

    func startsWithStar(_ field: CronField) -> Bool {
        self[field].first?.isStar ?? false
    }

    /// The plain values of a field as a set.
    func set(_ field: CronField) -> UInt64 {
        UInt64(numbers: self[field].flatMap { $0.values(in: field) })
    }

    var times: TimePattern {
        .product(hours: self.set(.hour), minutes: self.set(.minute), seconds: self.set(.second))
    }

    var days: CronDays { CronDays(self) }
}

/// The days of a cron expression.
struct CronDays: Sendable, Hashable, MonthPattern {
    private let months: UInt64
    private let daysOfMonth: UInt32
    private let weekdays: UInt64
    /// The elements of both fields that depend on the month.
    private let special: [CronItem]
    private let specialWeekdays: [CronItem]
    private let areAlternatives: Bool

    init(_ expression: CronExpression) {
        self.months = expression.set(.month)
        self.daysOfMonth = UInt32(truncatingIfNeeded: expression.set(.dayOfMonth) >> 1)
        self.weekdays = expression.set(.dayOfWeek)
        self.special = expression[.dayOfMonth].filter { $0.values(in: .dayOfMonth).isEmpty }
        self.specialWeekdays = expression[.dayOfWeek].filter { $0.values(in: .dayOfWeek).isEmpty }
        self.areAlternatives = expression.daysAreAlternatives
    }

    func days(in month: MonthFrame) -> UInt32 {
        guard self.months.has(month.index % 12 + 1) else { return 0 }
        let byDate = self.special.reduce(self.daysOfMonth & month.allDays) { $0 | Self.days(of: $1, in: month) }
        let byWeekday = self.specialWeekdays.reduce(month.days(on: self.weekdays)) { $0 | Self.days(of: $1, in: month) }
        return self.areAlternatives ? byDate | byWeekday : byDate & byWeekday
    }

    private static func days(of item: CronItem, in month: MonthFrame) -> UInt32 {
        switch item {
        case .lastDay(let before): month.bit(ofDay: month.length - before)
        case .lastWorkday: month.bit(ofDay: Self.workday(nearestTo: month.length, in: month))
        case .nearestWorkday(let day):
            day > month.length ? 0 : month.bit(ofDay: Self.workday(nearestTo: day, in: month))
        case .nthWeekday(let nth, let weekday): month.day(nth, weekday)
        case .all, .range: 0
        }
    }

    /// Quartz: Saturday goes to the Friday before, Sunday to the Monday after, but never into another month.
    private static func workday(nearestTo day: Int, in month: MonthFrame) -> Int {
        switch month.weekday(ofDay: day) {
        case 6: day == 1 ? day + 2 : day - 1
        case 0: day == month.length ? day - 2 : day + 1
        default: day
        }
    }
}
