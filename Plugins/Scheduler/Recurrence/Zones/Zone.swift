/// A time zone: at which instant its clocks show what.
///
/// Made of a file of the IANA database (see ``ZoneLibrary``), or ``utc``, which needs no file. Two zones are equal if
/// their names are.
public struct Zone: Hashable, Sendable, CustomStringConvertible {
    /// The name in the IANA database: `Europe/Berlin`.
    public let name: String
    let table: ZoneTable

    /// Coordinated universal time; needs no data on the machine.
    public static let utc = Zone(name: "UTC", table: ZoneTable(offset: 0))

    init(name: String, table: ZoneTable) {
        self.name = name
        self.table = table
    }

    /// The zone of that name in the machine's database; read once a process.
    ///
    /// - Throws: ``RecurrenceError`` if there is no such zone (with the names nearest to it), or no database at all (with
    ///   the package that brings it).
    public init(named name: String) throws(RecurrenceError) {
        self = try ZoneLibrary.shared.zone(named: name)
    }

    /// Seconds by which the zone's clocks are ahead of UTC; negative west of Greenwich.
    public func offset(at instant: Instant) -> Int {
        self.table.period(at: Self.clamped(instant.secondsSince1970)).offset
    }

    /// What the zone's clocks show at `instant`.
    public func wallTime(at instant: Instant) -> WallTime {
        let seconds = Self.clamped(instant.secondsSince1970)
        return WallTime(seconds: seconds + self.table.period(at: seconds).offset)
    }

    /// When the zone's clocks show `wall`: once as a rule, never within a gap, twice within an overlap; in order.
    public func instants(of wall: WallTime) -> [Instant] {
        var found: [Instant] = []
        var period = self.table.period(at: wall.seconds - ZoneTable.largestOffset)
        while period.start <= wall.seconds + ZoneTable.largestOffset {
            let instant = wall.seconds - period.offset
            if instant >= period.start && instant < period.end { found.append(Instant(secondsSince1970: instant)) }
            guard period.end < ZoneTable.distantFuture else { break }
            period = self.table.period(at: period.end)
        }
        return found
    }

    /// The changes of the clock within a range.
    ///
    /// - Parameters:
    ///   - range: From when to when.
    ///   - limit: How many at most.
    public func clockChanges(in range: Range<Instant>, limit: Int = 1_000) -> [ClockChange] {
        var changes: [ClockChange] = []
        var period = self.table.period(at: Self.clamped(range.lowerBound.secondsSince1970) - 1)
        while period.end < min(range.upperBound.secondsSince1970, ZoneTable.distantFuture), changes.count < limit {
            changes.append(
                ClockChange(
                    instant: Instant(secondsSince1970: period.end),
                    offsetBefore: period.offset,
                    offsetAfter: period.nextOffset
                )
            )
            period = self.table.period(at: period.end)
        }
        return changes
    }

    /// The name.
    public var description: String { self.name }

    /// Zones are equal if their names are.
    public static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.name) }

    private static func clamped(_ seconds: Int) -> Int {
        min(max(seconds, Instant.seconds.lowerBound), Instant.seconds.upperBound)
    }
}

/// A moment at which a zone's clocks are put forward or back.
public struct ClockChange: Hashable, Sendable {
    /// The first second with the new offset.
    public let instant: Instant
    /// Seconds ahead of UTC until then.
    public let offsetBefore: Int
    /// Seconds ahead of UTC from then on.
    public let offsetAfter: Int

    /// Wall seconds that are skipped (a gap); negative if they occur twice (an overlap).
    public var skipped: Int { self.offsetAfter - self.offsetBefore }

    /// The wall time at which the clocks are changed: where a gap begins, or where an overlap ends.
    public var wallBefore: WallTime { WallTime(seconds: self.instant.secondsSince1970 + self.offsetBefore) }
    /// The wall time to which the clocks are changed: where a gap ends, or where an overlap begins.
    public var wallAfter: WallTime { WallTime(seconds: self.instant.secondsSince1970 + self.offsetAfter) }
}
