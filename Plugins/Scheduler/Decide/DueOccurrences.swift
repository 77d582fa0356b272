/// The occurrences of a schedule that are due, and which of them are to have jobs.
///
/// Found from now backwards, so that a week of missed seconds costs no more than what is caught up.
struct DueOccurrences: Equatable {
    /// Those to be enqueued, in order.
    private(set) var chosen: [Int]
    /// How many others are due; counted up to ``countLimit``.
    private(set) var missed: Int
    /// The newest that is due.
    private(set) var newest: Int

    /// More occurrences than this are not counted.
    static let countLimit = 10_000

    /// - Parameters:
    ///   - timing: When the schedule occurs.
    ///   - first: The occurrence recorded as next, which is due; it counts as one whatever the recurrence says.
    ///   - now: The store's time, in milliseconds since 1970.
    init(of timing: Timing, from first: Int, now: Int) {
        let (newestFirst, rest) = Self.walk(timing, back: now, to: first)
        let grace = timing.policies.graceMilliseconds
        let onTime = newestFirst.filter { now - timing.due($0) <= grace }.reversed()
        let late = newestFirst.filter { now - timing.due($0) > grace }.reversed()
        let kept = Self.kept(Array(late), by: timing.policies.catchUp, hasOnTime: !onTime.isEmpty, now: now)
        self.chosen = kept + onTime
        self.missed = late.count - kept.count + rest
        self.newest = newestFirst.first ?? first
    }

    /// What is due, the newest first, as far as the policies can want it; and how many more there are.
    private static func walk(_ timing: Timing, back now: Int, to first: Int) -> ([Int], rest: Int) {
        var found: [Int] = []
        var late = 0
        var before = now.floorDivided(by: 1_000) + 1
        while let occurrence = timing.recurrence.previous(beforeSecond: before), occurrence > first {
            before = occurrence
            let due = timing.due(occurrence)
            guard due <= now else { continue }
            found.append(occurrence)
            if now - due > timing.policies.graceMilliseconds { late += 1 }
            if late >= Self.limit(timing.policies.catchUp) || found.count >= Self.countLimit {
                return (found, 1 + timing.count(between: first, and: occurrence, limit: Self.countLimit))
            }
        }
        return (found + [first], 0)
    }

    /// How many late occurrences can be chosen.
    private static func limit(_ catchUp: CatchUp) -> Int {
        switch catchUp {
        case .skip, .latest: 1
        case .all(let limit, _): min(max(limit, 1), CatchUp.largestLimit)
        }
    }

    private static func kept(_ late: [Int], by catchUp: CatchUp, hasOnTime: Bool, now: Int) -> [Int] {
        switch catchUp {
        case .skip: []
        case .latest: hasOnTime ? [] : late.suffix(1)
        case .all(_, let within):
            late.filter { now - $0 * 1_000 <= within.wholeMilliseconds }.suffix(Self.limit(catchUp))
        }
    }
}
