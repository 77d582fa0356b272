extension Recurrence {
    /// The first occurrence of all. Cron and intervals that have no beginning begin in the year 1.
    public var first: Instant? {
        self.next(afterSecond: Instant.seconds.lowerBound - 1).map { Instant(secondsSince1970: $0) }
    }

    /// The last occurrence of all; nil unless there is an end: a bound, a count, or dates alone.
    public var last: Instant? {
        // What repeats itself without end does so in the last hundred years of the calendar.
        let beforeEnd = Instant.seconds.upperBound - 36_525 * secondsPerDay
        guard let last = self.previous(beforeSecond: Instant.seconds.upperBound), last < beforeEnd else { return nil }
        return Instant(secondsSince1970: last)
    }

    /// The next `count` occurrences after `instant`, fewer if it ends.
    public func upcoming(_ count: Int, after instant: Instant) -> [Instant] {
        var found: [Instant] = []
        while found.count < count, let next = self.next(after: found.last ?? instant) { found.append(next) }
        return found
    }

    /// Whether it occurs on the date of `wall` in its zone.
    public func occurs(on wall: WallTime) -> Bool {
        let midnight = wall.dayNumber * secondsPerDay
        // No offset is larger; the occurrences found are few or end the search at once.
        var after = midnight - ZoneTable.largestOffset - 1
        while let next = self.next(afterSecond: after), next <= midnight + secondsPerDay + ZoneTable.largestOffset {
            let period = self.zone.table.period(at: next)
            let day = (next + period.offset).floorDivided(by: secondsPerDay)
            if day == wall.dayNumber { return true }
            // To the end of that day, as far as this offset goes.
            after = max(next, min((day + 1) * secondsPerDay - period.offset, period.end) - 1)
        }
        return false
    }
}
