import HiredisNIO
import TestSupport
import Wingman

@testable import WingmanRedis

/// A violation, with what replays it.
struct ModelFailure: Error, CustomStringConvertible {
    var seed: UInt64
    var reasons: [String]
    var trace: [String]

    var description: String {
        """
        the model failed; replay with WINGMAN_MODEL_SEED=\(self.seed)
        \(self.reasons.joined(separator: "\n"))
        the last operations:
        \(self.trace.suffix(30).joined(separator: "\n"))
        """
    }
}

/// A worker as the protocol wants its client to be.
struct ModelWorker {
    var id: String
    var isRegistered = false
    /// The last beat that was acknowledged.
    var beats = 0
    /// Lane → the last number that was acknowledged.
    var acknowledged: [Int: Int] = [:]
    /// Lane → the step whose reply was lost.
    var pending: [Int: Step] = [:]
    var held: [Claimed] = []

    var process: ProcessID { ProcessID(rawValue: self.id) }
}

/// A request that is sent once more, later.
enum LateRequest {
    case step(Step)
    case beat(Beat)
    case promote([Promotion], DueSet)
    case leave(String)
    case abandon(String)
    case isolate(Token, String)
    case edit(EntryEdit, Place)
}

/// One random sequence of operations on a real server, with the model beside it.
struct ModelRun {
    struct Options: Sendable {
        var operations = 200
        /// Whether the keys must be as the model has them. Off, the invariants alone judge: mutants have to be found
        /// by those.
        var comparesWithModel = true
        /// A mutant of the client.
        var blocksBeforeFirstBeat = false
    }

    /// What a sequence met.
    enum Event: String, CaseIterable {
        case stepRepeated, stepFenced, stepGap, stale, failed, leaseExpired, lostReply, lateRequest
        case landed, landedInGrave, rescued, promoted, tailLost, refusedBeat, leftWithJobs
        case effects, effectsFailed, changed, changeRefused, isolated, suspectClaimed, quarantined, edited
    }

    static let queues = ["high", "default", "low"]
    static let sources: [Source] = Self.queues.map { .queue($0) } + [.list("requests")]

    static let dueSets: [DueSet] = DueSet.jobs + [.later("requests")]

    let seed: UInt64
    let options: Options
    let store: RedisStore
    let redis: RedisClient
    var random: SeededGenerator
    var model = StoreModel()
    var workers: [ModelWorker] = []
    /// BLMOVEs that block on the server, of living and of dead processes.
    var blocks: [(id: String, source: String)] = []
    /// BLMOVEs that a process was allowed and has not sent yet: it may be stopped for long just there.
    var prepared: [(id: String, source: String)] = []
    var network: [LateRequest] = []
    var spent: [Token] = []
    /// What each token ever given out stands for, lost replies included.
    var claimedJobs: [Token: String] = [:]
    var saved: (keys: [(key: RESPValue, dump: RESPValue)], model: StoreModel)?
    var trace: [String] = []
    var events: [Event: Int] = [:]
    private var names = 0
    private var jobs = 0
    private var lastMillisecond = 0

    init(seed: UInt64, options: Options, store: RedisStore, redis: RedisClient) {
        self.seed = seed
        self.options = options
        self.store = store
        self.redis = redis
        self.random = SeededGenerator(seed: seed)
    }

    /// Runs the sequence, then ends all faults and waits for the end of every job.
    mutating func run() async throws {
        try await self.redis.send("FLUSHALL")
        try await self.redis.send("SET", StoreModel.broken, "not a list")
        try await self.redis.send("HSET", StoreModel.unusable.redisKey, "not", "a value")
        let now = try await self.milliseconds()
        try await self.redis.send("HSET", "wingman:clock", "last", "\(now)", "lease", "600000")
        for _ in 0..<self.options.operations {
            try await self.perform(Operation.random(using: &self.random))
            try await self.fireBlocks()
            try await self.check()
        }
        try await self.drain()
    }

    mutating func met(_ event: Event, if condition: Bool = true) {
        if condition { self.events[event, default: 0] += 1 }
    }

    func failure(_ reasons: String...) -> ModelFailure {
        ModelFailure(seed: self.seed, reasons: reasons, trace: self.trace)
    }

    /// The invariants, and the model's own expectation.
    func check() async throws {
        let view = try await StoreView.read(self.redis)
        var reasons = view.violations(self.model)
        if self.options.comparesWithModel { reasons += view.differences(from: StoreView(self.model)) }
        guard reasons.isEmpty else { throw ModelFailure(seed: self.seed, reasons: reasons, trace: self.trace) }
    }

    mutating func newName() -> String {
        self.names += 1
        // Two machines, so that now and then all of one is lost.
        return "h\(self.names % 2):w\(self.names)"
    }

    /// A job that is new, or now and then the twin of the last one.
    mutating func newJob() -> String {
        if self.jobs == 0 || !self.random.chance(25) { self.jobs += 1 }
        return "job\(self.jobs)"
    }

    func milliseconds() async throws -> Int {
        let time = try await self.redis.send("TIME")
        return (time[0]?.integer ?? 0) * 1_000 + (time[1]?.integer ?? 0) / 1_000
    }

    /// Waits for a new millisecond on the server: what is ordered by time shall have an order.
    mutating func untilNextMillisecond() async throws {
        let last = max(self.lastMillisecond, try await self.milliseconds())
        repeat { self.lastMillisecond = try await self.milliseconds() } while self.lastMillisecond <= last
    }

    /// Blocked BLMOVEs take what there is, as the server would have let them do when it came.
    mutating func fireBlocks() async throws {
        for block in self.blocks where try await self.fire(block.id, block.source) {
            self.blocks.removeAll { $0 == block }
        }
    }

    private mutating func fire(_ id: String, _ source: String) async throws -> Bool {
        let landing = StoreModel.landing(id, source)
        let moved = try await self.redis.send("LMOVE", source, landing, "RIGHT", "LEFT")
        guard !moved.isNull else { return false }
        self.trace.append("  BLMOVE of \(id) brings \(moved.string ?? "?") from \(source)")
        self.met(.landed)
        self.met(.landedInGrave, if: self.model.graves.contains { $0.id == id })
        _ = self.model.land(id, source)
        return true
    }
}
