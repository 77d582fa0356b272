/// When a schedule occurs, and when its occurrences are due. A value without a clock.
struct Timing: Sendable {
    let id: String
    let recurrence: Recurrence
    let policies: SchedulePolicies
    /// How much later each occurrence is due, in milliseconds: always the same for one schedule.
    private let delay: Int

    init(id: String, recurrence: Recurrence, policies: SchedulePolicies) {
        self.id = id
        self.recurrence = recurrence
        self.policies = policies
        let window = policies.jitterMilliseconds
        self.delay = window > 0 ? OccurrenceID.hash(of: id) % (window + 1) : 0
    }

    /// When an occurrence is due, in milliseconds since 1970: at it, or later by the jitter, but before the following one.
    func due(_ occurrence: Int) -> Int {
        let at = Instant(secondsSince1970: occurrence).millisecondsSince1970
        guard self.delay > 0, at < Int.max - self.delay else { return at }
        guard let following = self.recurrence.next(afterSecond: occurrence) else { return at + self.delay }
        // A quarter of a second before the following one at the latest: the two keep their order.
        return max(at, min(at + self.delay, Instant(secondsSince1970: following).millisecondsSince1970 - 250))
    }

    /// The occurrence after `occurrence`; never a second one for the same wall time.
    ///
    /// The wall time tells it where the machines have different zone data: the one knows an occurrence at 06:30Z, the
    /// other at 07:30Z, and both mean half past two of the same day.
    ///
    /// - Parameters:
    ///   - occurrence: In seconds since 1970.
    ///   - wall: The wall time that has been served last, in seconds.
    func following(_ occurrence: Int, after wall: Int?) -> Int? {
        var next = self.recurrence.next(afterSecond: occurrence)
        guard let wall, self.recurrence.hasDistinctWallTimes else { return next }
        // Zone data differ by hours, not by days; a few steps are enough for a schedule of days and longer.
        for _ in 0..<Self.largestNumberOfSteps {
            guard let found = next, self.recurrence.nominalWall(of: found) <= wall else { return next }
            next = self.recurrence.next(afterSecond: found)
        }
        return next
    }

    /// How many occurrences lie strictly between two; at most `limit`.
    func count(between first: Int, and end: Int, limit: Int) -> Int {
        var count = 0
        var after = first
        while count < limit, let next = self.recurrence.next(afterSecond: after), next < end {
            count += 1
            after = next
        }
        return count
    }

    private static let largestNumberOfSteps = 100
}

extension Recurrence {
    /// Whether no two occurrences stand for the same wall time: fixed times of day that are not wanted twice.
    var hasDistinctWallTimes: Bool {
        self.parts.allSatisfy { part in
            guard case .walls(let walker) = part.source else { return false }
            return walker.policy.overlap != .both
        }
    }

    /// The wall time that an occurrence stands for, in seconds.
    func nominalWall(of occurrence: Int) -> Int {
        self.nominalWallTime(of: Instant(secondsSince1970: occurrence)).seconds
    }
}
