import TestSupport
import WingmanScheduler

/// A random cron expression of five fields, together with what it means.
struct RandomCron {
    let text: String
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let weekdays: Set<Int>
    let followsRealTime: Bool

    init(using random: inout SeededGenerator) {
        let minute = Self.field(0..<60, ["*", "*/7", "*/15", "*/30"], using: &random)
        // Clocks change at night.
        let hour = Self.field(0..<4, ["*", "*/2", "*/3"], all: 24, using: &random)
        var weekday = (text: "*", values: Set(0..<7))
        if Int.random(in: 0..<3, using: &random) == 0 { weekday = Self.field(0..<7, ["*"], using: &random) }
        self.text = "\(minute.text) \(hour.text) * * \(weekday.text)"
        self.minutes = minute.values
        self.hours = hour.values
        self.weekdays = weekday.values
        self.followsRealTime = minute.text.hasPrefix("*") || hour.text.hasPrefix("*")
    }

    /// Whether clocks that show this many minutes since 1970 show a time of the expression.
    func matches(_ minutes: Int) -> Bool {
        let day = minutes.floored(1_440)
        return self.minutes.contains(minutes - minutes.floored(60) * 60)
            && self.hours.contains((minutes - day * 1_440) / 60)
            && self.weekdays.contains(day + 4 - (day + 4).floored(7) * 7)
    }

    private static func field(
        _ range: Range<Int>,
        _ stars: [String],
        all: Int? = nil,
        using random: inout SeededGenerator
    ) -> (text: String, values: Set<Int>) {
        if Int.random(in: 0..<3, using: &random) == 0 {
            let star = stars[Int.random(in: 0..<stars.count, using: &random)]
            let step = Int(star.dropFirst(2)) ?? 1
            return (star, Set(stride(from: 0, to: all ?? range.upperBound, by: step)))
        }
        if Bool.random(using: &random) {
            let first = Int.random(in: range, using: &random)
            let last = Int.random(in: first..<range.upperBound, using: &random)
            return ("\(first)-\(last)", Set(first...last))
        }
        let values = Set((0..<3).map { _ in Int.random(in: range, using: &random) })
        return (values.sorted().map(String.init).joined(separator: ","), values)
    }
}

/// Finds occurrences by looking at every minute of a stretch of time, knowing of a zone only its offset at an instant.
struct BruteForce {
    private var shown: [Int: [Int]] = [:]
    /// Minutes at which the offset changes, and the offsets before and after, in minutes.
    private var changes: [(instant: Int, before: Int, after: Int)] = []

    init(_ zone: Zone, minutes: Range<Int>) {
        var last: Int?
        for minute in minutes {
            let offset = zone.offset(at: Instant(secondsSince1970: minute * 60)) / 60
            self.shown[minute + offset, default: []].append(minute)
            if let last, last != offset { self.changes.append((minute, last, offset)) }
            last = offset
        }
    }

    /// The occurrences of an expression, in minutes since 1970 and in order.
    func occurrences(_ cron: RandomCron, _ policy: ClockPolicy, in minutes: Range<Int>) -> [Int] {
        var found: Set<Int> = []
        for (wall, instants) in self.shown where cron.matches(wall) {
            switch cron.followsRealTime ? .both : policy.overlap {
            case .first: found.insert(instants.min() ?? 0)
            case .last: found.insert(instants.max() ?? 0)
            case .both: found.formUnion(instants)
            }
        }
        for change in self.changes where change.after > change.before && change.after - change.before <= 180 {
            if cron.followsRealTime || policy.gap == .strict { continue }
            for wall in (change.instant + change.before)..<(change.instant + change.after) where cron.matches(wall) {
                found.insert(policy.gap == .nextTime ? change.instant : wall - change.before)
            }
        }
        return found.filter(minutes.contains).sorted()
    }
}

extension Int {
    fileprivate func floored(_ divisor: Int) -> Int {
        (self - (self % divisor + divisor) % divisor) / divisor
    }
}
