import Wingman

/// A store under test, and what checks do with it again and again.
struct Bench: Sendable {
    let fixture: any StoreFixture
    let store: any Store

    /// The lease of all workers here: Wingman's default.
    static let lease = Duration.seconds(15)
    /// How often they beat.
    static let beatInterval = Duration.seconds(3)

    /// A worker that beat once.
    func worker(_ name: String, on store: (any Store)? = nil) async throws -> BenchWorker {
        let worker = BenchWorker(name, store: store ?? self.store)
        try await worker.register()
        return worker
    }

    /// Pushes to one queue.
    func push(_ payloads: String..., to queue: String = "default") async throws {
        try await self.push(payloads, to: queue)
    }

    func push(_ payloads: [String], to queue: String = "default") async throws {
        try await self.store.enqueue(payloads.map { PushedJob(queue: queue, payload: Array($0.utf8)) })
    }

    /// Lets time pass while `workers` beat.
    func pass(_ duration: Duration, beating workers: BenchWorker...) async throws {
        var left = duration
        while left > .zero {
            let step = min(left, Self.beatInterval)
            try await self.fixture.advance(by: step)
            for worker in workers { try await worker.beat() }
            left -= step
        }
    }

    /// Lets the leases of all but `keeper` run out, and the time of grace that a new store begins with.
    func expireAll(but keeper: BenchWorker) async throws {
        try await self.pass(Self.lease + .seconds(3), beating: keeper)
    }

    /// Rescues until nothing is left.
    @discardableResult
    func rescueAll() async throws -> [RescueReply] {
        var replies: [RescueReply] = []
        repeat { replies.append(try await self.store.rescue()) } while replies.last?.hasMore == true
        return replies
    }

    /// Fails unless a queue, claimed to its end by a new worker, gives these jobs in this order.
    func expectQueue(
        _ expected: [String],
        _ source: Source = .queue("default"),
        file: String = #fileID,
        line: Int = #line
    ) async throws {
        let reader = try await self.worker("reader:1:\(Int.random(in: 0..<Int.max))")
        var found: [String] = []
        while true {
            let claimed = try await reader.claim(Step.limit, from: [source])
            if claimed.isEmpty { break }
            found += claimed.map(\.text)
            try await reader.settle(claimed.map { $0.ended(tally: .none) })
        }
        try expect("\(source)", found, is: expected, file: file, line: line)
    }

    /// The store's clock, in milliseconds since 1970.
    func now() async throws -> Int {
        guard case .applied(let now) = try await self.store.apply(Change([])) else {
            throw ConformanceFailure("a change without conditions was refused")
        }
        return now
    }

    /// Runs `body` under a fault, if this store can be brought to it.
    func under(_ fault: StoreFault, _ body: () async throws -> Void) async throws {
        guard try await self.fixture.provoke(fault) else { return }
        do {
            try await body()
        } catch {
            try await self.fixture.relieve(fault)
            throw error
        }
        try await self.fixture.relieve(fault)
    }
}

extension Claimed {
    var text: String { String(decoding: self.payload, as: UTF8.self) }

    /// Its settlement.
    func ended(_ disposition: Disposition = .done, tally: Tally = .processed, _ effects: Effect...) -> Settlement {
        Settlement(token: self.token, disposition: disposition, tally: tally, effects: effects)
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension String {
    var bytes: [UInt8] { Array(self.utf8) }
}
