extension Recurrence {
    /// So many exceptions are skipped in one search, more than a day has seconds; behind more of them nothing is found.
    private static let largestNumberOfSteps = 100_000

    func next(afterSecond instant: Int) -> Int? {
        guard instant < self.bounds.upperBound else { return nil }
        var after = max(instant, self.bounds.lowerBound - 1)
        for _ in 0..<Self.largestNumberOfSteps {
            var first = Int.max
            for part in self.parts {
                if let found = part.next(after: after), found < first { first = found }
            }
            guard first <= self.bounds.upperBound else { return nil }
            guard let stretch = self.excepted(at: first) else { return first }
            after = stretch.upperBound
        }
        return nil
    }

    func previous(beforeSecond instant: Int) -> Int? {
        guard instant > self.bounds.lowerBound else { return nil }
        var before = min(instant, self.bounds.upperBound + 1)
        for _ in 0..<Self.largestNumberOfSteps {
            var last = Int.min
            for part in self.parts {
                if let found = part.previous(before: before), found > last { last = found }
            }
            guard last >= self.bounds.lowerBound else { return nil }
            guard let stretch = self.excepted(at: last) else { return last }
            before = stretch.lowerBound
        }
        return nil
    }

    /// The occurrence number `count`, from 1; the last one if there are fewer and they end.
    func nth(_ count: Int, from first: Int) -> Int? {
        var last = first
        for _ in 1..<max(count, 1) {
            guard let next = self.next(afterSecond: last) else { return last }
            last = next
        }
        return last
    }

    /// The stretch around `instant` that is excepted, as far as it is known; nil if it is not.
    private func excepted(at instant: Int) -> ClosedRange<Int>? {
        if !self.exceptedDays.isEmpty {
            let period = self.zone.table.period(at: instant)
            let day = (instant + period.offset).floorDivided(by: secondsPerDay)
            if self.exceptedDays.contains(day) {
                let start = day * secondsPerDay - period.offset
                return max(start, period.start)...(min(start + secondsPerDay, period.end) - 1)
            }
        }
        if self.exceptedInstants.contains(instant) || self.exceptions.contains(where: { $0.has(instant) }) {
            return instant...instant
        }
        return nil
    }
}
