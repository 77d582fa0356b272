import Wingman

@testable import WingmanTesting

/// What plugins keep.
extension Mutant {
    static let ofKeys = [
        Mutant("applies effects up to the one that cannot be") {
            $0.apply = { store, change in
                for effect in change.effects { _ = try await store.apply(Change(if: change.conditions, [effect])) }
                return try await store.apply(Change([]))
            }
        },
        Mutant("looks at the first condition only") {
            $0.apply = { store, change in
                try await store.apply(Change(if: Array(change.conditions.prefix(1)), change.effects))
            }
        },
        Mutant("thinks a process departed that is still being emptied") {
            $0.apply = { store, change in
                let isEmptying = store.memory.read { state in
                    change.conditions.contains { condition in
                        guard case .departed(let process) = condition else { return false }
                        return state.processes[process] == nil
                    }
                }
                guard isEmptying else { return try await store.apply(change) }
                var changed = change
                changed.conditions.removeAll { $0.isOfProcess }
                return try await store.apply(changed)
            }
        },
        Mutant("lets nothing expire") {
            $0.apply = { store, change in
                let reply = try await store.apply(change)
                store.memory.change { state in
                    for key in state.keys.keys { state.keys[key]?.expiry = nil }
                    state.listExpiries = [:]
                }
                return reply
            }
        },
        Mutant("keeps sets that are empty") {
            $0.apply = { store, change in
                let reply = try await store.apply(change)
                store.memory.change { state in
                    for case .remove(let key, _) in change.effects where state.keys[key] == nil {
                        state.keys[key] = StoredValue(content: .set([]))
                    }
                }
                return reply
            }
        },
        Mutant("counts the members of sets as keys") {
            $0.keyCounts = { store, counts in
                var counts = counts
                for (key, kept) in store.memory.read({ $0.keys }) {
                    guard case .set(let members) = kept.content else { continue }
                    counts[key.namespace, default: 0] += members.count - 1
                }
                return counts
            }
        },
        Mutant("gives an element to every receiver", isFoundBySequences: false) {
            $0.receive = { store, list, timeout in
                let element = try await store.receive(from: list, timeout: timeout)
                if let element { store.memory.change { $0.putBack(element, to: .list(list)) } }
                return element
            }
        },
    ]
}

extension Condition {
    fileprivate var isOfProcess: Bool {
        if case .departed = self { return true }
        return false
    }
}
