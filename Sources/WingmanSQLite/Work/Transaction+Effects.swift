internal import GRDB
internal import Wingman

/// The key space of plugins: `keys` and `members`, and the effects on it and on everything else.
///
/// A failure is a ``Wingman/StoreError`` thrown half-way: callers run effects in a savepoint.
extension Transaction {
    func apply(_ change: Change) throws -> ChangeReply {
        for (index, condition) in change.conditions.enumerated() {
            guard try self.holds(condition) else { return .refused(condition: index, now: self.now.milliseconds) }
        }
        try self.savepoint { try self.apply(change.effects) }
        return .applied(now: self.now.milliseconds)
    }

    func apply(_ effects: [Effect]) throws {
        for effect in effects { try self.apply(effect) }
    }

    private func apply(_ effect: Effect) throws {
        switch effect {
        case .push(let job):
            try self.push([job])
        case .add(let entry, let place):
            try self.add(entry, to: place)
        case .append(let list, let payload, let expiry):
            try self.append(CollectionOfOne(payload), to: list, isQueue: false, lasts: expiry)
        case .put(let key, let value, let expiry):
            try self.refuse(key, asSetFor: "put")
            try self.put(key, value, expires: expiry.map(self.moment(after:)))
        case .delete(let key):
            try self.remove(key)
        case .count(let key, let by, let expiry):
            try self.count(key, by: by, expiry: expiry)
        case .insert(let key, let member):
            try self.refuse(key, asValueFor: "insert")
            try self.database.run(
                "INSERT OR IGNORE INTO members (namespace, name, member) VALUES (?, ?, ?)",
                key.namespace,
                key.name,
                member
            )
        case .remove(let key, let member):
            try self.refuse(key, asValueFor: "remove")
            try self.database.run(
                "DELETE FROM members WHERE namespace = ? AND name = ? AND member = ?",
                key.namespace,
                key.name,
                member
            )
        case .whenEmpty(let key, let effects):
            try self.refuse(key, asValueFor: "whenEmpty")
            if try !self.hasMembers(key) { try self.apply(effects) }
        }
    }

    private func moment(after duration: Duration) -> Int {
        self.now.milliseconds + max(1, duration.wholeMilliseconds)
    }

    private func put(_ key: StoreKey, _ value: [UInt8], expires: Int?) throws {
        try self.database.run(
            "INSERT OR REPLACE INTO keys (namespace, name, value, expires) VALUES (?, ?, ?, ?)",
            key.namespace,
            key.name,
            value,
            expires
        )
    }

    private func remove(_ key: StoreKey) throws {
        try self.database.run("DELETE FROM keys WHERE namespace = ? AND name = ?", key.namespace, key.name)
        try self.database.run("DELETE FROM members WHERE namespace = ? AND name = ?", key.namespace, key.name)
    }

    /// A counter that starts here goes away after `expiry`; one that has begun keeps its end.
    private func count(_ key: StoreKey, by: Int, expiry: Duration?) throws {
        try self.refuse(key, asSetFor: "count")
        guard let known = try self.value(of: key) else {
            return try self.put(key, Array(String(by).utf8), expires: expiry.map(self.moment(after:)))
        }
        let text = String(decoding: known.value, as: UTF8.self)
        // Only what a counter writes is one: no spaces, no plus, no leading zeros.
        guard let number = Int(text), String(number) == text else {
            throw StoreError(.unexpected, "count: the key \(key) does not hold a number")
        }
        let (sum, overflows) = number.addingReportingOverflow(by)
        guard !overflows else { throw StoreError(.unexpected, "count: the counter \(key) would overflow") }
        try self.put(key, Array(String(sum).utf8), expires: known.expires)
    }
}

/// Looking at keys. What has expired is not there.
extension Transaction {
    private func value(of key: StoreKey) throws -> (value: [UInt8], expires: Int?)? {
        let found = try self.database.row(
            "SELECT value, expires FROM keys WHERE namespace = ? AND name = ?",
            key.namespace,
            key.name
        ) { (value: $0.bytes(0), expires: $0.isNull(1) ? nil : $0.int(1)) }
        guard let found, found.expires.map({ $0 > self.now.milliseconds }) ?? true else { return nil }
        return found
    }

    private func hasMembers(_ key: StoreKey) throws -> Bool {
        try self.database.row(
            "SELECT 1 FROM members WHERE namespace = ? AND name = ? LIMIT 1",
            key.namespace,
            key.name
        ) { _ in true } ?? false
    }

    private func hasMember(_ key: StoreKey, _ member: [UInt8]) throws -> Bool {
        try self.database.row(
            "SELECT 1 FROM members WHERE namespace = ? AND name = ? AND member = ?",
            key.namespace,
            key.name,
            member
        ) { _ in true } ?? false
    }

    private func refuse(_ key: StoreKey, asValueFor what: String) throws {
        guard try self.value(of: key) != nil else { return }
        throw StoreError(.unexpected, "\(what): the key \(key) holds a value, not a set")
    }

    private func refuse(_ key: StoreKey, asSetFor what: String) throws {
        guard try self.hasMembers(key) else { return }
        throw StoreError(.unexpected, "\(what): the key \(key) holds a set, not a value")
    }

    /// A condition on a key of another kind does not hold.
    private func holds(_ condition: Condition) throws -> Bool {
        switch condition {
        case .absent(let key): try self.value(of: key) == nil && !self.hasMembers(key)
        case .equals(let key, let value): try self.value(of: key)?.value == value
        case .contains(let key, let member): try self.hasMember(key, member)
        case .lacks(let key, let member): try self.value(of: key) == nil && !self.hasMember(key, member)
        case .reached(let milliseconds): self.now.milliseconds >= milliseconds
        case .departed(let process): try self.hasDeparted(process)
        }
    }

    /// A set reads as nothing.
    func values(of keys: [StoreKey]) throws -> [[UInt8]?] {
        try keys.map { key in try self.value(of: key)?.value }
    }

    /// A value reads as nothing.
    func members(of key: StoreKey) throws -> [[UInt8]] {
        try self.database.rows(
            "SELECT member FROM members WHERE namespace = ? AND name = ?",
            key.namespace,
            key.name
        ) { $0.bytes(0) }
    }

    func keyCounts() throws -> [String: Int] {
        let counts = try self.database.rows(
            """
            SELECT namespace, count(*) FROM (
                SELECT namespace, name FROM keys WHERE expires IS NULL OR expires > ?
                UNION ALL SELECT DISTINCT namespace, name FROM members
            ) GROUP BY namespace
            """,
            self.now.milliseconds
        ) { (namespace: $0.text(0), count: $0.int(1)) }
        return counts.reduce(into: [:]) { $0[$1.namespace] = $1.count }
    }

    /// Takes the first element of a plain list.
    func take(from list: String) throws -> [UInt8]? {
        guard let source = try self.sourceToTake(named: list) else { return nil }
        let first = try self.database.row(
            "SELECT id, payload FROM jobs WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
            source.range.lower,
            source.range.upper
        ) { (id: $0.int(0), payload: $0.bytes(1)) }
        guard let first else { return nil }
        try self.database.run("DELETE FROM jobs WHERE id = ?", first.id)
        return first.payload
    }
}
