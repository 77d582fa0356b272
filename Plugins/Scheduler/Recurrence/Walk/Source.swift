/// Where the instants of one part of a recurrence come from.
enum Source: Sendable {
    /// Wall times in a zone.
    case walls(ZonedWalker)
    /// Rules of hours, minutes and seconds, which count time as it really passes.
    case elapsed(ElapsedWalker)
    /// Every `length` seconds, counted from 1970-01-01T00:00:00Z.
    case every(Int)

    func next(after instant: Int) -> Int? {
        switch self {
        case .walls(let walker): walker.next(after: instant)
        case .elapsed(let walker): walker.next(after: instant)
        case .every(let length): (instant.floorDivided(by: length) + 1) * length
        }
    }

    func previous(before instant: Int) -> Int? {
        switch self {
        case .walls(let walker): walker.previous(before: instant)
        case .elapsed(let walker): walker.previous(before: instant)
        case .every(let length): (instant - 1).floorDivided(by: length) * length
        }
    }

    func has(_ instant: Int) -> Bool {
        self.next(after: instant - 1) == instant
    }
}

/// The instants of a zone's wall times that lie in every nth stretch of an hour, a minute or a second since an anchor.
///
/// The stretches are counted in real time, as ice_cube does: `Every(2, .hours)` is 2 hours apart also when the clock is
/// changed in between.
struct ElapsedWalker: Sendable {
    let walls: ZonedWalker
    /// Where the first stretch begins: the hour, minute or second in which the anchor lies.
    let origin: Int
    /// 3600, 60 or 1.
    let unit: Int
    /// Every how manieth stretch counts.
    let interval: Int

    /// Each step skips a stretch at least, most skip days: what is found later than this is found never.
    private static let largestNumberOfSteps = 50_000

    func next(after instant: Int) -> Int? {
        var after = max(instant, self.origin - 1)
        for _ in 0..<Self.largestNumberOfSteps {
            guard let found = self.walls.next(after: after) else { return nil }
            let stretch = (found - self.origin) / self.unit
            if stretch % self.interval == 0 { return found }
            let following = (stretch / self.interval + 1) * self.interval
            after = self.origin + following * self.unit - 1
            guard after < Instant.seconds.upperBound else { return nil }
        }
        return nil
    }

    func previous(before instant: Int) -> Int? {
        var before = instant
        for _ in 0..<Self.largestNumberOfSteps {
            guard let found = self.walls.previous(before: before), found >= self.origin else { return nil }
            let stretch = (found - self.origin) / self.unit
            if stretch % self.interval == 0 { return found }
            let preceding = stretch / self.interval * self.interval
            before = self.origin + (preceding + 1) * self.unit
        }
        return nil
    }
}
