import Wingman

@testable import WingmanTesting

extension Mutant {
    /// All of them.
    static let all = Self.ofSteps + Self.ofLives + Self.ofTime + Self.ofKeys + Self.ofPlaces
}

/// What is due, and what is decided once.
extension Mutant {
    static let ofTime = [
        Mutant("says that everything is due") {
            $0.due = { store, set, limit in
                let entries = try await store.entries(in: set.place, from: 0, limit: limit)
                return DueReply(entries: entries.map(\.payload), nextDue: nil)
            }
        },
        Mutant("promotes what is no longer there", isFoundBySequences: false) {
            $0.promote = { store, promotions, set in
                let moved = try await store.promote(promotions, from: set)
                guard moved < promotions.count else { return moved }
                for promotion in promotions {
                    guard case .push(_, let queue, let payload) = promotion else { continue }
                    try await store.enqueue([PushedJob(queue: queue, payload: payload)])
                }
                return promotions.count
            }
        },
        Mutant("promotes to the head of the queue") {
            $0.promote = { store, promotions, set in
                let before = store.memory.read { $0.lists }
                let moved = try await store.promote(promotions, from: set)
                store.memory.change { state in
                    for (source, list) in state.lists {
                        let added = list.count - (before[source]?.count ?? 0)
                        guard added > 0 else { continue }
                        state.lists[source]?.removeLast(added)
                        for job in list.suffix(added).reversed() { state.putBack(job, to: source) }
                    }
                }
                return moved
            }
        },
        Mutant("lets a leader lead for ever") {
            $0.lead = { store, role, process, _ in
                try await store.lead(role, process: process, for: .seconds(1_000_000))
            }
        },
        Mutant("gives every reign the same term") {
            $0.lead = { store, role, process, duration in
                try await store.lead(role, process: process, for: duration).map { _ in 1 }
            }
        },
        Mutant("wakes nobody", isFoundBySequences: false) { $0.wait = { _, _ in false } },
        Mutant("wakes everybody", isFoundBySequences: false) { $0.wait = { _, _ in true } },
    ]
}

extension MemoryState {
    /// What was claimed last counts as claimed first.
    mutating func reverseClaims() {
        self.processes = self.processes.mapValues { process in
            var process = process
            process.held = process.held.mapValues { held in
                HeldJob(serial: -held.serial, source: held.source, payload: held.payload)
            }
            return process
        }
    }
}

extension Disposition {
    var isGiveBack: Bool {
        if case .giveBack = self { return true }
        return false
    }
}
