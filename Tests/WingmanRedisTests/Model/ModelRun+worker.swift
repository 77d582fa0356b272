import StoreTestSupport
import TestSupport
import Wingman

@testable import WingmanRedis

/// What a worker does, as protocol.md has it: same number again after a lost reply, a new name after a fence, abandon
/// after a gap.
extension ModelRun {
    mutating func beat(_ index: Int) async throws {
        let worker = self.workers[index]
        let kind: Beat.Kind = worker.isRegistered ? .renew : .register
        let beat = Beat.of(worker.process, kind, number: worker.beats + 1)
        self.remember(.beat(beat))
        let reply = try await self.send(beat)
        let isLost = self.random.chance(10)
        switch reply {
        case .alive where isLost && !worker.isRegistered: self.rename(index)  // nobody knows: another name
        case .alive where isLost: break
        case .refused: self.rename(index)
        case .alive(let lanes, _):
            self.workers[index].isRegistered = true
            self.workers[index].beats += 1
            let hasLostTail = worker.acknowledged.contains { lanes[$0.key, default: 0] < $0.value }
            if hasLostTail { try await self.giveUp(index) }
        }
    }

    /// Sends the lane's pending step again, or a new one.
    mutating func step(_ index: Int) async throws {
        let worker = self.workers[index]
        guard worker.isRegistered else { return try await self.beat(index) }
        let lane = self.random.chance(70) ? 1 : 2
        let step = worker.pending[lane] ?? self.newStep(index, lane)
        self.workers[index].pending[lane] = step
        self.remember(.step(step))
        let reply = try await self.send(step)
        guard !self.random.chance(15) else { return self.met(.lostReply) }
        try await self.accept(reply, of: step, index)
    }

    private mutating func newStep(_ index: Int, _ lane: Int) -> Step {
        let held = self.workers[index].held.shuffled(using: &self.random)
        let count = held.isEmpty ? 0 : Int.random(in: 0...held.count, using: &self.random)
        var settlements = held.prefix(count).map { self.settlement(of: $0) }
        self.workers[index].held = Array(held.dropFirst(count))
        if self.random.chance(10), let token = self.spent.randomElement(using: &self.random) {
            settlements.append(Settlement(token: token, disposition: .done, tally: .processed))
        }
        let sources = Self.sources.shuffled(using: &self.random)
        return Step(
            process: self.workers[index].process,
            lane: lane,
            number: self.workers[index].acknowledged[lane, default: 0] + 1,
            settlements: settlements,
            claim: Int.random(in: 0...6, using: &self.random),
            sources: Array(sources.prefix(Int.random(in: 1...4, using: &self.random)))
        )
    }

    private mutating func settlement(of claimed: Claimed) -> Settlement {
        let payload = Array(claimed.text.base.utf8)
        let delay: Duration = self.random.chance(50) ? .zero : .seconds(100_000)
        var settlement = self.plainSettlement(of: claimed, payload, delay)
        if self.random.chance(25) { settlement.effects = self.newEffects() }
        return settlement
    }

    private mutating func plainSettlement(of claimed: Claimed, _ payload: [UInt8], _ delay: Duration) -> Settlement {
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<40: return claimed.settled()
        case 40..<52: return claimed.settled(.retry(payload: payload, delay: delay), .failed)
        case 52..<55:
            return claimed.settled(.later(list: "requests", payload: payload, delay: delay), .none)
        case 55..<60: return claimed.settled(.schedule(payload: payload, delay: delay))
        case 60..<65: return claimed.settled(.dead(payload: payload), .failed)
        case 65..<80: return claimed.settled(.giveBack, .none)
        case 80..<88: return claimed.settled(.append(list: "letters", payload: payload), .none)
        default: return claimed.settled(.append(list: StoreModel.broken, payload: payload), .none)
        }
    }

    private mutating func accept(_ reply: StepReply, of step: Step, _ index: Int) async throws {
        switch reply {
        case .fenced: self.rename(index)
        case .gap: try await self.giveUp(index)
        case .done(let answers, let claimed, _):
            self.workers[index].acknowledged[step.lane] = step.number
            self.workers[index].pending[step.lane] = nil
            self.workers[index].held += claimed
            for (settlement, answer) in zip(step.settlements, answers) {
                self.spent.append(settlement.token)
                // Still ours: to be settled another way, which needs no more than its token.
                guard answer.isFailure else { continue }
                let job = self.claimedJobs[settlement.token]?.base ?? ""
                let claim = Claimed(token: settlement.token, source: .list("?"), payload: Array(job.utf8))
                self.workers[index].held.append(claim)
            }
        }
    }

    private mutating func giveUp(_ index: Int) async throws {
        let id = self.workers[index].id
        self.remember(.abandon(id))
        try await self.abandon(id)
        self.rename(index)
    }

    /// Drops what it held and takes a new name, as after every fence.
    private mutating func rename(_ index: Int) {
        let old = self.workers[index]
        self.spent += old.held.map(\.token)
        self.disconnect(old.id, keeping: 50)
        self.workers[index] = ModelWorker(id: self.newName())
        self.trace.append("  \(old.id) is now \(self.workers[index].id)")
    }

    /// Asks for leave to block on some sources, and mostly does so at once.
    mutating func block(_ index: Int) async throws {
        guard self.workers[index].isRegistered else { return }
        let id = self.workers[index].id
        let sources = Self.sources.map(\.modelKey).filter { source in
            self.random.chance(50) && !(self.blocks + self.prepared).contains { $0 == (id, source) }
        }
        guard !sources.isEmpty else { return }
        try await self.prepareLanding(id, sources)
        guard self.random.chance(70) else { return }
        self.blocks += self.prepared.filter { $0.id == id }
        self.prepared.removeAll { $0.id == id }
    }

    /// A clean stop: end the BLMOVEs, give back, leave.
    mutating func stop(_ index: Int) async throws {
        let worker = self.workers.remove(at: index)
        guard worker.isRegistered else { return }
        self.disconnect(worker.id, keeping: 0)
        // One that leaves with jobs in its hands must be refused; the rescuer gets them.
        if self.random.chance(25) { return try await self.leave(worker.id) }
        var held = worker.held
        for lane in 1...2 {
            var number = worker.acknowledged[lane, default: 0]
            if let step = worker.pending[lane] {
                guard case .done(let answers, let claimed, _) = try await self.send(step) else { return }
                number += 1
                held += claimed
                held += zip(step.settlements, answers).filter { $0.1.isFailure }
                    .map { Claimed(token: $0.0.token, source: .list("?"), payload: []) }
            }
            guard lane == 2 else { continue }
            try await self.putBackLanded(worker.id)
            let giveBack = held.shuffled(using: &self.random).map { $0.settled(.giveBack, .none) }
            let step = Step(
                process: worker.process,
                lane: lane,
                number: number + 1,
                settlements: giveBack,
                claim: 0,
                sources: []
            )
            _ = try await self.send(step)
        }
        self.remember(.leave(worker.id))
        try await self.leave(worker.id)
    }
}
