internal import Wingman

/// Why an effect cannot be applied.
struct EffectFault: Error {
    var reason: String
}

/// What plugins keep: values, counters, sets.
extension MemoryState {
    /// Applies all conditions and effects of a change, or none.
    mutating func apply(_ change: Change) throws(EffectFault) -> ChangeReply {
        for (index, condition) in change.conditions.enumerated() {
            guard self.holds(condition) else { return .refused(condition: index, now: self.milliseconds) }
        }
        try self.apply(change.effects)
        return .applied(now: self.milliseconds)
    }

    /// A condition on a key of another kind does not hold.
    private func holds(_ condition: Condition) -> Bool {
        switch condition {
        case .absent(let key): self.keys[key] == nil
        case .equals(let key, let bytes): (try? self.value(key)) == bytes
        case .contains(let key, let member): (try? self.set(key))?.contains(member) ?? false
        case .lacks(let key, let member): (try? self.set(key)).map { !$0.contains(member) } ?? false
        case .reached(let moment): self.milliseconds >= moment
        case .departed(let process): self.hasDeparted(process)
        }
    }

    /// Applies all, or throws and has applied none.
    mutating func apply(_ effects: [Effect]) throws(EffectFault) {
        guard !effects.isEmpty else { return }
        var changed = self
        for effect in effects { try changed.apply(effect) }
        self = changed
    }

    private mutating func apply(_ effect: Effect) throws(EffectFault) {
        switch effect {
        case .push(let job):
            guard job.runAt?.isFinite ?? true else { throw EffectFault(reason: "a job's time is not a number") }
            self.push(job)
        case .add(let entry, let place):
            guard entry.at?.isFinite ?? true else { throw EffectFault(reason: "an entry's time is not a number") }
            self.add(entry, to: place)
        case .append(let list, let payload, let expiry):
            self.append(payload, to: .list(list))
            if let expiry { self.listExpiries[list] = self.moment(after: expiry) }
        case .put(let key, let bytes, let expiry):
            _ = try self.value(key)
            self.keys[key] = StoredValue(content: .value(bytes), expiry: expiry.map { self.moment(after: $0) })
        case .delete(let key):
            self.keys[key] = nil
        case .count(let key, let amount, let expiry):
            try self.count(key, by: amount, expiry)
        case .insert(let key, let member):
            self.keep(try self.set(key).union([member]), in: key)
        case .remove(let key, let member):
            self.keep(try self.set(key).subtracting([member]), in: key)
        case .whenEmpty(let key, let effects):
            if try self.set(key).isEmpty { try self.apply(effects) }
        }
    }

    private mutating func count(_ key: StoreKey, by amount: Int, _ expiry: Duration?) throws(EffectFault) {
        let bytes = try self.value(key)
        let text = String(decoding: bytes ?? [UInt8(ascii: "0")], as: UTF8.self)
        guard let number = Int(text), String(number) == text else {
            throw EffectFault(reason: "\(key) is not a counter")
        }
        let (sum, overflow) = number.addingReportingOverflow(amount)
        guard !overflow else { throw EffectFault(reason: "the counter \(key) would overflow") }
        let end = bytes == nil ? expiry.map { self.moment(after: $0) } : self.keys[key]?.expiry
        self.keys[key] = StoredValue(content: .value(Array(String(sum).utf8)), expiry: end)
    }

    private func moment(after expiry: Duration) -> Int {
        self.now + max(1, expiry.wholeMilliseconds) * 1_000
    }

    /// Nil if there is none.
    private func value(_ key: StoreKey) throws(EffectFault) -> Bytes? {
        switch self.keys[key]?.content {
        case .value(let bytes): return bytes
        case .set: throw EffectFault(reason: "\(key) is a set, not a value or a counter")
        case nil: return nil
        }
    }

    func set(_ key: StoreKey) throws(EffectFault) -> Set<Bytes> {
        switch self.keys[key]?.content {
        case .set(let members): return members
        case .value: throw EffectFault(reason: "\(key) is a value or a counter, not a set")
        case nil: return []
        }
    }

    /// A set that becomes empty does not exist.
    private mutating func keep(_ members: Set<Bytes>, in key: StoreKey) {
        self.keys[key] = members.isEmpty ? nil : StoredValue(content: .set(members), expiry: self.keys[key]?.expiry)
    }

    /// What `key` holds as bytes; nil also for a set.
    func bytes(of key: StoreKey) -> Bytes? {
        if case .value(let bytes) = self.keys[key]?.content { return bytes }
        return nil
    }
}
