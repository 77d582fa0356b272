import Wingman

@testable import WingmanTesting

/// Beats, leases and rescues.
extension Mutant {
    static let ofLives = [
        Mutant("rescues in a grace") {
            $0.rescue = { store in
                store.memory.change { $0.graceEnd = 0 }
                return try await store.rescue()
            }
        },
        Mutant("rescues while nobody beats") {
            $0.rescue = { store in
                store.memory.change { state in
                    guard let last = state.lastBeat, state.milliseconds >= state.graceEnd else { return }
                    state.lastBeat = (state.milliseconds, last.lease)
                }
                return try await store.rescue()
            }
        },
        Mutant("rescues without fencing") {
            $0.rescue = { store in
                let before = store.memory.read { $0.processes }
                let reply = try await store.rescue()
                store.memory.change { state in
                    for process in reply.ended { state.processes[process] = before[process] }
                }
                return reply
            }
        },
        Mutant("rescues the newest first") {
            $0.rescue = { store in
                store.memory.change { $0.reverseClaims() }
                let reply = try await store.rescue()
                store.memory.change { $0.reverseClaims() }
                return reply
            }
        },
        Mutant("loses what a dead process held last") {
            $0.rescue = { store in
                let reply = try await store.rescue()
                guard reply.moved > 0 else { return reply }
                store.memory.change { state in
                    guard let source = state.lists.keys.first(where: { $0 == .queue("default") }) else { return }
                    _ = state.takeFirst(of: source)
                }
                return reply
            }
        },
        Mutant("suspects nobody") {
            $0.rescue = { store in
                let reply = try await store.rescue()
                store.memory.change { $0.suspicions = [:] }
                return reply
            }
        },
        Mutant("counts every crash, alone or not") {
            $0.rescue = { store in
                let before = store.memory.read { $0.suspicions }
                let reply = try await store.rescue()
                store.memory.change { state in
                    for (payload, old) in before where state.suspicions[payload]?.crashes == old.crashes {
                        if reply.moved > 0, old.crashes < 3 { state.suspicions[payload]?.crashes += 1 }
                    }
                }
                return reply
            }
        },
        Mutant("counts a message's crashes past the third", isFoundBySequences: false) {
            $0.rescue = { store in
                let before = store.memory.read { $0.suspicions }
                let reply = try await store.rescue()
                store.memory.change { state in
                    for (payload, old) in before where old.crashes >= 3 {
                        guard let expiry = state.suspicions[payload]?.expiry, expiry > old.expiry else { continue }
                        state.suspicions[payload]?.crashes = old.crashes + 1
                    }
                }
                return reply
            }
        },
        Mutant("lets a crash that does not count lengthen a suspicion", isFoundBySequences: false) {
            $0.rescue = { store in
                let reply = try await store.rescue()
                store.memory.change { state in
                    guard reply.moved > 0 else { return }
                    for payload in state.suspicions.keys {
                        state.suspicions[payload]?.expiry = state.now + 259_200_000_000
                    }
                }
                return reply
            }
        },
        Mutant("isolates whatever it is given") { $0.isolate = { _, _, _ in true } },
        Mutant("does not end an isolation", isFoundBySequences: false) {
            $0.isolate = { store, token, process in
                guard let token else { return store.memory.change { $0.processes[process] != nil } }
                return try await store.isolate(token, process: process)
            }
        },
        Mutant("lets a process leave with jobs in its hands") {
            $0.leave = { store, process in
                store.memory.change { $0.bury(process) }
                return true
            }
        },
        Mutant("abandons nobody") { $0.abandon = { _, _ in } },
        Mutant("lets a known identity register") {
            $0.beat = { store, beat in
                store.memory.change { state in
                    guard case .register = beat.kind else { return }
                    state.graves[beat.process] = nil
                }
                return try await store.beat(beat)
            }
        },
        Mutant("renews the fenced") {
            $0.beat = { store, beat in
                guard case .refused = try await store.beat(beat), case .renew = beat.kind else {
                    return try await store.beat(beat)
                }
                store.memory.change { state in
                    state.graves[beat.process] = nil
                    state.draining.removeAll { $0.process == beat.process && $0.held.isEmpty }
                }
                var again = beat
                again.kind = .register
                return try await store.beat(again)
            }
        },
        Mutant("counts the executions of a repeated beat again") {
            $0.beat = { store, beat in
                store.memory.change { state in
                    guard state.processes[beat.process]?.beats == beat.number else { return }
                    state.processes[beat.process]?.beats -= 1
                }
                return try await store.beat(beat)
            }
        },
        Mutant("forgets signals that a lost reply carried") {
            $0.beat = { store, beat in
                store.memory.change { $0.processes[beat.process]?.lastSignals = [] }
                return try await store.beat(beat)
            }
        },
    ]
}
