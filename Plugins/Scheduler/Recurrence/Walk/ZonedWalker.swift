/// The instants of a pattern of wall times in a zone.
///
/// It goes from one stretch of constant offset to the next. Within a stretch wall time and instant differ by a constant;
/// what the gap before it swallowed, and what the overlaps at both ends repeat, is decided by the policy. Nothing is
/// assumed of the size or the sign of a change, only that no two changes repeat the same wall times.
struct ZonedWalker: Sendable {
    let pattern: WallPattern
    let zone: ZoneTable
    let policy: ClockPolicy

    /// Larger than any offset or change: in that distance of a wall time no clock can show it.
    private static let beyondAnyOffset = 2 * secondsPerDay

    /// The first instant after `instant`.
    func next(after instant: Int) -> Int? {
        var from = instant + 1
        while true {
            let period = self.zone.period(at: from)
            let (found, wall) = self.first(in: period, from: from)
            if let found { return found }
            guard period.end < ZoneTable.distantFuture else { return nil }
            if period.end - from > Self.beyondAnyOffset {
                // No overlap ahead repeats what lies before `from`: nothing comes until the wall shows `wall`.
                guard let wall else { return nil }
                from = max(period.end, wall - Self.beyondAnyOffset)
            } else {
                from = period.end
            }
        }
    }

    /// The last instant before `instant`.
    func previous(before instant: Int) -> Int? {
        var through = instant - 1
        while true {
            let period = self.zone.period(at: through)
            let (found, wall) = self.last(in: period, through: through)
            if let found { return found }
            guard period.start > ZoneTable.distantPast else { return nil }
            if through - period.start > Self.beyondAnyOffset {
                guard let wall else { return nil }
                through = min(period.start - 1, wall + Self.beyondAnyOffset)
            } else {
                through = period.start - 1
            }
        }
    }

    /// The wall time that an instant of this walker stands for; nil if it is none.
    func nominal(of instant: Int) -> Int? {
        let period = self.zone.period(at: instant)
        let wall = instant + period.offset
        if self.pattern.next(atOrAfter: wall) == wall { return wall }
        guard let gap = self.gap(before: period) else { return nil }
        let from = self.policy.gap == .preserving ? instant + period.previousOffset : gap.lowerBound
        guard self.policy.gap == .preserving || instant == period.start else { return nil }
        guard let found = self.pattern.next(atOrAfter: from), gap.contains(found) else { return nil }
        return found == from || self.policy.gap == .nextTime ? found : nil
    }

    /// The first instant of the period from `from` on, and the first wall time that was considered.
    private func first(in period: ZonePeriod, from: Int) -> (found: Int?, wall: Int?) {
        let wall = self.pattern.next(atOrAfter: max(from + period.offset, self.begin(of: period)))
        let regular = wall.flatMap { $0 < self.end(of: period) ? $0 - period.offset : nil }
        guard let gap = self.gap(before: period) else { return (regular, wall) }
        let swallowed: Int? =
            switch self.policy.gap {
            case .strict: nil
            case .nextTime: from <= period.start && self.pattern.hasAny(in: gap) ? period.start : nil
            case .preserving:
                self.pattern.next(atOrAfter: max(from, period.start) + period.previousOffset)
                    .flatMap { $0 < gap.upperBound ? $0 - period.previousOffset : nil }
            }
        return ([regular, swallowed].compactMap { $0 }.min(), wall)
    }

    /// The last instant of the period up to `through`, and the last wall time that was considered.
    private func last(in period: ZonePeriod, through: Int) -> (found: Int?, wall: Int?) {
        let wall = self.pattern.previous(atOrBefore: min(through + period.offset, self.end(of: period) - 1))
        let regular = wall.flatMap { $0 >= self.begin(of: period) ? $0 - period.offset : nil }
        guard let gap = self.gap(before: period) else { return (regular, wall) }
        let swallowed: Int? =
            switch self.policy.gap {
            case .strict: nil
            case .nextTime: regular == nil && self.pattern.hasAny(in: gap) ? period.start : nil
            case .preserving:
                self.pattern.previous(atOrBefore: min(gap.upperBound - 1, through + period.previousOffset))
                    .flatMap { $0 >= gap.lowerBound ? $0 - period.previousOffset : nil }
            }
        return ([regular, swallowed].compactMap { $0 }.max(), wall)
    }

    /// The first wall time that counts in the period: what the overlap before it repeats may belong to the first time.
    private func begin(of period: ZonePeriod) -> Int {
        let offset = self.policy.overlap == .first ? max(period.offset, period.previousOffset) : period.offset
        return period.start + offset
    }

    /// The wall time at which the period ends to count: what the overlap after it repeats may belong to the second time.
    private func end(of period: ZonePeriod) -> Int {
        let offset = self.policy.overlap == .last ? min(period.offset, period.nextOffset) : period.offset
        return period.end + offset
    }

    /// The wall times that the change before the period skipped, unless the policy or their number makes them nothing.
    private func gap(before period: ZonePeriod) -> Range<Int>? {
        guard self.policy.gap != .strict, period.offset > period.previousOffset,
            period.offset - period.previousOffset <= ClockPolicy.longestGap
        else { return nil }
        return (period.start + period.previousOffset)..<(period.start + period.offset)
    }
}
