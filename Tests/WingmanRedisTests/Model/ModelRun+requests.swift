import HiredisNIO
import StoreTestSupport
import Wingman

@testable import WingmanRedis

/// Requests to the store, each with its effect on the model and what every answer must satisfy.
extension ModelRun {
    /// Sends a step. One that repeats or does not follow must change nothing.
    mutating func send(_ step: Step) async throws -> StepReply {
        let id = step.process.rawValue
        let last = self.model.lanes[id]?[step.lane]?.number ?? 0
        let isNew = self.model.leases[id] != nil && step.number == last + 1
        let before = isNew ? nil : try await StoreView.read(self.redis)
        let paused = self.model.paused
        let reply = try await self.store.step(step)
        let expected = self.model.step(step, stamp: reply.stamp)
        self.trace.append("  \(step.brief) → \(reply.brief)")
        if let before, try await StoreView.read(self.redis) != before {
            throw self.failure("repetition: a step sent again, or out of order, changed the keys")
        }
        if isNew, reply.claimed.contains(where: { $0.source.isQueue(in: paused) }) {
            throw self.failure("pause: a job was claimed from a paused queue")
        }
        try self.account(step, reply, isNew: isNew)
        self.note(reply, isRepeated: step.number == last)
        if self.options.comparesWithModel, reply.brief != expected.brief {
            throw self.failure("the step was answered \(reply.brief), the model says \(expected.brief)")
        }
        return reply
    }

    private mutating func note(_ reply: StepReply, isRepeated: Bool) {
        switch reply {
        case .fenced: self.met(.stepFenced)
        case .gap: self.met(.stepGap)
        case .done(let answers, let claimed, let leaseExpired):
            self.met(.stepRepeated, if: isRepeated)
            self.met(.stale, if: answers.contains(.stale))
            self.met(.failed, if: answers.contains(where: \.isFailure))
            self.met(.leaseExpired, if: leaseExpired)
            self.met(.suspectClaimed, if: claimed.contains { $0.crashes > 0 })
        }
    }

    /// 4: counts valid acknowledgements, by the store's own answers.
    private mutating func account(_ step: Step, _ reply: StepReply, isNew: Bool) throws {
        for claimed in reply.claimed { self.claimedJobs[claimed.token] = claimed.text }
        guard isNew, case .done(let answers, _, _) = reply else { return }
        for (settlement, answer) in zip(step.settlements, answers) {
            self.met(.effects, if: !settlement.effects.isEmpty && answer == .settled)
            self.met(.effectsFailed, if: !settlement.effects.isEmpty && answer.isFailure)
            if answer == .settled { self.account(applied: settlement.effects) }
            guard case .done = settlement.disposition, answer == .settled else { continue }
            guard let job = self.claimedJobs[settlement.token] else {
                throw self.failure("acknowledgement: \(settlement.token) was never claimed")
            }
            guard self.model.acknowledged.insert(settlement.token).inserted else {
                throw self.failure("acknowledgement: \(settlement.token) was valid twice")
            }
            self.model.done[job.base, default: 0] += 1
        }
    }

    mutating func send(_ beat: Beat) async throws -> BeatReply {
        let isAlive = self.model.beat(beat.process.rawValue, beat.kind)
        let reply = try await self.store.beat(beat)
        self.met(.refusedBeat, if: reply.isRefused)
        self.trace.append("  beat \(beat.number) of \(beat.process) → \(reply)")
        guard self.options.comparesWithModel else { return reply }
        switch reply {
        case .refused where isAlive: throw self.failure("a beat was refused, the model accepts it")
        case .refused: break
        case .alive(let lanes, _):
            let expected = (self.model.lanes[beat.process.rawValue] ?? [:]).mapValues(\.number)
            guard isAlive, lanes == expected else {
                throw self.failure("a beat was answered \(lanes), the model has \(expected), alive \(isAlive)")
            }
        }
        return reply
    }

    mutating func send(_ promotions: [Promotion], _ set: DueSet) async throws {
        let expected = self.model.promote(promotions, from: set.place.key)
        let moved = try await self.store.promote(promotions, from: set)
        self.met(.promoted, if: moved > 0)
        self.trace.append("  promote \(promotions.count) from \(set) → \(moved)")
        if self.options.comparesWithModel, moved != expected {
            throw self.failure("\(moved) entries were promoted, the model says \(expected)")
        }
    }

    mutating func leave(_ id: String) async throws {
        try await self.untilNextMillisecond()
        let expected = self.model.leave(id)
        let left = try await self.store.leave(ProcessID(rawValue: id))
        self.met(.leftWithJobs, if: !left)
        self.trace.append("  leave \(id) → \(left)")
        if self.options.comparesWithModel, left != expected {
            throw self.failure("leaving was answered \(left), the model says \(expected)")
        }
    }

    mutating func abandon(_ id: String) async throws {
        try await self.untilNextMillisecond()
        self.model.abandon(id)
        try await self.store.abandon(ProcessID(rawValue: id))
        self.trace.append("  abandon \(id)")
    }

    mutating func rescue() async throws {
        try await self.untilNextMillisecond()
        let expected = self.model.rescue()
        let reply = try await self.store.rescue()
        self.met(.rescued, if: reply.moved > 0)
        self.trace.append("  rescue → \(reply.moved)")
        if self.model.isInGrace, reply.moved > 0 || !reply.ended.isEmpty {
            throw self.failure("grace: jobs were rescued in it")
        }
        self.met(.quarantined, if: reply.quarantined > 0)
        if self.options.comparesWithModel, (reply.moved, reply.quarantined) != expected {
            throw self.failure("\(reply.moved), \(reply.quarantined) jobs were rescued, the model says \(expected)")
        }
    }

    /// Asks whether `id` may block on `sources`; the answer lets it prepare its BLMOVEs.
    mutating func prepareLanding(_ id: String, _ sources: [String]) async throws {
        let expected = self.model.prepareLanding(id, sources)
        var call = self.store.scripts.land.call()
        call.append(id)
        for source in sources { call.append(source) }
        let answer = try await self.redis.eval(call).array ?? []
        self.trace.append("  land \(id) \(sources) → \(answer.map { $0.integer ?? -1 })")
        if self.options.comparesWithModel, (answer.first?.integer == 1) != expected {
            throw self.failure("landing was answered \(answer), the model allows it: \(expected)")
        }
        for (source, paused) in zip(sources, answer.dropFirst()) where paused.integer == 0 {
            self.prepared.append((id, source))
        }
    }

    mutating func putBackLanded(_ id: String) async throws {
        for source in self.model.sources[id, default: []] { self.model.takeOff(id, source) }
        var call = self.store.scripts.unland.call()
        call.append(id)
        try await self.redis.eval(call)
        self.trace.append("  unland \(id)")
    }
}

extension Source {
    fileprivate func isQueue(in names: Set<String>) -> Bool {
        if case .queue(let name) = self { return names.contains(name) }
        return false
    }
}

extension Step {
    fileprivate var brief: String {
        let settled = self.settlements.map { "\($0.token.rawValue.prefix(12)) \("\($0.disposition)".prefix(8))" }
        return "step \(self.process) lane \(self.lane) number \(self.number) claim \(self.claim) settle \(settled)"
    }
}

extension StepReply {
    var claimed: [Claimed] {
        if case .done(_, let claimed, _) = self { return claimed }
        return []
    }

    /// The claim time that the store gave, empty if nothing was claimed.
    fileprivate var stamp: String {
        let parts = self.claimed.first?.token.rawValue.split(separator: ":", maxSplits: 4) ?? []
        return parts.count == 5 ? String(parts[3]) : ""
    }

    fileprivate var brief: String {
        switch self {
        case .fenced: return "fenced"
        case .gap(let last): return "gap \(last)"
        case .done(let answers, let claimed, let expired):
            let letters = answers.map { $0.isFailure ? "E" : $0 == .settled ? "O" : "S" }.joined()
            let jobs = claimed.map { "\($0.token.rawValue)=\($0.text) (\($0.crashes))" }
            return "done \(letters) claimed \(jobs) expired \(expired)"
        }
    }
}

extension ModelStepReply {
    fileprivate var brief: String {
        switch self {
        case .fenced: return "fenced"
        case .gap(let last): return "gap \(last)"
        case .done(let answers, let claims, let expired):
            let letters = answers.map { $0 == .failed ? "E" : $0 == .settled ? "O" : "S" }.joined()
            return
                "done \(letters) claimed \(claims.map { "\($0.token.text)=\($0.job) (\($0.crashes))" }) expired \(expired)"
        }
    }
}
