internal import SupervisionTesting
import Wingman

/// Requests to all stores, each with what every answer must satisfy.
extension ComparisonRun {
    /// Sends a step and keeps the ledger of it.
    @discardableResult
    mutating func send(_ step: JointStep) async throws -> [StepReply] {
        let before = try await self.sizes(of: 0)
        let replies = try await self.ask(
            "step \(step.brief)",
            { side, index in try await side.store.step(step.of(index)) },
            brief: { reply, _ in reply.brief }
        )
        guard let replies else { throw self.failure("a step threw") }
        guard case .done(let answers, let claimed, let leaseExpired) = replies[0] else {
            self.ledger.met("step refused")
            try await self.expectUnchanged(since: before, "a step that was refused")
            return replies
        }
        guard self.ledger.steps.insert("\(step.process) \(step.lane) \(step.number)").inserted else {
            self.ledger.met("repeated step")
            try await self.expectUnchanged(since: before, "a step sent again")
            return replies
        }
        self.ledger.met("lease expired", if: leaseExpired)
        self.ledger.met("suspect claimed", if: claimed.contains { $0.crashes > 0 })
        if claimed.contains(where: { $0.source.isQueue(in: self.paused) }) {
            throw self.failure("pause: a job was claimed from a paused queue")
        }
        try self.account(zip(step.endings, answers))
        return replies
    }

    /// Counts valid ends, by the stores' own answers.
    private mutating func account(_ settled: Zip2Sequence<[Ending], [SettleAnswer]>) throws {
        for (ending, answer) in settled {
            self.ledger.met("stale", if: answer == .stale)
            self.ledger.met("failed", if: answer.isFailure)
            guard answer == .settled else { continue }
            guard self.ledger.acknowledged.insert(ending.tokens[0]).inserted else {
                throw self.failure("acknowledgement: the claim of \(ending.payload ?? "?") had two valid ends")
            }
            if case .done = ending.disposition { self.ledger.done += 1 }
        }
    }

    private func expectUnchanged(since before: String, _ what: String) async throws {
        let after = try await self.sizes(of: 0)
        guard after != before else { return }
        throw self.failure("\(what) changed something: \(before), then \(after)")
    }

    @discardableResult
    mutating func send(_ beat: Beat) async throws -> BeatReply {
        let replies = try await self.ask(
            "beat \(beat.number) of \(beat.process)",
            { side, _ in try await side.store.beat(beat) },
            brief: { reply, _ in reply.brief }
        )
        guard let reply = replies?[0] else { throw self.failure("a beat threw") }
        if case .alive = reply { self.expiries.set("report of \(beat.process)", after: .seconds(60)) }
        return reply
    }

    mutating func leave(_ process: ProcessID) async throws {
        try await self.ask("leave \(process)") { side, _ in
            try await side.store.leave(process)
        } brief: { left, _ in
            "\(left)"
        }
    }

    mutating func abandon(_ process: ProcessID) async throws {
        try await self.ask("abandon \(process)") { side, _ in
            try await side.store.abandon(process)
        } brief: { _, _ in
            "done"
        }
    }

    /// - Parameter tokens: One for each side; none ends the isolation.
    mutating func isolate(_ tokens: [Token], _ process: ProcessID) async throws {
        try await self.ask(
            tokens.isEmpty ? "end the isolation in \(process)" : "isolate a claim of \(process)",
            { side, index in
                try await side.store.isolate(tokens.isEmpty ? nil : tokens[index], process: process)
            },
            brief: { isHeld, _ in "\(isHeld)" }
        )
    }

    mutating func rescue() async throws {
        let replies = try await self.ask("rescue") { side, _ in
            try await side.store.rescue()
        } brief: { reply, _ in
            reply.brief
        }
        guard let reply = replies?[0] else { throw self.failure("a rescue threw") }
        self.ledger.met("rescued", if: reply.moved > 0)
        self.ledger.met("fenced", if: !reply.ended.isEmpty)
        self.ledger.met("quarantined", if: reply.quarantined > 0)
    }

    mutating func promote(_ promotions: [[Promotion]], from set: DueSet) async throws {
        let replies = try await self.ask(
            "promote \(promotions[0].map(\.brief)) from \(set)",
            { side, index in try await side.store.promote(promotions[index], from: set) },
            brief: { moved, _ in "\(moved)" }
        )
        self.ledger.met("promoted", if: replies?[0] ?? 0 > 0)
    }

    // MARK: Late

    /// Keeps a request that may come once more.
    mutating func remember(_ request: Late) {
        guard self.random.chance(40) else { return }
        self.late.append(request)
        if self.late.count > 20 { self.late.removeFirst() }
    }

    mutating func deliverLate() async throws {
        guard !self.late.isEmpty else { return }
        self.ledger.met("late request")
        switch self.random.pick(self.late) {
        case .step(let step): try await self.send(step)
        case .beat(let beat): try await self.send(beat)
        case .leave(let process): try await self.leave(process)
        case .abandon(let process): try await self.abandon(process)
        case .isolate(let tokens, let process): try await self.isolate(tokens, process)
        case .promote(let promotions, let set):
            let dropped = try await self.dropping(promotions, from: set)
            try await self.promote(promotions, from: set)
            self.ledger.accepted -= dropped
        }
    }
}

extension ComparisonRun.JointStep {
    /// The step with the tokens of one side.
    func of(_ side: Int) -> Step {
        Step(
            process: self.process,
            lane: self.lane,
            number: self.number,
            settlements: self.endings.map {
                Settlement(token: $0.tokens[side], disposition: $0.disposition, tally: $0.tally, effects: $0.effects)
            },
            claim: self.claim,
            sources: self.sources
        )
    }

    fileprivate var brief: String {
        let endings = self.endings.map {
            "\($0.payload ?? "a spent token"): \($0.disposition.word) \($0.effects.map(\.brief))"
        }
        let sources = self.sources.map { "\($0)" }
        return
            "\(self.process) lane \(self.lane) number \(self.number) claim \(self.claim) of \(sources) settle \(endings)"
    }
}

extension Disposition {
    fileprivate var word: String {
        switch self {
        case .done: "done"
        case .retry(_, let delay): "retry in \(delay)"
        case .schedule(_, let delay): "schedule in \(delay)"
        case .later(let list, _, let delay): "later of \(list) in \(delay)"
        case .dead: "dead"
        case .giveBack: "give back"
        case .append(let list, _): "append to \(list)"
        }
    }
}

extension StepReply {
    var claimed: [Claimed] {
        if case .done(_, let claimed, _) = self { return claimed }
        return []
    }

    fileprivate var brief: String {
        switch self {
        case .fenced: return "fenced"
        case .gap(let last): return "gap \(last)"
        case .done(let answers, let claimed, let leaseExpired):
            let letters = answers.map { $0.isFailure ? "E" : $0 == .settled ? "O" : "S" }.joined()
            let jobs = claimed.map {
                "\($0.text.base) of \($0.source)" + ($0.crashes > 0 ? " crashes \($0.crashes)" : "")
            }
            return "done \(letters) claimed \(jobs)" + (leaseExpired ? " lease expired" : "")
        }
    }
}

extension SettleAnswer {
    var isFailure: Bool {
        if case .failed = self { return true }
        return false
    }
}

extension BeatReply {
    fileprivate var brief: String {
        switch self {
        case .refused: return "refused"
        case .alive(let lanes, let signals):
            let known = lanes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            return "alive \(known) \(signals)"
        }
    }
}

extension RescueReply {
    fileprivate var brief: String {
        let ended = self.ended.map(\.rawValue).sorted()
        // Rounded: stores may count the millisecond in which a lease ends or not.
        let look = self.nextLook.map { "\(Int($0 / .milliseconds(10)))0 ms" } ?? "none"
        return "moved \(self.moved) quarantined \(self.quarantined) more \(self.hasMore) ended \(ended) next \(look)"
    }
}

extension Promotion {
    fileprivate var brief: String {
        switch self {
        case .push(let entry, let queue, _): "\(entry.text.base) to \(queue)"
        case .deliver(let entry, let list, _): "\(entry.text.base) to list \(list)"
        case .drop(let entry): "drop \(entry.text.base)"
        case .bury(let entry, _): "bury \(entry.text.base)"
        }
    }
}

extension Source {
    func isQueue(in names: Set<String>) -> Bool {
        if case .queue(let name) = self { return names.contains(name) }
        return false
    }
}

extension String {
    /// Without the spaces by which a store may tell twins.
    var base: String {
        var base = self[...]
        while let last = base.last, last.isWhitespace { base.removeLast() }
        return String(base)
    }
}
