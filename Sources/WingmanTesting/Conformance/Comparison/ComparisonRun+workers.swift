internal import SupervisionTesting
import Wingman

/// What workers do, as protocol.md has it: same number again after a lost reply, a new name after a fence, abandon after
/// a gap.
extension ComparisonRun {
    mutating func startWorker() async throws {
        guard self.workers.count < 4 else { return }
        self.workers.append(Worker(name: self.newName()))
        if self.random.chance(80) { try await self.beat(self.workers.count - 1) }
    }

    mutating func beat(_ index: Int) async throws {
        let worker = self.workers[index]
        let executions = self.random.chance(30) ? [ExecutionMetric.sample("Thumbnail", processed: 2)] : []
        let beat = Beat.bench(
            worker.process,
            worker.isRegistered ? .renew : .register,
            number: worker.beats + 1,
            executions: executions
        )
        self.remember(.beat(beat))
        let reply = try await self.send(beat)
        let isLost = self.random.chance(10)
        switch reply {
        case .alive where isLost && !worker.isRegistered: self.rename(index)  // nobody knows: another name
        case .alive where isLost: break
        case .refused: self.rename(index)
        case .alive:
            self.workers[index].isRegistered = true
            self.workers[index].beats += 1
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
        let replies = try await self.send(step)
        if self.random.chance(15) { return self.ledger.met("lost reply") }
        try await self.accept(replies, of: step, index)
    }

    private mutating func newStep(_ index: Int, _ lane: Int) -> JointStep {
        let held = self.workers[index].held.shuffled(using: &self.random)
        let count = held.isEmpty ? 0 : self.random.number(0..<held.count + 1)
        var endings = held.prefix(count).enumerated().map { self.ending(of: $1, $0) }
        self.workers[index].held = Array(held.dropFirst(count))
        if self.random.chance(10), !self.spent.isEmpty {
            var ending = Ending(tokens: self.random.pick(self.spent), disposition: .done, tally: .processed)
            ending.effects = self.effects(pushing: false)
            endings.append(ending)
        }
        let sources = Self.sources.shuffled(using: &self.random)
        return JointStep(
            process: self.workers[index].process,
            lane: lane,
            number: self.workers[index].acknowledged[lane, default: 0] + 1,
            endings: endings,
            claim: self.random.number(0..<7),
            sources: Array(sources.prefix(self.random.number(1..<5)))
        )
    }

    private mutating func ending(of held: Held, _ index: Int) -> Ending {
        let payload = held.payload.bytes
        // Two of one step are not due at one moment.
        let delay = Duration.seconds(self.random.pick([0, 5, 50])) + .milliseconds(index)
        var ending = Ending(tokens: held.tokens, payload: held.payload, disposition: .done, tally: .processed)
        let isTwin = self.twins.contains(held.payload)
        switch self.random.number(0..<100) {
        case 0..<40: break
        case 40..<55 where !isTwin:
            (ending.disposition, ending.tally) = (.retry(payload: payload, delay: delay), .failed)
        case 55..<65 where !isTwin: ending.disposition = .schedule(payload: payload, delay: delay)
        case 65..<70 where !isTwin: (ending.disposition, ending.tally) = (.dead(payload: payload), .failed)
        case 70..<75 where !isTwin:
            (ending.disposition, ending.tally) = (.later(list: "requests", payload: payload, delay: delay), .none)
        case 75..<80: (ending.disposition, ending.tally) = (.append(list: "letters", payload: payload), .none)
        default: (ending.disposition, ending.tally) = (.giveBack, .none)
        }
        if self.random.chance(15) { ending.effects = self.effects(pushing: false) }
        return ending
    }

    private mutating func accept(_ replies: [StepReply], of step: JointStep, _ index: Int) async throws {
        switch replies[0] {
        case .fenced: self.rename(index)
        case .gap: try await self.giveUp(index)
        case .done(let answers, _, _):
            self.workers[index].acknowledged[step.lane] = step.number
            self.workers[index].pending[step.lane] = nil
            self.workers[index].held += self.held(of: replies)
            for (ending, answer) in zip(step.endings, answers) {
                if case .failed = answer, let payload = ending.payload {
                    let held = Held(tokens: ending.tokens, payload: payload, source: .list("?"))
                    self.workers[index].held.append(held)
                } else {
                    self.spent.append(ending.tokens)
                }
            }
        }
    }

    /// The claims of all sides, side by side.
    func held(of replies: [StepReply]) -> [Held] {
        let claims = replies.map(\.claimed)
        return claims[0].indices.map { index in
            Held(
                tokens: claims.map { $0[index].token },
                payload: claims[0][index].text.base,
                source: claims[0][index].source
            )
        }
    }

    mutating func giveUp(_ index: Int) async throws {
        let process = self.workers[index].process
        self.remember(.abandon(process))
        try await self.abandon(process)
        self.rename(index)
    }

    /// Drops what it held and takes a new name, as after every fence.
    private mutating func rename(_ index: Int) {
        self.spent += self.workers[index].held.map(\.tokens)
        self.workers[index] = Worker(name: self.newName())
    }

    /// A clean stop: give back, leave. One that leaves with jobs in its hands must be refused.
    mutating func stop(_ index: Int) async throws {
        let worker = self.workers.remove(at: index)
        guard worker.isRegistered else { return }
        if self.random.chance(25) {
            self.spent += worker.held.map(\.tokens)
            return try await self.leave(worker.process)
        }
        guard try await self.empty(worker, .giveBack) else { return }
        self.remember(.leave(worker.process))
        try await self.leave(worker.process)
    }

    /// Sends what is pending, then ends all that a worker holds.
    ///
    /// - Returns: False if it turned out to have no lease any more.
    mutating func empty(_ worker: Worker, _ disposition: Disposition) async throws -> Bool {
        var held = worker.held
        var next = worker.acknowledged
        for (lane, step) in worker.pending.sorted(by: { $0.key < $1.key }) {
            let replies = try await self.send(step)
            guard case .done(let answers, _, _) = replies[0] else { return false }
            next[lane] = step.number
            held += self.held(of: replies)
            for (ending, answer) in zip(step.endings, answers) {
                guard case .failed = answer, let payload = ending.payload else { continue }
                held.append(Held(tokens: ending.tokens, payload: payload, source: .list("?")))
            }
        }
        let last = JointStep(
            process: worker.process,
            lane: 1,
            number: next[1, default: 0] + 1,
            endings: held.shuffled(using: &self.random).map {
                Ending(tokens: $0.tokens, payload: $0.payload, disposition: disposition, tally: .none)
            },
            claim: 0,
            sources: []
        )
        guard case .done = try await self.send(last)[0] else { return false }
        return true
    }

    mutating func isolate(_ index: Int) async throws {
        let worker = self.workers[index]
        // Nobody runs alone any more.
        if self.random.chance(25) { return try await self.isolate([], worker.process) }
        let tokens = self.random.chance(80) ? worker.held.map(\.tokens) : self.spent
        guard !tokens.isEmpty else { return }
        let token = self.random.pick(tokens)
        self.remember(.isolate(token, worker.process))
        try await self.isolate(token, worker.process)
    }

    mutating func signal(_ index: Int) async throws {
        let process = self.workers[index].process
        let word = self.random.pick(["TSTP", "TERM", "TTIN"])
        self.expiring += 1
        self.expiries.set("signal \(self.expiring)", after: .seconds(60))
        try await self.ask("signal \(process) \(word)") { side, _ in
            try await side.store.signal(process, word)
        } brief: { _, _ in
            "sent"
        }
    }
}
