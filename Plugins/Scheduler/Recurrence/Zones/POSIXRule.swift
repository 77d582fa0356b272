/// The rule at the end of a TZif file for all years after its table, in the language of the variable TZ:
/// `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX, with the extensions of RFC 8536: hours from -167 to 167).
struct POSIXRule: Sendable, Equatable {
    /// Seconds ahead of UTC outside of daylight-saving time.
    let standardOffset: Int
    /// Seconds ahead of UTC in daylight-saving time, and when it begins and ends.
    let daylight: Daylight?

    struct Daylight: Sendable, Equatable {
        let offset: Int
        let start: Moment
        let end: Moment
    }

    /// A day of any year and the seconds after its midnight, by the clock that is about to be changed.
    struct Moment: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// `M3.5.0`: the week (5 is the last) of the month, the weekday from 0, Sunday.
            case weekday(month: Int, week: Int, weekday: Int)
            /// `J60`: 1 to 365, 29 February is never counted.
            case julian(Int)
            /// `59`: 0 to 365, 29 February is counted.
            case ordinal(Int)
        }

        let day: Day
        let time: Int

        /// Wall seconds since 1970 in `year`.
        func wall(in year: Int) -> Int {
            let newYear = CivilDate(year: year, month: 1, day: 1).dayNumber
            let day =
                switch self.day {
                case .ordinal(let ordinal): newYear + ordinal
                case .julian(let number): newYear + number - (CivilDate.isLeap(year) && number >= 60 ? 0 : 1)
                case .weekday(let month, let week, let weekday): Self.day(year, month, week, weekday)
                }
            return day * secondsPerDay + self.time
        }

        private static func day(_ year: Int, _ month: Int, _ week: Int, _ weekday: Int) -> Int {
            let first = CivilDate(year: year, month: month, day: 1).dayNumber
            let offset = (weekday - CivilDate.weekday(ofDay: first)).floorRemainder(dividedBy: 7)
            let length = CivilDate.days(inMonth: month, of: year)
            let day = offset + (week - 1) * 7
            return first + (day < length ? day : day - 7)
        }
    }

    var hasDaylight: Bool { self.daylight != nil }

    /// All changes of these years in order, from which instant on which offset holds.
    func changes(inYears years: ClosedRange<Int>) -> [(instant: Int, offset: Int)] {
        guard let daylight = self.daylight else { return [] }
        var changes: [(instant: Int, offset: Int)] = []
        for year in years {
            changes.append((daylight.start.wall(in: year) - self.standardOffset, daylight.offset))
            changes.append((daylight.end.wall(in: year) - daylight.offset, self.standardOffset))
        }
        // A zone that is always on daylight time ends it at the very second in which it begins again: the beginning wins.
        return changes.sorted { left, right in
            (left.instant, left.offset == daylight.offset ? 1 : 0)
                < (right.instant, right.offset == daylight.offset ? 1 : 0)
        }
    }
}
