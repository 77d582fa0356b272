/// The times of day of a recurrence, in seconds since midnight; never empty.
enum TimePattern: Sendable, Hashable {
    /// Every combination of an hour, a minute and a second whose bits are set; none of the three is zero.
    case product(hours: UInt64, minutes: UInt64, seconds: UInt64)
    /// In ascending order.
    case list([Int])

    var first: Int {
        switch self {
        case .product(let hours, let minutes, let seconds): hours.first * 3_600 + minutes.first * 60 + seconds.first
        case .list(let times): times.first ?? 0
        }
    }

    var last: Int {
        switch self {
        case .product(let hours, let minutes, let seconds): hours.last * 3_600 + minutes.last * 60 + seconds.last
        case .list(let times): times.last ?? 0
        }
    }

    /// The first time at or after `time`, which is less than a day.
    func next(atOrAfter time: Int) -> Int? {
        switch self {
        case .list(let times): return times.first { $0 >= time }
        case .product(let hours, let minutes, let seconds):
            let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60)
            if hours.has(hour) {
                if minutes.has(minute), let found = seconds.next(atOrAfter: second) {
                    return hour * 3_600 + minute * 60 + found
                }
                if let found = minutes.next(atOrAfter: minute + 1) {
                    return hour * 3_600 + found * 60 + seconds.first
                }
            }
            return hours.next(atOrAfter: hour + 1).map { $0 * 3_600 + minutes.first * 60 + seconds.first }
        }
    }

    /// The last time at or before `time`, which is less than a day.
    func previous(atOrBefore time: Int) -> Int? {
        switch self {
        case .list(let times): return times.last { $0 <= time }
        case .product(let hours, let minutes, let seconds):
            let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60)
            if hours.has(hour) {
                if minutes.has(minute), let found = seconds.previous(atOrBefore: second) {
                    return hour * 3_600 + minute * 60 + found
                }
                if let found = minutes.previous(atOrBefore: minute - 1) {
                    return hour * 3_600 + found * 60 + seconds.last
                }
            }
            return hours.previous(atOrBefore: hour - 1).map { $0 * 3_600 + minutes.last * 60 + seconds.last }
        }
    }
}

/// A set of numbers from 0 to 63.
extension UInt64 {
    /// The set of these numbers; others than 0 to 63 are left out.
    init(numbers: some Sequence<Int>) {
        self = numbers.reduce(0) { set, number in 0...63 ~= number ? set | 1 << UInt64(number) : set }
    }

    /// The least member; the set is not empty.
    var first: Int { self.trailingZeroBitCount }
    /// The greatest member; the set is not empty.
    var last: Int { 63 - self.leadingZeroBitCount }
    /// All members in order.
    var numbers: [Int] { (0..<64).filter(self.has) }

    /// Whether `number`, from 0 to 63, is a member.
    func has(_ number: Int) -> Bool { self & (1 << UInt64(number)) != 0 }

    /// The least member that is not less than `number`.
    func next(atOrAfter number: Int) -> Int? {
        let rest = number > 63 ? 0 : self & (.max << UInt64(Swift.max(number, 0)))
        return rest == 0 ? nil : rest.first
    }

    /// The greatest member that is not greater than `number`.
    func previous(atOrBefore number: Int) -> Int? {
        let rest = number < 0 ? 0 : self & (.max >> UInt64(63 - Swift.min(number, 63)))
        return rest == 0 ? nil : rest.last
    }
}
