internal import GRDB
internal import Wingman

/// A place ordered by time.
enum TimedPlace: Sendable {
    case retry
    case schedule
    case later(String)
    case dead
    case quarantine

    init(_ set: DueSet) {
        switch set {
        case .retry: self = .retry
        case .schedule: self = .schedule
        case .later(let list): self = .later(list)
        }
    }

    /// How the file names it.
    var name: String {
        switch self {
        case .retry: "retry"
        case .schedule: "schedule"
        case .later(let list): "later:" + list
        case .dead: "dead"
        case .quarantine: "quarantine"
        }
    }

    /// Whether its entries are due at a time; else they came at it, and those that came last are shown first.
    var isDueSet: Bool {
        switch self {
        case .retry, .schedule, .later: true
        case .dead, .quarantine: false
        }
    }
}

/// Places ordered by time: `timed`. Entries of the same time keep the order in which they came.
extension Transaction {
    // Sidekiq's limits of the dead set.
    private static var deadSeconds: Double { 180 * 86_400 }
    private static var mostDead: Int { 10_000 }

    func add(_ payload: [UInt8], to place: TimedPlace, at seconds: Double) throws {
        try self.database.run(
            "INSERT INTO timed (place, at, hash, payload) VALUES (?, ?, ?, ?)",
            place.name,
            seconds,
            Self.hash(payload),
            payload
        )
    }

    /// Removes one entry with these bytes.
    ///
    /// - Parameter dueBy: Only if it is due by then, in seconds since 1970.
    /// - Returns: Whether there was one.
    func remove(_ payload: [UInt8], from place: TimedPlace, dueBy: Double? = nil) throws -> Bool {
        let removed = try self.database.run(
            """
            DELETE FROM timed WHERE id = (
                SELECT id FROM timed WHERE place = ? AND hash = ? AND payload = ? AND at <= ? ORDER BY at, id LIMIT 1
            )
            """,
            place.name,
            Self.hash(payload),
            payload,
            dueBy ?? .infinity
        )
        return removed == 1
    }

    /// Forgets what is older than half a year or more than 10,000.
    func trimDead() throws {
        try self.database.run(
            "DELETE FROM timed WHERE place = ? AND at <= ?",
            TimedPlace.dead.name,
            self.now.seconds - Self.deadSeconds
        )
        try self.database.run(
            """
            DELETE FROM timed WHERE id IN (
                SELECT id FROM timed WHERE place = ? ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?
            )
            """,
            TimedPlace.dead.name,
            Self.mostDead
        )
    }

    /// FNV-1a, 64 bits. It only has to find: the bytes are compared as well.
    private static func hash(_ payload: [UInt8]) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in payload { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash)
    }
}

/// Due jobs.
extension Transaction {
    // One answer ends here: entries may be large.
    private static var dueLimit: Int { 1_000 }
    private static var dueBytes: Int { 4 << 20 }

    func due(in set: DueSet, limit: Int) throws -> DueReply {
        let place = TimedPlace(set).name
        let now = self.now.seconds
        let select = try self.database.statement(
            "SELECT payload FROM timed WHERE place = ? AND at <= ? ORDER BY at, id LIMIT ?"
        )
        select.bind(place, at: 1)
        select.bind(now, at: 2)
        select.bind(min(max(limit, 0), Self.dueLimit), at: 3)
        var entries: [[UInt8]] = []
        var bytes = 0
        while bytes < Self.dueBytes, try select.step() {
            entries.append(select.bytes(0))
            bytes += entries[entries.count - 1].count
        }
        select.reset()
        let next = try self.database.row(
            "SELECT at FROM timed WHERE place = ? AND at > ? ORDER BY at LIMIT 1",
            place,
            now
        ) { $0.double(0) }
        // A time of many years is as good as never, and its milliseconds fit.
        let wait = next.map { Duration.milliseconds(Int(min(($0 - now) * 1_000, 1e15).rounded(.up))) }
        return DueReply(entries: entries, nextDue: wait)
    }

    /// Moves what is still there and due. If we die before the COMMIT, nothing has moved.
    func promote(_ promotions: [Promotion], from set: DueSet) throws -> Int {
        let place = TimedPlace(set)
        let due = Double(self.now.milliseconds + 1) / 1_000
        var moved = 0
        var isBuried = false
        for promotion in promotions {
            switch promotion {
            case .push(let entry, let queue, let payload):
                guard try self.remove(entry, from: place, dueBy: due) else { continue }
                try self.append(CollectionOfOne(payload), to: Source.queue(queue).key, isQueue: true)
            case .deliver(let entry, let list, let payload):
                guard try self.remove(entry, from: place, dueBy: due) else { continue }
                try self.append(CollectionOfOne(payload), to: list, isQueue: false)
            case .drop(let entry):
                guard try self.remove(entry, from: place, dueBy: due) else { continue }
            case .bury(let entry, let payload):
                guard try self.remove(entry, from: place, dueBy: due) else { continue }
                try self.add(payload, to: .dead, at: self.now.seconds)
                isBuried = true
            }
            moved += 1
        }
        if isBuried { try self.trimDead() }
        return moved
    }
}
