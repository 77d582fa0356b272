import Wingman

/// Effects, changes and edits.
extension StoreModel {
    /// A key of the wrong kind for every effect that the run makes on it.
    static let unusable = StoreKey("model", "unusable")

    /// - Returns: False if one of them cannot be applied; then none is.
    mutating func apply(_ effects: [Effect]) -> Bool {
        var changed = self
        for effect in effects where !changed.apply(effect) { return false }
        self = changed
        return true
    }

    private mutating func apply(_ effect: Effect) -> Bool {
        switch effect {
        case .push(let job):
            let text = String(decoding: job.payload, as: UTF8.self)
            if job.runAt == nil {
                self.lists["queue:\(job.queue)", default: []].append(text)
            } else {
                self.add(text, to: "schedule", due: false)
            }
        case .add(let entry, let place): self.add(entry, to: place)
        case .append(let list, let payload, _):
            self.lists[list, default: []].append(String(decoding: payload, as: UTF8.self))
        case .put(let key, let value, _): self.values[key.name] = String(decoding: value, as: UTF8.self)
        case .delete(let key): (self.values[key.name], self.memberships[key.name]) = (nil, nil)
        case .count(let key, let by, _):
            guard key != Self.unusable, let value = Int(self.values[key.name] ?? "0") else { return false }
            self.values[key.name] = "\(value + by)"
        case .insert(let key, let member):
            self.memberships[key.name, default: []].insert(String(decoding: member, as: UTF8.self))
        case .remove(let key, let member):
            self.memberships[key.name]?.remove(String(decoding: member, as: UTF8.self))
            if self.memberships[key.name]?.isEmpty == true { self.memberships[key.name] = nil }
        case .whenEmpty(let key, let effects):
            guard self.memberships[key.name] == nil else { return true }
            return self.apply(effects)
        }
        return true
    }

    private mutating func add(_ entry: Entry, to place: Place) {
        let text = String(decoding: entry.payload, as: UTF8.self)
        if place.isSorted {
            self.add(text, to: place.key, due: (entry.at ?? 0) < 2e9)
        } else {
            self.lists[place.key, default: []].append(text)
        }
    }

    func holds(_ condition: Condition) -> Bool {
        switch condition {
        case .absent(let key): self.values[key.name] == nil && self.memberships[key.name] == nil
        case .equals(let key, let value): self.values[key.name] == String(decoding: value, as: UTF8.self)
        case .contains(let key, let member):
            self.memberships[key.name, default: []].contains(String(decoding: member, as: UTF8.self))
        case .lacks(let key, let member):
            !self.memberships[key.name, default: []].contains(String(decoding: member, as: UTF8.self))
        case .reached(let milliseconds): milliseconds < 2_000_000_000_000
        case .departed(let process): self.hasDeparted(process.rawValue)
        }
    }

    private func hasDeparted(_ id: String) -> Bool {
        let landings = self.sources[id, default: []].map { Self.landing(id, $0) }
        return self.leases[id] == nil && !self.draining.contains(id) && self.inflight[id, default: [:]].isEmpty
            && landings.allSatisfy { self.lists[$0, default: []].isEmpty }
    }

    /// - Returns: Whether the entry was there.
    mutating func edit(_ edit: EntryEdit, in place: Place) -> Bool {
        let text = String(decoding: edit.entry.payload, as: UTF8.self)
        let isThere =
            place.isSorted ? self.sets[place.key]?[text] != nil : self.lists[place.key]?.contains(text) == true
        guard isThere else { return false }
        if let (target, entry) = edit.destination {
            if target == place, target.isSorted, entry.payload == edit.entry.payload {
                self.sets[place.key]?[text] = (entry.at ?? 0) < 2e9
                return true
            }
            self.add(entry, to: target)
        }
        if place.isSorted {
            self.sets[place.key]?[text] = nil
        } else if let index = self.lists[place.key]?.firstIndex(of: text) {
            self.lists[place.key]?.remove(at: index)
        }
        return true
    }
}

extension Disposition {
    /// Whether its destination cannot be written.
    var isBroken: Bool {
        if case .append(StoreModel.broken, _) = self { return true }
        return false
    }
}

extension Place {
    /// Written down a second time on purpose.
    fileprivate var key: String {
        switch self {
        case .queue(let name): "queue:\(name)"
        case .list(let key): key
        case .retry: "retry"
        case .schedule: "schedule"
        case .later(let list): "wingman:later:\(list)"
        case .dead: "dead"
        case .quarantine: StoreModel.quarantine
        }
    }

    fileprivate var isSorted: Bool {
        switch self {
        case .queue, .list: false
        case .retry, .schedule, .later, .dead, .quarantine: true
        }
    }
}
