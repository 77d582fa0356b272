internal import SupervisionTesting
import Wingman

/// One sequence on several stores at once: what the workers know, and what must be true.
struct ComparisonRun {
    /// One of the stores.
    struct Side {
        var fixture: any StoreFixture
        var store: any Store
        /// Its clock at the start, in milliseconds.
        var start: Int

        func now() async throws -> Int {
            guard case .applied(let now) = try await self.store.apply(Change([])) else {
                throw ComparisonFailure("a change without conditions was refused", [])
            }
            return now
        }
    }

    /// A claim, by all stores alike.
    struct Held {
        /// One for each side.
        var tokens: [Token]
        var payload: String
        var source: Source
    }

    /// The end of a claim.
    struct Ending {
        var tokens: [Token]
        /// Nil: a token that was used up.
        var payload: String?
        var disposition: Disposition
        var tally: Tally
        var effects: [Effect] = []
    }

    /// A step as all stores are asked for it.
    struct JointStep {
        var process: ProcessID
        var lane: Int
        var number: Int
        var endings: [Ending]
        var claim: Int
        var sources: [Source]
    }

    struct Worker {
        var name: String
        var isRegistered = false
        var beats = 0
        /// Lane → the last number that was acknowledged.
        var acknowledged: [Int: Int] = [:]
        /// Lane → the step whose reply was lost.
        var pending: [Int: JointStep] = [:]
        var held: [Held] = []

        var process: ProcessID { ProcessID(rawValue: self.name) }
    }

    /// A request that comes once more, later.
    enum Late {
        case step(JointStep)
        case beat(Beat)
        case leave(ProcessID)
        case abandon(ProcessID)
        case isolate([Token], ProcessID)
        /// Promotions of each side.
        case promote([[Promotion]], DueSet)
    }

    static let queues = ["high", "default", "low"]
    static let sources: [Source] = Self.queues.map { .queue($0) } + [.list("requests")]

    static let dueSets = DueSet.jobs + [.later("requests")]

    /// Whether every operation is followed by a look at all sizes, and not only some.
    let looksOften: Bool
    var sides: [Side]
    var random = SeededGenerator(seed: 0)
    var workers: [Worker] = []
    var late: [Late] = []
    /// Tokens that were settled or lost, of all sides.
    var spent: [[Token]] = []
    var paused: Set<String> = []
    /// Texts that were pushed more than once: they go to no place that is ordered by time, where stores may tell twins
    /// by a changed text.
    var twins: Set<String> = []
    var lastPushed: String?
    var ledger = Ledger()
    var expiries = Expiries()
    var trace: [String] = []
    var names = 0
    var expiring = 0
    var jobs = 0

    init(_ fixtures: [any StoreFixture], looksOften: Bool) async throws {
        self.looksOften = looksOften
        self.sides = []
        for fixture in fixtures {
            try await fixture.reset()
            self.sides.append(Side(fixture: fixture, store: try await fixture.open(), start: 0))
            // Statistics go by minutes: all begin with a whole one.
            let now = try await self.sides[self.sides.count - 1].now()
            try await fixture.advance(by: .milliseconds(60_000 - now % 60_000))
            self.sides[self.sides.count - 1].start = try await self.sides[self.sides.count - 1].now()
        }
    }

    func close() async {
        for side in self.sides { await side.store.close() }
    }

    func failure(_ message: String) -> ComparisonFailure { ComparisonFailure(message, self.trace) }

    // MARK: The sequence

    mutating func perform(_ operations: [RandomOperation]) async throws -> [String: Int] {
        var met: [String: Int] = [:]
        for operation in operations {
            self.random = SeededGenerator(seed: operation.seed)
            self.trace.append(operation.kind.rawValue)
            // What is ordered by time shall have an order.
            if operation.kind.needsMoment { try await self.advance(by: .milliseconds(10)) }
            try await self.perform(operation.kind)
            try await self.look(operation.look)
            met[operation.kind.rawValue, default: 0] += 1
        }
        try await self.drain()
        return met.merging(self.ledger.met) { $0 + $1 }
    }

    private mutating func look(_ look: RandomOperation.Look) async throws {
        switch look {
        case .answers where !self.looksOften: break
        case .answers, .sizes: try await self.compareSizes()
        case .contents:
            try await self.compareSizes()
            try await self.compareContents()
        }
    }

    private mutating func perform(_ kind: RandomOperation.Kind) async throws {
        switch kind {
        case .push: try await self.push()
        case .start: try await self.startWorker()
        case .beat: try await self.withWorker { try await $0.beat($1) }
        case .step: try await self.withWorker { try await $0.step($1) }
        case .late: try await self.deliverLate()
        case .kill: try await self.withWorker { $0.spent += $0.workers.remove(at: $1).held.map(\.tokens) }
        case .pass: try await self.pass()
        case .leap: try await self.leap()
        case .rescue: try await self.rescue()
        case .promote: try await self.promote()
        case .pause: try await self.pause()
        case .stop: try await self.withWorker { try await $0.stop($1) }
        case .abandon: try await self.withWorker { try await $0.giveUp($1) }
        case .lead: try await self.lead()
        case .change: try await self.change()
        case .edit: try await self.edit()
        case .isolate: try await self.withWorker { try await $0.isolate($1) }
        case .signal: try await self.withWorker { try await $0.signal($1) }
        case .reopen: try await self.reopen()
        case .look: try await self.compareContents()
        }
    }

    private mutating func withWorker(_ body: (inout ComparisonRun, Int) async throws -> Void) async throws {
        guard !self.workers.isEmpty else { return }
        try await body(&self, self.random.number(0..<self.workers.count))
    }

    // MARK: All sides alike

    /// Asks all stores and fails unless they answer the same.
    ///
    /// - Parameters:
    ///   - what: For the trace.
    ///   - brief: What of an answer must be the same. An error is one, whatever it says.
    /// - Returns: The answers of all sides; nil if they all threw.
    @discardableResult
    mutating func ask<Answer>(
        _ what: String,
        _ body: (Side, Int) async throws -> Answer,
        brief: (Answer, Side) -> String
    ) async throws -> [Answer]? {
        var answers: [Answer] = []
        var texts: [String] = []
        for (index, side) in self.sides.enumerated() {
            do {
                let answer = try await body(side, index)
                answers.append(answer)
                texts.append(brief(answer, side))
            } catch let error as StoreError where error.code == .unexpected || error.code == .refused {
                texts.append("an error")
                self.trace.append("    \(side.store.location): \(error)")
            }
        }
        self.trace.append("  \(what) → \(texts[0])")
        for (side, text) in zip(self.sides, texts) where text != texts[0] {
            throw self.failure(
                "\(what): \(self.sides[0].store.location) says \(texts[0]), \(side.store.location) \(text)"
            )
        }
        return answers.count == self.sides.count ? answers : nil
    }

    mutating func advance(by duration: Duration) async throws {
        self.expiries.advance(by: duration)
        for side in self.sides { try await side.fixture.advance(by: duration) }
    }

    /// The clocks jump, all by the same.
    private mutating func leap() async throws {
        let leap = Duration.seconds(self.random.pick([-40, 20, 60, 4_000]))
        guard self.expiries.mayAdvance(by: leap) else { return }
        try await self.advance(by: leap)
        // Stores remember for an hour that a process has ended. What would come later is not on its way any more.
        if leap > .seconds(3_600) { self.late = [] }
    }

    /// A new store on the same data.
    private mutating func reopen() async throws {
        for index in self.sides.indices {
            await self.sides[index].store.close()
            self.sides[index].store = try await self.sides[index].fixture.open()
        }
    }

    mutating func newName() -> String {
        self.names += 1
        return Self.name(self.names)
    }

    static func name(_ number: Int) -> String { "host\(number % 3):\(number):x" }

    /// A text that is new.
    mutating func newJob() -> String {
        self.jobs += 1
        return "job \(self.jobs)"
    }
}

/// What is true of all stores, by their own answers.
struct Ledger {
    /// Copies that were accepted and not deleted since.
    var accepted = 0
    /// Copies whose valid end left nothing in the store.
    var done = 0
    var acknowledged: Set<Token> = []
    /// Steps that were carried out.
    var steps: Set<String> = []
    /// What the sequence met.
    var met: [String: Int] = [:]

    mutating func met(_ event: String, if condition: Bool = true) {
        if condition { self.met[event, default: 0] += 1 }
    }
}
