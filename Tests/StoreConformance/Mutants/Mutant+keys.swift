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
        Mutant("gives an element to every receiver", isFoundBySequences: false) {
            $0.receive = { store, list, timeout in
                let element = try await store.receive(from: list, timeout: timeout)
                if let element { store.memory.change { $0.putBack(element, to: .list(list)) } }
                return element
            }
        },
    ]
}
