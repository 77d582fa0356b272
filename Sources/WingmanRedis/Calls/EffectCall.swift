internal import HiredisNIO
internal import Wingman

/// How `_effects.lua` is given effects.
extension RedisScriptCall {
    /// How many words the effects take, then the effects.
    mutating func append(counted effects: [Effect]) {
        self.append(effects.words)
        self.append(effects)
    }

    /// The effects alone.
    mutating func append(_ effects: [Effect]) {
        for effect in effects { self.append(effect) }
    }

    private mutating func append(_ effect: Effect) {
        switch effect {
        case .push(let job):
            self.append(
                Entry(payload: job.payload, at: job.runAt),
                to: job.runAt == nil ? .queue(job.queue) : .schedule
            )
        case .add(let entry, let place): self.append(entry, to: place)
        case .append(let list, let payload, let expiry): self.append("a", list, payload, Self.milliseconds(expiry))
        case .put(let key, let value, let expiry): self.append("s", key.redisKey, value, Self.milliseconds(expiry))
        case .delete(let key): self.append("d", key.redisKey)
        case .count(let key, let by, let expiry):
            self.append("c", key.redisKey)
            self.append(by)
            self.append(Self.milliseconds(expiry))
        case .insert(let key, let member): self.append("i", key.redisKey, member)
        case .remove(let key, let member): self.append("r", key.redisKey, member)
        case .whenEmpty(let key, let effects):
            self.append("w", key.redisKey)
            self.append(counted: effects)
        }
    }

    /// Adds an entry to a place: what an effect and an edit do alike.
    mutating func append(_ entry: Entry, to place: Place) {
        switch place {
        case .queue(let name): self.append("p", name, entry.payload)
        case .list(let key): self.append("a", key, entry.payload, "")
        case .retry, .schedule, .later, .dead, .quarantine:
            self.append("z", place.key, entry.at?.description ?? "", entry.payload)
        }
    }

    /// Never zero, which Redis refuses.
    private static func milliseconds(_ expiry: Duration?) -> String {
        expiry.map { String(max(1, $0.wholeMilliseconds)) } ?? ""
    }

    private mutating func append(_ words: any EffectWord...) {
        for word in words { word.append(to: &self) }
    }
}

/// A text or bytes.
private protocol EffectWord {
    func append(to call: inout RedisScriptCall)
}

extension String: EffectWord {
    fileprivate func append(to call: inout RedisScriptCall) { call.append(self) }
}

extension [UInt8]: EffectWord {
    fileprivate func append(to call: inout RedisScriptCall) { call.append(self) }
}

extension Entry {
    /// How many words an entry takes on its way to `place`.
    static func words(to place: Place) -> Int {
        switch place {
        case .queue: 3
        case .list, .retry, .schedule, .later, .dead, .quarantine: 4
        }
    }
}

extension [Effect] {
    /// How many words they take.
    var words: Int { self.reduce(0) { $0 + $1.words } }

    /// About how many bytes.
    var bytes: Int { self.reduce(0) { $0 + $1.bytes } }
}

extension Effect {
    fileprivate var words: Int {
        switch self {
        case .push(let job): Entry.words(to: job.runAt == nil ? .queue(job.queue) : .schedule)
        case .add(_, let place): Entry.words(to: place)
        case .append, .put, .count: 4
        case .delete: 2
        case .insert, .remove: 3
        case .whenEmpty(_, let effects): 3 + effects.words
        }
    }

    fileprivate var bytes: Int {
        switch self {
        case .push(let job): 96 + job.payload.count
        case .add(let entry, _): 96 + entry.payload.count
        case .append(_, let payload, _), .put(_, let payload, _): 128 + payload.count
        case .delete, .count: 128
        case .insert(_, let member), .remove(_, let member): 128 + member.count
        case .whenEmpty(_, let effects): 128 + effects.bytes
        }
    }
}
