import Wingman

@testable import WingmanTesting

/// Where jobs lie.
extension Mutant {
    static let ofPlaces = [
        Mutant("pushes equal jobs once") {
            $0.enqueue = { store, jobs in
                var seen: Set<[UInt8]> = []
                try await store.enqueue(jobs.filter { seen.insert($0.payload).inserted })
            }
        },
        Mutant("pushes each array in reverse") {
            $0.enqueue = { store, jobs in try await store.enqueue(jobs.reversed()) }
        },
        Mutant("shows the dead that came first first") {
            $0.entries = { store, place, offset, limit in
                guard place == .dead else { return try await store.entries(in: place, from: offset, limit: limit) }
                let all = try await store.entries(in: place, from: 0, limit: .max)
                return Array(all.reversed().dropFirst(offset).prefix(limit))
            }
        },
        Mutant("takes jobs in flight for those of living processes only", isFoundBySequences: false) {
            $0.inFlight = { store, jobIDs in
                let alive = Set(try await store.processes().filter { store.now - $0.beatAt < 15 }.map(\.process))
                return store.memory.read { state in
                    let held = state.processes.filter { alive.contains($0.key) }.flatMap(\.value.held.values)
                    return jobIDs.intersection(held.compactMap { try? JobPayload($0.payload).jobID })
                }
            }
        },
        Mutant("deletes all equal entries", isFoundBySequences: false) {
            $0.edit = { store, edits, place in
                let found = try await store.edit(edits, in: place)
                for edit in edits where edit.destination == nil {
                    while try await store.edit([edit], in: place) > 0 {}
                }
                return found
            }
        },
        Mutant("moves entries that are not there") {
            $0.edit = { store, edits, place in
                let found = try await store.edit(edits, in: place)
                guard found < edits.count, case (let destination, let entry)? = edits.last?.destination else {
                    return found
                }
                _ = try await store.apply(Change([.add(entry, to: destination)]))
                return edits.count
            }
        },
    ]
}
