import ServiceLifecycle
import Synchronization

/// Whose entry it is: one child of one supervisor. A name has one owner as long as that child is in its tree.
struct RegistryOwner: Hashable, Sendable {
    let supervisor: UInt64
    let child: ChildID
}

/// Somebody who waits for a name to be ready.
struct RegistryWaiter: Sendable {
    let resume: @Sendable (RegistryError?) -> Void
}

/// How supervisors keep the registry true. An update counts only if it comes from the owner, and from the same or a later
/// incarnation than the entry's: a late word from a dead one changes nothing.
extension ServiceRegistry {
    /// Takes the name for a child.
    ///
    /// - Returns: False when another child has it.
    func claim(_ name: String, for owner: RegistryOwner) -> Bool {
        self.entries.withLock { entries in
            entries.claim(name, for: owner)
        }
    }

    /// Whether no living child has the name.
    func isFree(_ name: String) -> Bool {
        self.entries.withLock { $0[name]?.isVacant ?? true }
    }

    /// Sets what the name stands for; `service` with ``RegistryState/running(generation:)`` only.
    ///
    /// - Returns: False when the name belongs to another child.
    func update(_ name: String, owner: RegistryOwner, state: RegistryState, service: (any Service)?) -> Bool {
        let waiters: [RegistryWaiter]? = self.entries.withLock { entries in
            guard entries.claim(name, for: owner), var entry = entries[name] else { return nil }
            entry.state = state
            entry.service = service
            var released: [RegistryWaiter] = []
            if case .running = state {
                released = Array(entry.waiters.values)
                entry.waiters = [:]
            }
            entries[name] = entry
            return released
        }
        guard let waiters else { return false }
        for waiter in waiters { waiter.resume(nil) }
        self.watchers.tell(name, state)
        return true
    }

    /// An incarnation has ended, and is told before its supervisor has heard: from now on nobody gets it.
    func ended(_ name: String, owner: RegistryOwner, generation: UInt64) {
        let isCurrent = self.entries.withLock { entries in
            guard let entry = entries[name], entry.owner == owner, entry.state == .running(generation: generation)
            else {
                return false
            }
            entries[name]?.state = .restarting(until: nil)
            entries[name]?.service = nil
            return true
        }
        if isCurrent { self.watchers.tell(name, .restarting(until: nil)) }
    }

    /// Gives the name up.
    func release(_ name: String, owner: RegistryOwner) {
        let waiters: [RegistryWaiter]? = self.entries.withLock { entries in
            guard let entry = entries[name], entry.owner == owner else { return nil }
            entries[name] = nil
            return Array(entry.waiters.values)
        }
        guard let waiters else { return }
        for waiter in waiters { waiter.resume(RegistryError(name: name, reason: .removed)) }
        self.watchers.tell(name, .absent)
    }
}

extension [String: ServiceRegistry.Entry] {
    /// Makes `owner` the owner of the name, unless a living child has it.
    fileprivate mutating func claim(_ name: String, for owner: RegistryOwner) -> Bool {
        guard let entry = self[name] else {
            self[name] = Value(owner: owner, state: .absent, service: nil)
            return true
        }
        if entry.owner == owner { return true }
        guard entry.isVacant else { return false }
        self[name] = Value(owner: owner, state: .absent, service: nil, waiters: entry.waiters)
        return true
    }
}

extension ServiceRegistry.Entry {
    /// Whether its child has ended for good, so that another may take the name.
    var isVacant: Bool { self.state == .absent }
}
