import TestSupport

@testable import Wingman

/// A store, a fetcher, processors and a stop around one ``ManagerState``, driven at random: a model of everything that
/// may happen to a capsule, in any order.
///
/// It checks at each settlement that the token is held, and at the end that no job was lost, doubled or settled twice.
struct ManagerModel {
    /// What was promised and did not hold.
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    enum End: Equatable {
        case settled
        case givenBack
        case fenced
    }

    private struct InFlight {
        let settlements: [Settlement]
        let asked: Int
        let epoch: Int
    }

    private(set) var state: ManagerState
    private var generator: SeededGenerator
    private let concurrency: Int
    private var run: Int
    /// The store: jobs by number, the next at the front; tokens held, by incarnation.
    private var queue: [Int]
    private let jobs: Int
    private var held: [Token: (job: Int, epoch: Int)] = [:]
    private var ends: [Token: End] = [:]
    private var done: Set<Int> = []
    private var epoch = 1
    private var step: InFlight?
    private var tokenCount = 0
    /// Processors: the job each runs, as far as the processor knows.
    private var slots: [ManagerState.Work?]
    private var stops = 0
    /// The suspect that was let run while all else holds still.
    private var alone: Token?
    private var now = Duration.zero
    private var isFinished = false

    init(seed: UInt64) {
        self.generator = SeededGenerator(seed: seed)
        self.concurrency = Int.random(in: 1...4, using: &self.generator)
        self.jobs = Int.random(in: 0...60, using: &self.generator)
        self.queue = Array(0..<self.jobs)
        self.slots = Array(repeating: nil, count: self.concurrency)
        self.state = ManagerState(concurrency: self.concurrency)
        self.run = self.state.begin(isQuiet: false)
        self.state.began(epoch: 1)
    }

    /// Takes `count` random turns, then stops and drains.
    mutating func play(_ count: Int) throws {
        for _ in 0..<count where !self.isFinished { try self.turn() }
        try self.drain()
        try self.checkEnd()
    }

    private func broken(_ text: String) -> Broken { Broken(description: text) }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.generator) < percent }

    // MARK: Turns

    private mutating func turn() throws {
        self.now += .microseconds(Int.random(in: 1...2_000, using: &self.generator))
        switch Int.random(in: 0..<100, using: &self.generator) {
        case 0..<25: try self.plan()
        case 25..<50: try self.answer(mayFail: true)
        case 50..<65: try self.start()
        case 65..<83: self.finish()
        case 83..<86: self.state.signalled()
        case 86..<88: self.guardSuspects()
        case 88..<91: self.state.retryDeferred()
        case 91..<94: self.cancelOne()
        case 94..<97: self.fence()
        case 97: self.state.quiet(stopping: false)
        default: if self.chance(30) { self.stop() }
        }
        guard self.state.running.count <= self.concurrency else { throw self.broken("too many jobs run") }
    }

    private mutating func plan() throws {
        guard self.step == nil, !self.isFinished else { return }
        switch self.state.plan() {
        case .rest: return
        case .finish: self.isFinished = true
        case .fenced:
            guard self.state.epoch < self.epoch else { throw self.broken("fenced without a fence") }
            self.state.began(epoch: self.epoch)
        case .step(let settlements, let claim, _):
            guard settlements.count <= Step.limit, claim <= Step.limit else { throw self.broken("a step is too large") }
            guard self.state.phase == .running || claim == 0 else { throw self.broken("claims although quiet") }
            self.step = InFlight(settlements: settlements, asked: claim, epoch: self.state.epoch)
        }
    }

    /// The store carries out the step in flight, and the answer arrives: in an incarnation that may have ended meanwhile.
    private mutating func answer(mayFail: Bool) throws {
        guard let step = self.step else { return }
        self.step = nil
        guard step.epoch == self.epoch else { return self.state.unanswered(isLost: false) }
        let answers = try step.settlements.map { try self.settle($0, mayFail: mayFail) }
        let landed = self.chance(10) ? Int.random(in: 1...3, using: &self.generator) : 0
        let claimed = self.claim(step.asked + (step.asked > 0 ? landed : 0))
        // The fence may overtake the answer.
        if mayFail, self.chance(3) { self.fence() }
        _ = self.state.answered(
            answers,
            to: step.settlements,
            claimed: claimed,
            asked: step.asked,
            leaseExpired: false,
            nanoseconds: 300_000
        )
    }

    private mutating func settle(_ settlement: Settlement, mayFail: Bool) throws -> SettleAnswer {
        guard let held = self.held[settlement.token], held.epoch == self.epoch else {
            throw self.broken(
                "settles \(settlement.token), which it does not hold: \(self.ends[settlement.token] as Any)"
            )
        }
        if mayFail, self.chance(5) { return .failed("no room") }
        self.held[settlement.token] = nil
        switch settlement.disposition {
        case .giveBack:
            self.ends[settlement.token] = .givenBack
            self.queue.insert(held.job, at: 0)
        case .done, .retry, .schedule, .later, .dead, .append:
            self.ends[settlement.token] = .settled
            guard self.done.insert(held.job).inserted else { throw self.broken("job \(held.job) is done twice") }
        }
        return .settled
    }

    /// Plays the guard, with no regard for whether a suspect waits.
    private mutating func guardSuspects() {
        guard self.state.isHeld else { return self.state.hold() }
        guard self.state.isDrained, let suspect = self.state.suspects.first else {
            return self.chance(30) ? self.state.release() : ()
        }
        self.alone = suspect.claimed.token
        self.state.runAlone(suspect.claimed.token)
    }

    private mutating func claim(_ count: Int) -> [Claimed] {
        let taken = self.queue.prefix(count)
        self.queue.removeFirst(taken.count)
        return taken.map { job in
            self.tokenCount += 1
            let token = Token(rawValue: "\(self.tokenCount)")
            self.held[token] = (job, self.epoch)
            return Claimed(token: token, source: .queue("default"), payload: [], crashes: self.chance(10) ? 1 : 0)
        }
    }

    private mutating func start() throws {
        guard let slot = self.slots.indices.filter({ self.slots[$0] == nil }).randomElement(using: &self.generator),
            let work = self.state.start(slot: slot, run: self.run, now: self.now)
        else { return }
        guard work.epoch == self.epoch else { throw self.broken("starts a job of an incarnation that has ended") }
        guard self.state.phase == .running else { throw self.broken("starts a job although quiet") }
        let isAlone = self.slots.allSatisfy { $0 == nil } && work.claimed.token == self.alone
        guard !self.state.isHeld || isAlone else { throw self.broken("starts another job beside a suspect") }
        guard work.claimed.crashes == 0 || work.claimed.token == self.alone else {
            throw self.broken("starts a suspect that nobody let run")
        }
        self.slots[slot] = work
    }

    private mutating func finish() {
        guard let slot = self.slots.indices.filter({ self.slots[$0] != nil }).randomElement(using: &self.generator),
            let work = self.slots[slot]
        else { return }
        self.end(slot, work)
    }

    private mutating func end(_ slot: Int, _ work: ManagerState.Work) {
        self.slots[slot] = nil
        let token = work.claimed.token
        let disposition: Disposition
        switch self.state.cancelReason(of: slot, token: token) {
        case .stop, .fence: disposition = self.chance(50) ? .giveBack : .done
        case .timeout: disposition = .retry(payload: [], delay: .zero)
        case nil: disposition = self.chance(20) ? .dead(payload: []) : .done
        }
        let settlement = Settlement(token: token, disposition: disposition, tally: .none)
        _ = self.state.finished(slot: slot, settlement: settlement, now: self.now)
    }

    private mutating func cancelOne() {
        guard let slot = self.slots.indices.randomElement(using: &self.generator), let work = self.slots[slot] else {
            return
        }
        _ = self.state.cancel(slot: slot, token: work.claimed.token, reason: .timeout)
    }

    /// The incarnation loses its lease and a rescuer takes back what it held. The manager hears of it at once; the
    /// fetcher when it looks next.
    private mutating func fence() {
        let lost = self.held.filter { $0.value.epoch == self.epoch }
        for (token, held) in lost.sorted(by: { $0.value.job > $1.value.job }) {
            self.held[token] = nil
            self.ends[token] = .fenced
            self.queue.insert(held.job, at: 0)
        }
        _ = self.state.fenced(epoch: self.epoch)
        self.epoch += 1
    }

    private mutating func stop() {
        self.stops += 1
        switch self.stops {
        case 1: self.state.quiet(stopping: true)
        case 2: _ = self.state.cancelAll(.stop)
        default: _ = self.state.forsake()
        }
    }

    // MARK: The end

    /// Lets the process stop cleanly: all jobs end, all answers come.
    private mutating func drain() throws {
        self.state.quiet(stopping: true)
        for _ in 0..<1_000 where !self.isFinished {
            for slot in self.slots.indices { if let work = self.slots[slot] { self.end(slot, work) } }
            self.state.retryDeferred()
            try self.plan()
            try self.answer(mayFail: false)
        }
        guard self.isFinished else { throw self.broken("the capsule never becomes empty") }
    }

    private func checkEnd() throws {
        guard self.held.isEmpty else { throw self.broken("still holds \(self.held.keys.map(\.rawValue))") }
        guard self.ends.count == self.tokenCount else { throw self.broken("a claim has no end") }
        guard self.queue.count + self.done.count == self.jobs, self.done.isDisjoint(with: self.queue) else {
            throw self.broken("\(self.queue.count) queued and \(self.done.count) done of \(self.jobs)")
        }
    }
}
