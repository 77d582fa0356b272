import Wingman

/// The numbered step.
extension StoreModel {
    /// - Parameter stamp: The claim time, which only the store knows.
    mutating func step(_ step: Step, stamp: String) -> ModelStepReply {
        let id = step.process.rawValue
        guard let expired = self.leases[id] else { return .fenced }
        let recorded = self.lanes[id]?[step.lane]
        let last = recorded?.number ?? 0
        if let recorded, step.number == last {
            let still = recorded.claims.filter { self.inflight[id]?[$0.token] != nil }
            return .done(answers: recorded.answers, claims: still, leaseExpired: recorded.leaseExpired)
        }
        guard step.number == last + 1 else { return .gap(last) }
        let answers = self.settle(step.settlements, of: id)
        let claims = expired ? [] : self.claim(step, id, stamp)
        self.lanes[id, default: [:]][step.lane] = Recorded(
            number: step.number,
            answers: answers,
            claims: claims,
            leaseExpired: expired
        )
        return .done(answers: answers, claims: claims, leaseExpired: expired)
    }

    private mutating func settle(_ settlements: [Settlement], of id: String) -> [ModelAnswer] {
        var answers: [ModelAnswer] = []
        var returned: [(index: Int, token: ModelToken)] = []
        for (index, settlement) in settlements.enumerated() {
            let token = ModelToken(settlement.token.rawValue)
            if case .giveBack = settlement.disposition {
                returned.append((index, token))
                answers.append(.stale)
            } else {
                answers.append(self.settle(settlement, token, of: id))
            }
        }
        for entry in returned.sorted(by: { ModelToken.isNewer($0.token, $1.token) }) {
            guard let source = self.inflight[id]?[entry.token]?.source else { continue }
            self.takeOff(id, source)
            guard self.apply(settlements[entry.index].effects) else {
                answers[entry.index] = .failed
                continue
            }
            guard let held = self.release(entry.token, of: id) else { continue }
            self.lists[held.source] = [held.job] + self.lists[held.source, default: []]
            answers[entry.index] = .settled
        }
        return answers
    }

    private mutating func settle(_ settlement: Settlement, _ token: ModelToken, of id: String) -> ModelAnswer {
        guard self.inflight[id]?[token] != nil else { return .stale }
        if settlement.disposition.isBroken || !self.apply(settlement.effects) { return .failed }
        switch settlement.disposition {
        case .done, .giveBack: break
        case .retry(let payload, let delay):
            self.add(String(decoding: payload, as: UTF8.self), to: "retry", due: delay == .zero)
        case .schedule(let payload, let delay):
            self.add(String(decoding: payload, as: UTF8.self), to: "schedule", due: delay == .zero)
        case .later(let list, let payload, let delay):
            let set = "wingman:later:\(list)"
            self.add(String(decoding: payload, as: UTF8.self), to: set, due: delay == .zero)
        case .dead(let payload): self.add(String(decoding: payload, as: UTF8.self), to: "dead", due: true)
        case .append(let list, let payload):
            self.lists[list, default: []].append(String(decoding: payload, as: UTF8.self))
        }
        if let held = self.release(token, of: id) { self.suspects[held.job] = nil }
        if settlement.tally != .none { self.processed += 1 }
        if settlement.tally == .failed { self.failed += 1 }
        return .settled
    }

    private mutating func release(_ token: ModelToken, of id: String) -> Held? {
        guard let held = self.inflight[id]?.removeValue(forKey: token) else { return nil }
        if self.inflight[id]?.isEmpty == true { self.inflight[id] = nil }
        return held
    }

    private mutating func claim(_ step: Step, _ id: String, _ stamp: String) -> [ModelClaim] {
        guard step.claim > 0 else { return [] }
        var claims: [ModelClaim] = []
        func take(_ list: String, _ source: String, from model: inout StoreModel) {
            while claims.count < step.claim, let job = model.lists[list]?.first {
                model.lists[list]?.removeFirst()
                if model.lists[list]?.isEmpty == true { model.lists[list] = nil }
                let text = "\(step.lane):\(step.number):\(claims.count + 1):\(stamp):\(source)"
                model.inflight[id, default: [:]][ModelToken(text)] = Held(source: source, job: job)
                let crashes = model.suspects[job, default: 0]
                claims.append(ModelClaim(token: ModelToken(text), job: job, crashes: crashes))
            }
        }
        var open: [String] = []
        for source in step.sources.map(\.modelKey) {
            if source.hasPrefix("queue:"), self.paused.contains(String(source.dropFirst(6))) {
                self.takeOff(id, source)
            } else {
                open.append(source)
            }
        }
        for source in open { take(Self.landing(id, source), source, from: &self) }
        for source in open { take(source, source, from: &self) }
        return claims
    }
}

extension Source {
    /// The key as the protocol has it, written down a second time on purpose.
    var modelKey: String {
        switch self {
        case .queue(let name): "queue:\(name)"
        case .list(let key): key
        }
    }
}
