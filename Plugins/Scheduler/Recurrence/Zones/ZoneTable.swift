/// The offsets of a zone from the beginning of time to its end: the file's table, then its rule for the future.
///
/// The Gregorian calendar repeats itself, weekdays included, every 400 years. So the rule is written out for that long,
/// and what lies beyond is looked up 400 years earlier: one binary search for every instant, no special future.
struct ZoneTable: Sendable {
    /// From `starts[i]` on `offsets[i]` holds. The first begins in the distant past; neighbours differ.
    private let starts: [Int]
    private let offsets: [Int]
    /// Instants from here on are looked up whole cycles earlier.
    private let cycleEnd: Int

    /// Before and after every instant that is asked for.
    static let distantPast = -(1 << 55)
    static let distantFuture = 1 << 55
    /// RFC 8536 allows offsets up to 26 hours.
    static let largestOffset = 26 * 3_600

    /// 400 years in days is a whole number of weeks.
    private static let cycle = 146_097 * secondsPerDay

    /// A zone that never changes.
    init(offset: Int) {
        self.starts = [Self.distantPast]
        self.offsets = [offset]
        self.cycleEnd = .max
    }

    /// A zone of changes in ascending order, followed by a rule.
    ///
    /// - Parameters:
    ///   - initial: The offset before the first change.
    ///   - changes: From which instant on which offset holds.
    ///   - rule: What holds after the last change.
    init(initial: Int, changes: [(instant: Int, offset: Int)], rule: POSIXRule?) {
        var starts = [Self.distantPast]
        var offsets = [initial]
        var cycleEnd = Int.max
        func add(_ instant: Int, _ offset: Int) {
            if let last = starts.last, instant <= last {
                offsets[offsets.count - 1] = offset
            } else if offset != offsets.last, instant < Self.distantFuture {
                starts.append(instant)
                offsets.append(offset)
            }
        }
        for change in changes { add(change.instant, change.offset) }
        if let rule {
            let last = changes.last?.instant ?? Self.distantPast
            if rule.hasDaylight {
                let from = changes.isEmpty ? 1_900 : CivilDate(dayNumber: last.floorDivided(by: secondsPerDay)).year
                for change in rule.changes(inYears: from...from + 404) where change.instant > last {
                    add(change.instant, change.offset)
                }
                // Every period that holds in the 400 years before begins and ends by the rule.
                cycleEnd = CivilDate(year: from + 403, month: 1, day: 1).dayNumber * secondsPerDay
            } else {
                add(last + 1, rule.standardOffset)
            }
        }
        self.starts = starts
        self.offsets = offsets
        self.cycleEnd = cycleEnd
    }

    /// The stretch of one offset in which `instant` lies.
    func period(at instant: Int) -> ZonePeriod {
        var shift = 0
        if instant >= self.cycleEnd {
            shift = ((instant - self.cycleEnd) / Self.cycle + 1) * Self.cycle
        }
        let sought = instant - shift
        var low = 0
        var high = self.starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.starts[middle] <= sought { low = middle } else { high = middle }
        }
        let isLast = high == self.starts.count
        return ZonePeriod(
            start: low == 0 ? Self.distantPast : self.starts[low] + shift,
            end: isLast ? Self.distantFuture : self.starts[high] + shift,
            offset: self.offsets[low],
            previousOffset: self.offsets[max(low - 1, 0)],
            nextOffset: self.offsets[isLast ? low : high]
        )
    }
}

/// A stretch of time in which a zone's offset does not change.
struct ZonePeriod: Sendable {
    /// The first second of it.
    let start: Int
    /// The first second after it.
    let end: Int
    /// Seconds ahead of UTC.
    let offset: Int
    /// The offset before ``start``; the same as ``offset`` in the first period.
    let previousOffset: Int
    /// The offset from ``end`` on; the same as ``offset`` in the last period.
    let nextOffset: Int
}
