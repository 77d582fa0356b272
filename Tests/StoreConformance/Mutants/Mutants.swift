import DequeModule
import Wingman

@testable import WingmanTesting

extension Mutant {
    static let all = Self.ofSteps + Self.ofLives + Self.ofTime + Self.ofKeys + Self.ofPlaces

    private static let ofSteps = [
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
                    process: step.process, lane: step.lane, number: step.number, settlements: step.settlements,
                    claim: step.claim, sources: step.sources
                )
                let before = store.memory.read { $0.lists }
                let reply = try await store.step(changed)
                guard step.settlements.contains(where: { $0.disposition.isGiveBack }), step.claim == 0 else { return reply }
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
                let isRepeated = store.memory.read { $0.processes[step.process]?.lanes[step.lane]?.number == step.number }
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

    private static let ofLives = [
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
        Mutant("isolates whatever it is given") { $0.isolate = { _, _, _ in true } },
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

    private static let ofTime = [
        Mutant("says that everything is due") {
            $0.due = { store, set, limit in
                let entries = try await store.entries(in: set.place, from: 0, limit: limit)
                return DueReply(entries: entries.map(\.payload), nextDue: nil)
            }
        },
        Mutant("promotes what is no longer there") {
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
        Mutant("pushes an occurrence without comparing") {
            $0.tick = { store, tick in
                _ = try await store.tick(tick)
                try await store.enqueue([tick.job])
                return .pushed
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

    private static let ofKeys = [
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

    private static let ofPlaces = [
        Mutant("pushes equal jobs once") {
            $0.enqueue = { store, jobs in
                var seen: Set<[UInt8]> = []
                try await store.enqueue(jobs.filter { seen.insert($0.payload).inserted })
            }
        },
        Mutant("pushes each array in reverse") { $0.enqueue = { store, jobs in try await store.enqueue(jobs.reversed()) } },
        Mutant("shows the dead that came first first") {
            $0.entries = { store, place, offset, limit in
                guard place == .dead else { return try await store.entries(in: place, from: offset, limit: limit) }
                let all = try await store.entries(in: place, from: 0, limit: .max)
                return Array(all.reversed().dropFirst(offset).prefix(limit))
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
                guard found < edits.count, case (let destination, let entry)? = edits.last?.destination else { return found }
                _ = try await store.apply(Change([.add(entry, to: destination)]))
                return edits.count
            }
        },
    ]
}

extension MemoryState {
    /// What was claimed last counts as claimed first.
    fileprivate mutating func reverseClaims() {
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
    fileprivate var isGiveBack: Bool {
        if case .giveBack = self { return true }
        return false
    }
}
