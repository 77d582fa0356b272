/// What one plugin keeps in the store: values, counters and sets under names of its own.
///
/// A plugin reaches its own names only, so that none can break another's promises.
public struct KeySpace: Sendable {
    /// Whose names these are: the plugin's own name, or `app` for the services of the app.
    public let namespace: String
    private let store: any Store

    init(namespace: String, store: any Store) {
        self.namespace = namespace
        self.store = store
    }

    /// The key of a name, for conditions and effects.
    public func key(_ name: String) -> StoreKey { StoreKey(self.namespace, name) }

    /// The values of names, in their order: a value's bytes, a counter's decimal text, nil where there is none.
    public func values(of names: [String]) async throws -> [[UInt8]?] {
        try await self.store.values(of: names.map { self.key($0) })
    }

    /// The value of a name, nil where there is none.
    public func value(of name: String) async throws -> [UInt8]? {
        try await self.values(of: [name]).first ?? nil
    }

    /// The members of a set, in no order.
    public func members(of name: String) async throws -> [[UInt8]] {
        try await self.store.members(of: self.key(name))
    }

    /// Applies all effects if all conditions hold, in one atomic step.
    ///
    /// Effects may push jobs and append to lists, too: so a job is pushed if, and only if, a record of it is made.
    ///
    /// - Throws: ``ConfigurationError`` for a key that is not in ``namespace`` and for effects on places that are the
    ///   host's (retry set, dead set …); ``StoreError``.
    public func apply(_ change: Change) async throws -> ChangeReply {
        try self.check(change)
        return try await self.store.apply(change)
    }

    /// Refuses what is not this plugin's affair.
    func check(_ change: Change) throws {
        let foreign = (change.conditions.compactMap(\.key) + change.effects.flatMap(\.keys))
            .first { $0.namespace != self.namespace }
        if let foreign {
            throw ConfigurationError([
                "plugin \(self.namespace) uses the key \"\(foreign)\": it may use those of its own namespace only"
            ])
        }
        if let place = change.effects.flatMap(\.places).first(where: \.isHosts) {
            throw ConfigurationError([
                "plugin \(self.namespace) adds to \(place): it may push jobs and append to lists only"
            ])
        }
    }
}

extension Condition {
    /// The key it looks at.
    fileprivate var key: StoreKey? {
        switch self {
        case .absent(let key), .equals(let key, _), .contains(let key, _), .lacks(let key, _): key
        case .reached, .departed: nil
        }
    }
}

extension Effect {
    /// The keys it touches.
    fileprivate var keys: [StoreKey] {
        switch self {
        case .push, .add, .append: []
        case .put(let key, _, _), .delete(let key), .count(let key, _, _), .insert(let key, _), .remove(let key, _):
            [key]
        case .whenEmpty(let key, let effects): [key] + effects.flatMap(\.keys)
        }
    }

    /// The places it adds entries to.
    fileprivate var places: [Place] {
        switch self {
        case .add(_, let place): [place]
        case .push, .append, .put, .delete, .count, .insert, .remove: []
        case .whenEmpty(_, let effects): effects.flatMap(\.places)
        }
    }
}

extension Place {
    /// Whether only the host decides what lies there.
    var isHosts: Bool {
        switch self {
        case .list, .later: false
        case .queue, .retry, .schedule, .dead, .quarantine: true
        }
    }
}
