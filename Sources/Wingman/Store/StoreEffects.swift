/// The name of a value, counter or set that a plugin keeps in the store.
///
/// Each plugin has a namespace of its own, its name; what is below it is the plugin's affair. On Redis the key is
/// `wingman:key:NAMESPACE:NAME`.
public struct StoreKey: Hashable, Sendable, CustomStringConvertible {
    /// The plugin's name: letters, digits, `-`, `_` and `.`.
    public let namespace: String
    /// The key within the namespace.
    public let name: String

    /// A key of the plugin `namespace`.
    public init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `NAMESPACE:NAME`.
    public var description: String { "\(self.namespace):\(self.name)" }
}

/// Something a store does in the same atomic step as a settlement or a ``Change``.
///
/// Effects are applied in their order. A key holds a value, a counter or a set; an effect on a key of another kind fails
/// the whole step before anything is written.
public enum Effect: Sendable, Equatable {
    /// Adds a job to its queue, or to the schedule.
    case push(PushedJob)
    /// Adds an entry to a place, as ``Store/edit(_:in:)`` would.
    case add(Entry, to: Place)
    /// Adds an element behind all others of a plain list. With `expiry` the whole list goes away so long after the last
    /// element was added.
    case append(list: String, payload: [UInt8], expiry: Duration? = nil)
    /// Sets a value, for `expiry` or until it is deleted.
    case put(StoreKey, [UInt8], expiry: Duration? = nil)
    /// Removes a value, a counter or a whole set.
    case delete(StoreKey)
    /// Adds to a counter, which starts at zero. A counter reads as its decimal text. With `expiry` a counter that starts
    /// with this effect goes away so long after.
    case count(StoreKey, by: Int, expiry: Duration? = nil)
    /// Adds a member to a set.
    case insert(StoreKey, member: [UInt8])
    /// Removes a member from a set.
    case remove(StoreKey, member: [UInt8])
    /// Applies the effects inside if the set is empty (or absent) by now. They hold no further condition.
    indirect case whenEmpty(StoreKey, [Effect])
}

/// What must hold for a ``Change`` to be made.
public enum Condition: Sendable, Equatable {
    /// The key holds nothing.
    case absent(StoreKey)
    /// The key holds this value (or a counter with this decimal text).
    case equals(StoreKey, [UInt8])
    /// The set has this member.
    case contains(StoreKey, member: [UInt8])
    /// The set lacks this member.
    case lacks(StoreKey, member: [UInt8])
    /// The store's clock has reached this moment, in milliseconds since 1970.
    case reached(milliseconds: Int)
    /// The process has ended: it has no lease, not even one that has run out, and everything that it held or that had
    /// landed for it is back at its sources. So whoever acts after it finds what it left before what came later, and it
    /// can claim nothing more. A process that nobody knows has ended, too.
    case departed(ProcessID)
}

/// Effects that are applied all together, if all conditions hold, or not at all: compare-and-set for plugins.
public struct Change: Sendable, Equatable {
    /// All must hold.
    public var conditions: [Condition]
    /// Applied in this order.
    public var effects: [Effect]

    /// A change made if all `conditions` hold.
    public init(if conditions: [Condition] = [], _ effects: [Effect]) {
        self.conditions = conditions
        self.effects = effects
    }
}

/// The answer to a change. Both say the store's time, in milliseconds since 1970.
public enum ChangeReply: Sendable, Equatable {
    /// All effects were applied.
    case applied(now: Int)
    /// Nothing was applied: the condition at this place does not hold.
    case refused(condition: Int, now: Int)
}
