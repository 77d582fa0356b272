/// The wall times of a recurrence, as if the clock never changed: in seconds since 1970 on the wall.
enum WallPattern: Sendable, Hashable {
    /// Days and times of day, within bounds.
    case calendar(DayPattern, TimePattern, bounds: ClosedRange<Int>)
    /// Exactly these, in ascending order.
    case list([Int])

    /// The first at or after `wall`.
    func next(atOrAfter wall: Int) -> Int? {
        switch self {
        case .list(let walls): return walls.first { $0 >= wall }
        case .calendar(let days, let times, let bounds):
            let from = max(wall, bounds.lowerBound)
            guard from <= bounds.upperBound else { return nil }
            let today = from.floorDivided(by: secondsPerDay)
            guard var day = days.next(onOrAfter: today) else { return nil }
            var found = day * secondsPerDay + times.first
            if day == today {
                if let time = times.next(atOrAfter: from - today * secondsPerDay) {
                    found = today * secondsPerDay + time
                } else {
                    guard let later = days.next(onOrAfter: today + 1) else { return nil }
                    day = later
                    found = day * secondsPerDay + times.first
                }
            }
            return found <= bounds.upperBound ? found : nil
        }
    }

    /// The last at or before `wall`.
    func previous(atOrBefore wall: Int) -> Int? {
        switch self {
        case .list(let walls): return walls.last { $0 <= wall }
        case .calendar(let days, let times, let bounds):
            let from = min(wall, bounds.upperBound)
            guard from >= bounds.lowerBound else { return nil }
            let today = from.floorDivided(by: secondsPerDay)
            guard var day = days.previous(onOrBefore: today) else { return nil }
            var found = day * secondsPerDay + times.last
            if day == today {
                if let time = times.previous(atOrBefore: from - today * secondsPerDay) {
                    found = today * secondsPerDay + time
                } else {
                    guard let earlier = days.previous(onOrBefore: today - 1) else { return nil }
                    day = earlier
                    found = day * secondsPerDay + times.last
                }
            }
            return found >= bounds.lowerBound ? found : nil
        }
    }

    /// Whether there is one in `walls`.
    func hasAny(in walls: Range<Int>) -> Bool {
        self.next(atOrAfter: walls.lowerBound).map { $0 < walls.upperBound } ?? false
    }
}
