import HiredisNIO
import StoreTestSupport
import Wingman

@testable import WingmanRedis

/// Invariant 10: when the faults end, every job reaches an end.
extension ModelRun {
    mutating func drain() async throws {
        self.trace.append("the faults end")
        self.network = []
        if self.model.isInGrace { try await self.grace() }
        for queue in self.model.paused { try await self.redis.send("SREM", "paused", queue) }
        self.model.paused = []
        for index in self.workers.indices { try await self.finish(index) }
        self.workers = []
        for id in self.model.leases.keys { self.model.leases[id] = true }
        let leases = try await StoreView.read(self.redis).leases
        for id in leases { try await self.redis.send("ZADD", "wingman:leases", "XX", "1", id) }
        try await self.rescue()
        try await self.fireBlocks()
        self.blocks = []
        try await self.rescue()
        try await self.check()
        try await self.runEverything()
        try await self.check()
        let view = try await StoreView.read(self.redis)
        let places = Set(view.lists.keys).union(view.sets.keys).union(view.inflight.keys)
        let left = places.subtracting(["letters", "dead", StoreModel.quarantine])
        guard left.isEmpty else { throw self.failure("end: jobs are stranded in \(left.sorted())") }
    }

    /// A living worker settles what it knows it holds; then the store must know of nothing else in its hands.
    private mutating func finish(_ index: Int) async throws {
        let worker = self.workers[index]
        guard worker.isRegistered else { return }
        guard case .alive(let lanes, _) = try await self.send(Beat.of(worker.process, number: worker.beats + 1)),
            !worker.acknowledged.contains(where: { lanes[$0.key, default: 0] < $0.value })
        else { return try await self.abandon(worker.id) }
        var held = worker.held
        for lane in 1...2 {
            var number = worker.acknowledged[lane, default: 0]
            if let step = worker.pending[lane] {
                guard case .done(let answers, let claimed, _) = try await self.send(step) else {
                    return try await self.abandon(worker.id)
                }
                number += 1
                held += claimed
                held += zip(step.settlements, answers).filter { $0.1.isFailure }
                    .map { Claimed(token: $0.0.token, source: .list("?"), payload: []) }
            }
            guard lane == 2 else { continue }
            _ = try await self.send(
                Step(
                    process: worker.process,
                    lane: lane,
                    number: number + 1,
                    settlements: held.map { $0.settled() },
                    claim: 0,
                    sources: []
                )
            )
        }
        let left = try await StoreView.read(self.redis).inflight[worker.id] ?? [:]
        guard left.isEmpty else { throw self.failure("end: \(worker.id) holds jobs it does not know of: \(left)") }
    }

    private mutating func runEverything() async throws {
        let worker = ProcessID(rawValue: self.newName())
        _ = try await self.send(Beat.of(worker, .register, number: 1))
        var held: [Claimed] = []
        for number in 1...1_000 {
            try await self.makeDue()
            for set in Self.dueSets {
                let entries = try await self.store.due(in: set, limit: 1_000).entries
                let promotions = entries.map { entry in
                    let base = Array(String(decoding: entry, as: UTF8.self).base.utf8)
                    return Promotion.push(entry: entry, queue: "default", payload: base)
                }
                try await self.send(promotions, set)
            }
            let settlements = held.map { $0.settled() }
            let reply = try await self.send(
                Step(
                    process: worker,
                    lane: 1,
                    number: number,
                    settlements: settlements,
                    claim: Step.limit,
                    sources: Self.sources
                )
            )
            held = reply.claimed
            if held.isEmpty { return }
        }
    }
}
