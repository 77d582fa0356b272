import Wingman

@testable import WingmanTesting

/// Steps that are not what they should be.
extension Mutant {
    static let ofSteps = [
        Mutant("claims from paused queues") {
            $0.step = { store, step in
                let paused = try await store.pausedQueues()
                for queue in paused { try await store.setPaused(false, queue: queue) }
                let reply = try await store.step(step)
                for queue in paused { try await store.setPaused(true, queue: queue) }
                return reply
            }
        },
        Mutant("forgets the token check: a stale settlement is answered as settled") {
            $0.step = { store, step in
                guard case .done(let answers, let claimed, let expired) = try await store.step(step) else {
                    return try await store.step(step)
                }
                return .done(answers: answers.map { _ in .settled }, claimed: claimed, leaseExpired: expired)
            }
        },
        Mutant("settles for other processes") {
            $0.step = { store, step in
                for settlement in step.settlements {
                    store.memory.change { state in
                        for process in Array(state.processes.keys) where process != step.process {
                            let held = state.processes[process]?.held.removeValue(forKey: settlement.token)
                            if let held { state.processes[step.process]?.held[settlement.token] = held }
                        }
                    }
                }
                return try await store.step(step)
            }
        },
        Mutant("gives back in the order asked") {
            $0.step = { store, step in
                store.memory.change { state in
                    // What is settled first counts as claimed last: it is put back first.
                    for settlement in step.settlements {
                        guard var held = state.processes[step.process]?.held[settlement.token] else { continue }
                        held.serial = -state.nextSerial()
                        state.processes[step.process]?.held[settlement.token] = held
                    }
                }
                return try await store.step(step)
            }
        },
        Mutant("gives back to the tail") {
            $0.step = { store, step in
                let changed = Step(
                    process: step.process,
                    lane: step.lane,
                    number: step.number,
                    settlements: step.settlements,
                    claim: step.claim,
                    sources: step.sources
                )
                let before = store.memory.read { $0.lists }
                let reply = try await store.step(changed)
                guard step.settlements.contains(where: { $0.disposition.isGiveBack }), step.claim == 0 else {
                    return reply
                }
                store.memory.change { state in
                    for (source, list) in state.lists {
                        let returned = list.count - (before[source]?.count ?? 0)
                        guard returned > 0 else { continue }
                        state.lists[source]?.removeFirst(returned)
                        state.lists[source]?.append(contentsOf: list.prefix(returned))
                    }
                }
                return reply
            }
        },
        Mutant("applies effects of stale settlements") {
            $0.step = { store, step in
                let reply = try await store.step(step)
                guard case .done(let answers, _, _) = reply else { return reply }
                for (settlement, answer) in zip(step.settlements, answers) where answer == .stale {
                    _ = try? await store.apply(Change(settlement.effects))
                }
                return reply
            }
        },
        Mutant("does a repeated step again") {
            $0.step = { store, step in
                store.memory.change { state in
                    guard state.processes[step.process]?.lanes[step.lane]?.number == step.number else { return }
                    state.processes[step.process]?.lanes[step.lane]?.number -= 1
                }
                return try await store.step(step)
            }
        },
        Mutant("forgets what a repeated step claimed") {
            $0.step = { store, step in
                let isRepeated = store.memory.read {
                    $0.processes[step.process]?.lanes[step.lane]?.number == step.number
                }
                let reply = try await store.step(step)
                guard isRepeated, case .done(let answers, _, let expired) = reply else { return reply }
                return .done(answers: answers, claimed: [], leaseExpired: expired)
            }
        },
        Mutant("knows no gap") {
            $0.step = { store, step in
                guard case .gap(let last) = try await store.step(step) else { return try await store.step(step) }
                var next = step
                next.number = last + 1
                return try await store.step(next)
            }
        },
        Mutant("all lanes share one number", isFoundBySequences: true) {
            $0.step = { store, step in
                var changed = step
                changed.lane = 1
                return try await store.step(changed)
            }
        },
        Mutant("claims under an expired lease") {
            $0.step = { store, step in
                store.memory.change { state in
                    guard let end = state.processes[step.process]?.leaseEnd, end <= state.milliseconds else { return }
                    let now = state.milliseconds
                    state.processes[step.process]?.leaseEnd = now + 1
                }
                return try await store.step(step)
            }
        },
        Mutant("claims from its sources in another order") {
            $0.step = { store, step in
                var changed = step
                changed.sources.reverse()
                return try await store.step(changed)
            }
        },
        Mutant("counts what is given back as processed") {
            $0.step = { store, step in
                var changed = step
                changed.settlements = step.settlements.map { settlement in
                    var settlement = settlement
                    if settlement.disposition.isGiveBack { settlement.tally = .processed }
                    return settlement
                }
                return try await store.step(changed)
            }
        },
        Mutant("keeps the token of a job that it sent to the retry set") {
            $0.step = { store, step in
                let held = store.memory.read { $0.processes[step.process]?.held ?? [:] }
                let reply = try await store.step(step)
                for settlement in step.settlements {
                    guard case .retry = settlement.disposition, let job = held[settlement.token] else { continue }
                    store.memory.change { $0.processes[step.process]?.held[settlement.token] = job }
                }
                return reply
            }
        },
    ]
}
