/// What a change of the clock does to a recurrence on one day.
public struct ClockChangeEffect: Sendable, Hashable, CustomStringConvertible {
    /// What becomes of the times concerned.
    public enum Outcome: String, Sendable {
        /// They do not exist; it runs once when the gap is over.
        case runsAfterGap
        /// They do not exist; it runs as much later as the clock goes forward.
        case runsShifted
        /// They do not exist, and nothing runs for them.
        case leftOut
        /// They occur twice; it runs the first time.
        case runsFirstTime
        /// They occur twice; it runs the second time.
        case runsSecondTime
        /// They occur twice, and it runs both times.
        case runsTwice
    }

    /// The change.
    public let change: ClockChange
    /// What becomes of the times.
    public let outcome: Outcome
    /// The wall times concerned: the first ten.
    public let wallTimes: [WallTime]
    /// How many there are; counted up to a thousand.
    public let count: Int
    /// When it runs for these wall times.
    public let runs: [Instant]

    /// One line: `2026-03-08: clocks go from 02:00 to 03:00; 02:30 does not exist: runs once at 03:00 (…Z)`.
    public var description: String {
        let change = "clocks go from \(self.change.wallBefore.timeText) to \(self.change.wallAfter.timeText)"
        let times = sentenceList(self.wallTimes.map(\.timeText))
        let more = self.count > self.wallTimes.count ? " and \(self.count - self.wallTimes.count) more" : ""
        let runs = self.runs.isEmpty ? "" : " (\(self.runs.map(\.description).joined(separator: ", ")))"
        return "\(self.change.wallBefore.dateText): \(change); \(times)\(more) \(self.words)\(runs)"
    }

    private var words: String {
        let isOne = self.count == 1
        let missing = isOne ? "does not exist" : "do not exist"
        let repeated = isOne ? "occurs twice" : "occur twice"
        return switch self.outcome {
        case .runsAfterGap: "\(missing): runs once at \(self.change.wallAfter.timeText)"
        case .runsShifted: "\(missing): runs \(DurationText.text(self.change.skipped)) later"
        case .leftOut: "\(missing): does not run"
        case .runsFirstTime: "\(repeated): runs the first time"
        case .runsSecondTime: "\(repeated): runs the second time"
        case .runsTwice: "\(repeated): runs both times"
        }
    }
}

extension Recurrence {
    /// What daylight saving and other changes of the clock do to this recurrence: the days on which a time of its own is
    /// skipped or occurs twice.
    ///
    /// Intervals, and what runs in every hour of the day, follow real time and are not concerned.
    ///
    /// - Parameters:
    ///   - range: From when, and before when; `cron check` asks for two years.
    ///   - limit: How many changes of the clock are looked at.
    public func clockChangeEffects(in range: Range<Instant>, limit: Int = 1_000) -> [ClockChangeEffect] {
        self.zone.clockChanges(in: range, limit: limit).flatMap { change in
            self.parts.compactMap { part in
                guard case .walls(let walker) = part.source, !walker.runsInEveryHour else { return nil }
                return walker.effect(of: change)
            }
        }
    }

    /// The wall time that an occurrence stands for: what the clocks show, or for one that a gap has moved the time it has
    /// been moved from. It names the occurrence also where two processes have different zone data.
    public func nominalWallTime(of occurrence: Instant) -> WallTime {
        for part in self.parts {
            if case .walls(let walker) = part.source, let wall = walker.nominal(of: occurrence.secondsSince1970) {
                return WallTime(seconds: wall)
            }
        }
        return self.zone.wallTime(at: occurrence)
    }
}

extension ZonedWalker {
    /// Real time has its runs in every hour, whatever the clock does.
    fileprivate var runsInEveryHour: Bool {
        guard self.policy == .realTime, case .calendar(_, .product(let hours, _, _), _) = self.pattern else {
            return false
        }
        return hours == 0xff_ffff
    }

    fileprivate func effect(of change: ClockChange) -> ClockChangeEffect? {
        let (before, after) = (change.wallBefore.seconds, change.wallAfter.seconds)
        var walls: [Int] = []
        var next = min(before, after)
        while walls.count < 1_000, let wall = self.pattern.next(atOrAfter: next), wall < max(before, after) {
            walls.append(wall)
            next = wall + 1
        }
        guard !walls.isEmpty else { return nil }
        let (outcome, runs) = before < after ? self.gap(change, walls) : self.overlap(change, walls)
        return ClockChangeEffect(
            change: change,
            outcome: outcome,
            wallTimes: walls.prefix(10).map { WallTime(seconds: $0) },
            count: walls.count,
            runs: runs.sorted().prefix(10).map { Instant(secondsSince1970: $0) }
        )
    }

    private func gap(_ change: ClockChange, _ walls: [Int]) -> (ClockChangeEffect.Outcome, [Int]) {
        guard change.skipped <= ClockPolicy.longestGap else { return (.leftOut, []) }
        return switch self.policy.gap {
        case .nextTime: (.runsAfterGap, [change.instant.secondsSince1970])
        case .preserving: (.runsShifted, walls.map { $0 - change.offsetBefore })
        case .strict: (.leftOut, [])
        }
    }

    private func overlap(_ change: ClockChange, _ walls: [Int]) -> (ClockChangeEffect.Outcome, [Int]) {
        let first = walls.map { $0 - change.offsetBefore }
        let second = walls.map { $0 - change.offsetAfter }
        return switch self.policy.overlap {
        case .first: (.runsFirstTime, first)
        case .last: (.runsSecondTime, second)
        case .both: (.runsTwice, first + second)
        }
    }
}
