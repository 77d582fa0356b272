/// One run of a simulation.
public struct SimulatedRun: Sendable, Hashable {
    /// The schedule.
    public let id: String
    /// When it is due.
    public let scheduledAt: Instant
    /// When it was due before, also if that was before the simulation.
    public let previousScheduledAt: Instant?
    /// What the clocks of its zone show.
    public let wallTime: WallTime
}

extension Recurrence {
    /// All runs of several schedules within a range, in the order in which they are due; at one second in the order given.
    ///
    /// - Parameters:
    ///   - schedules: The ids and recurrences.
    ///   - range: From when, and before when.
    ///   - limit: How many runs at most, over all schedules.
    public static func simulate(
        _ schedules: [(id: String, recurrence: Recurrence)],
        in range: Range<Instant>,
        limit: Int = 10_000
    ) -> [SimulatedRun] {
        let before = Instant(secondsSince1970: max(range.lowerBound.secondsSince1970, Instant.seconds.lowerBound) - 1)
        var next = schedules.map { $0.recurrence.next(after: before) }
        var previous = schedules.map { $0.recurrence.previous(before: range.lowerBound) }
        var runs: [SimulatedRun] = []
        while runs.count < limit {
            var earliest: (index: Int, instant: Instant)?
            for (index, instant) in next.enumerated() {
                if let instant, instant < earliest?.instant ?? range.upperBound { earliest = (index, instant) }
            }
            guard let (index, instant) = earliest else { break }
            let (id, recurrence) = schedules[index]
            let wallTime = recurrence.zone.wallTime(at: instant)
            runs.append(
                SimulatedRun(id: id, scheduledAt: instant, previousScheduledAt: previous[index], wallTime: wallTime)
            )
            previous[index] = instant
            next[index] = recurrence.next(after: instant)
        }
        return runs
    }
}
