internal import GRDB
internal import Wingman

extension Source {
    private static let queuePrefix = "queue:"

    /// The name in the store: a queue by Sidekiq's prefix, a list by its plain key, as on Redis.
    var key: String {
        switch self {
        case .queue(let name): Self.queuePrefix + name
        case .list(let key): key
        }
    }

    init(key: String) {
        if key.hasPrefix(Self.queuePrefix) {
            self = .queue(String(key.dropFirst(Self.queuePrefix.count)))
        } else {
            self = .list(key)
        }
    }

    var isQueue: Bool { self.key.hasPrefix(Self.queuePrefix) }
}

/// The row numbers of a source's jobs. A row number is the source's number times 2⁴³, plus a place that begins in the middle:
/// 4 · 10¹² pushes behind it and as many give-backs before it, until the source is empty again and begins anew.
struct SourceRange {
    private static let placeBits = 43
    /// Sources at one time; lists that nobody uses are forgotten.
    static let mostSources = 1 << 20

    let lower: Int
    let upper: Int

    init(source: Int) {
        self.lower = source << Self.placeBits
        self.upper = (source + 1) << Self.placeBits
    }

    var middle: Int { self.lower + (1 << (Self.placeBits - 1)) }
}

/// A source on record.
struct SourceRow {
    let id: Int
    var isQueue: Bool
    var isPaused: Bool
    /// In milliseconds, of the whole list.
    var expires: Int?

    var range: SourceRange { SourceRange(source: self.id) }
}

/// Queues and lists: `jobs` and `sources`.
extension Transaction {
    func source(named name: String) throws -> SourceRow? {
        let found = try self.database.row(
            "SELECT id, is_queue, is_paused, expires FROM sources WHERE name = ?",
            name
        ) { row in
            SourceRow(
                id: row.int(0),
                isQueue: row.int(1) == 1,
                isPaused: row.int(2) == 1,
                expires: row.isNull(3) ? nil : row.int(3)
            )
        }
        return found
    }

    /// A source to claim or take from, without what has expired in it.
    func sourceToTake(named name: String) throws -> SourceRow? {
        guard var source = try self.source(named: name) else { return nil }
        try self.expire(&source)
        return source
    }

    /// A source to write to; made if it is new.
    func sourceToFill(named name: String) throws -> SourceRow {
        if let known = try self.sourceToTake(named: name) { return known }
        let id = try self.freeSource()
        try self.database.run("INSERT INTO sources (id, name) VALUES (?, ?)", id, name)
        return SourceRow(id: id, isQueue: false, isPaused: false, expires: nil)
    }

    /// Shows a source among the queues.
    func showQueue(_ source: SourceRow) throws {
        guard !source.isQueue else { return }
        try self.database.run("UPDATE sources SET is_queue = 1 WHERE id = ?", source.id)
    }

    private func freeSource() throws -> Int {
        let last = try self.database.row("SELECT coalesce(max(id), 0) FROM sources") { $0.int(0) } ?? 0
        guard last >= SourceRange.mostSources - 1 else { return last + 1 }
        // From 0 on, which is no source: the lowest ones may have been forgotten.
        let gap = try self.database.row(
            """
            SELECT min(id) + 1 FROM (SELECT 0 AS id UNION ALL SELECT id FROM sources)
            WHERE id + 1 NOT IN (SELECT id FROM sources)
            """
        ) { $0.int(0) }
        guard let gap, gap < SourceRange.mostSources else {
            throw StoreError(
                .full,
                "the store has \(SourceRange.mostSources) queues and lists, which is all it can have"
            )
        }
        return gap
    }

    private func expire(_ source: inout SourceRow) throws {
        guard let expires = source.expires, expires <= self.now.milliseconds else { return }
        try self.database.run("DELETE FROM jobs WHERE id >= ? AND id < ?", source.range.lower, source.range.upper)
        try self.setExpiry(nil, of: &source)
    }

    func setExpiry(_ expires: Int?, of source: inout SourceRow) throws {
        guard source.expires != expires else { return }
        try self.database.run("UPDATE sources SET expires = ? WHERE id = ?", expires, source.id)
        source.expires = expires
    }
}

/// The two ends of a source.
extension Transaction {
    /// The row number behind the last job; nil for the last if the source is empty.
    private func last(in range: SourceRange) throws -> Int? {
        try self.database.row(
            "SELECT id FROM jobs WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1",
            range.lower,
            range.upper
        ) { $0.int(0) }
    }

    private func first(in range: SourceRange) throws -> Int? {
        try self.database.row(
            "SELECT id FROM jobs WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
            range.lower,
            range.upper
        ) { $0.int(0) }
    }

    /// Whether a claim would find something.
    func hasJobs(_ source: SourceRow) throws -> Bool {
        if let expires = source.expires, expires <= self.now.milliseconds { return false }
        return try self.first(in: source.range) != nil
    }

    /// Adds payloads behind all others.
    func append(_ payloads: some Sequence<[UInt8]>, to name: String, isQueue: Bool, lasts: Duration? = nil) throws {
        var source = try self.sourceToFill(named: name)
        if isQueue { try self.showQueue(source) }
        let range = source.range
        let last = try self.last(in: range)
        if let lasts {
            try self.setExpiry(self.now.milliseconds + max(1, lasts.wholeMilliseconds), of: &source)
        } else if last == nil {
            try self.setExpiry(nil, of: &source)  // what expires is what was in the list, not its name
        }
        var place = last.map { $0 + 1 } ?? range.middle
        let insert = try self.database.statement("INSERT INTO jobs (id, payload) VALUES (?, ?)")
        for payload in payloads {
            insert.bind(place, at: 1)
            insert.bind(payload, at: 2)
            try insert.run()
            place += 1
        }
        self.additions.sources.insert(name)
        if !isQueue { self.additions.concernsOthers = true }
    }

    /// Puts a payload before all others of a source that it was claimed from.
    func putBack(_ payload: [UInt8], to source: Int) throws {
        let range = SourceRange(source: source)
        let first = try self.first(in: range)
        let name = try self.database.row("SELECT name FROM sources WHERE id = ?", source) { $0.text(0) }
        guard let name else { throw StoreError(.unexpected, "the source \(source) of a claimed job is not on record") }
        if first == nil { try self.database.run("UPDATE sources SET expires = NULL WHERE id = ?", source) }
        try self.database.run(
            "INSERT INTO jobs (id, payload) VALUES (?, ?)",
            first.map { $0 - 1 } ?? range.middle,
            payload
        )
        self.additions.sources.insert(name)
    }
}
