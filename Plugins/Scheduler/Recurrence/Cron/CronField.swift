/// The fields of a cron expression, in their order.
enum CronField: Int, Sendable, CaseIterable {
    case second
    case minute
    case hour
    case dayOfMonth
    case month
    case dayOfWeek

    /// As in messages: `day of month`.
    var name: String {
        switch self {
        case .second: "second"
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of month"
        case .month: "month"
        case .dayOfWeek: "day of week"
        }
    }

    /// What may be written. A week's 7 is its 0.
    var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// How many different values there are, which is the largest step.
    var size: Int {
        switch self {
        case .second, .minute: 60
        case .hour: 24
        case .dayOfMonth: 31
        case .month: 12
        case .dayOfWeek: 7
        }
    }

    /// Where `*` ends.
    var last: Int { self == .dayOfWeek ? 6 : self.range.upperBound }

    /// Whether a range may go over the end, as `22-2`, `fri-mon` and `nov-feb` do. In minutes, seconds and days of the
    /// month it is a slip of the pen more often than a wish, and refused.
    var wraps: Bool {
        switch self {
        case .hour, .month, .dayOfWeek: true
        case .second, .minute, .dayOfMonth: false
        }
    }

    /// For messages.
    var allowed: String {
        switch self {
        case .second, .minute: "0-59, as in 5  1,5  1-5  */15  H"
        case .hour: "0-23, as in 5  1,5  22-2  */2  H"
        case .dayOfMonth: "1-31, as in 5  1,15  1-7  */2  L  L-3  15W  LW  H  ?"
        case .month: "1-12 or jan-dec, as in 5  1,7  nov-feb  */3  H"
        case .dayOfWeek: "0-7 or sun-sat (0 and 7 are Sunday), as in 5  1,3  mon-fri  5L  5#3  H  ?"
        }
    }

    /// The value of a name of three letters in lower case.
    func value(named name: String) -> Int? {
        switch self {
        case .month: Month.names.firstIndex { $0.prefix(3) == name }.map { $0 + 1 }
        case .dayOfWeek: Weekday.names.firstIndex { $0.prefix(3) == name }
        default: nil
        }
    }
}

/// One element of a field's list.
enum CronItem: Sendable, Hashable, CustomStringConvertible {
    /// `*`, `?` or `*/n`.
    case all(step: Int)
    /// `5`, `1-5`, `22-2`, `1-30/5`; a number alone has two equal ends.
    case range(Int, Int, step: Int)
    /// `L` is 0 days before the end of the month, `L-3` is 3.
    case lastDay(before: Int)
    /// `LW`: the last Monday to Friday of the month.
    case lastWorkday
    /// `15W`: the Monday to Friday nearest to that day, within the month.
    case nearestWorkday(Int)
    /// `5#3`: the third Friday of the month; -1 is the last, `5L`.
    case nthWeekday(Int, weekday: Int)

    var description: String {
        switch self {
        case .all(let step): step == 1 ? "*" : "*/\(step)"
        case .range(let first, let last, let step):
            (first == last ? "\(first)" : "\(first)-\(last)") + (step == 1 ? "" : "/\(step)")
        case .lastDay(let before): before == 0 ? "L" : "L-\(before)"
        case .lastWorkday: "LW"
        case .nearestWorkday(let day): "\(day)W"
        case .nthWeekday(let nth, let weekday): nth < 0 ? "\(weekday)L" : "\(weekday)#\(nth)"
        }
    }

    /// Whether it begins with `*`, which makes an entry follow real time, and days combine by "and".
    var isStar: Bool {
        if case .all = self { true } else { false }
    }

    /// Its plain values; none for the kinds that depend on the month.
    func values(in field: CronField) -> [Int] {
        switch self {
        case .all(let step):
            return Array(stride(from: field.range.lowerBound, through: field.last, by: step))
        case .range(let first, let last, let step):
            let size = field.size
            let end = last < first ? last + size : last
            let values = stride(from: first, through: end, by: step)
            return values.map { (($0 - field.range.lowerBound) % size) + field.range.lowerBound }
        case .lastDay, .lastWorkday, .nearestWorkday, .nthWeekday: return []
        }
    }
}
