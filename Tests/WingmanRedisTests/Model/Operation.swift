import HiredisNIO
import TestSupport
import Wingman

@testable import WingmanRedis

/// What may happen next, and how often.
enum Operation: String, CaseIterable {
    case push, start, beat, step, late, block, sendPrepared, endBlock, kill, expire, rescue, promote, makeDue
    case pause, save, loseTail, stop, grace, change, isolate, edit, crash

    private var weight: Int {
        switch self {
        case .step: 40
        case .push: 14
        case .block, .promote: 6
        case .late, .beat, .rescue: 6
        case .start, .sendPrepared, .expire: 4
        case .kill, .makeDue, .pause, .stop, .change: 3
        case .endBlock, .save, .edit, .isolate, .crash: 2
        case .grace, .loseTail: 1
        }
    }

    static func random(using generator: inout SeededGenerator) -> Operation {
        var point = Int.random(in: 0..<Self.allCases.reduce(0) { $0 + $1.weight }, using: &generator)
        for operation in Self.allCases {
            point -= operation.weight
            if point < 0 { return operation }
        }
        return .step
    }
}

extension ModelRun {
    mutating func perform(_ operation: Operation) async throws {
        self.trace.append(operation.rawValue)
        switch operation {
        case .push: try await self.push()
        case .start: try await self.start()
        case .beat: try await self.withWorker { try await $0.beat($1) }
        case .step: try await self.withWorker { try await $0.step($1) }
        case .late: try await self.deliverLate()
        case .block: try await self.withWorker { try await $0.block($1) }
        case .sendPrepared: self.sendPrepared()
        case .endBlock: self.endBlock()
        case .kill: self.kill()
        case .expire: try await self.expire()
        case .rescue: try await self.rescue()
        case .promote: try await self.promote()
        case .makeDue: try await self.makeDue()
        case .pause: try await self.pause()
        case .save: try await self.save()
        case .loseTail: try await self.loseTail()
        case .stop: try await self.withWorker { try await $0.stop($1) }
        case .grace: try await self.grace()
        case .change: try await self.change()
        case .isolate: try await self.withWorker { try await $0.isolate($1) }
        case .edit: try await self.edit()
        case .crash: try await self.crash()
        }
    }

    private mutating func withWorker(_ body: (inout ModelRun, Int) async throws -> Void) async throws {
        guard let index = self.workers.indices.randomElement(using: &self.random) else { return }
        try await body(&self, index)
    }

    private mutating func push() async throws {
        let queue = Self.queues.randomElement(using: &self.random) ?? "default"
        var jobs: [PushedJob] = []
        for _ in 0..<Int.random(in: 1...5, using: &self.random) {
            let job = self.newJob()
            self.model.push(job, to: queue)
            jobs.append(PushedJob(queue: queue, payload: Array(job.utf8)))
        }
        try await self.store.enqueue(jobs)
        guard self.random.chance(20) else { return }
        let message = self.newJob()
        self.model.lists["requests", default: []].append(message)
        self.model.accepted[message, default: 0] += 1
        try await self.redis.send("LPUSH", "requests", message)
    }

    private mutating func start() async throws {
        guard self.workers.count < 4 else { return }
        self.workers.append(ModelWorker(id: self.newName()))
        if self.options.blocksBeforeFirstBeat {
            let source = Self.sources.randomElement(using: &self.random)?.modelKey ?? "queue:default"
            self.blocks.append((self.workers[self.workers.count - 1].id, source))
        }
        if self.random.chance(80) { try await self.beat(self.workers.count - 1) }
    }

    private mutating func deliverLate() async throws {
        guard let request = self.network.randomElement(using: &self.random) else { return }
        self.met(.lateRequest)
        switch request {
        case .step(let step): _ = try await self.send(step)
        case .beat(let beat): _ = try await self.send(beat)
        case .promote(let promotions, let set): try await self.send(promotions, set)
        case .leave(let id): try await self.leave(id)
        case .abandon(let id): try await self.abandon(id)
        case .isolate(let token, let id): try await self.isolate(token, of: id)
        case .edit(let edit, let place): try await self.send(edit, place)
        }
    }

    /// Keeps a request that may come once more.
    mutating func remember(_ request: LateRequest) {
        guard self.random.chance(40) else { return }
        self.network.append(request)
        if self.network.count > 20 { self.network.removeFirst() }
    }

    private mutating func promote() async throws {
        let set = Self.dueSets.randomElement(using: &self.random) ?? .retry
        let due = try await self.store.due(in: set, limit: 4)
        var promotions: [Promotion] = []
        for entry in due.entries {
            let queue = Self.queues.randomElement(using: &self.random) ?? "default"
            let base = Array(String(decoding: entry, as: UTF8.self).base.utf8)
            switch Int.random(in: 0..<10, using: &self.random) {
            case 0: promotions.append(.drop(entry: entry))
            case 1: promotions.append(.bury(entry: entry, payload: entry))
            case 2...3: promotions.append(.deliver(entry: entry, list: "requests", payload: base))
            default: promotions.append(.push(entry: entry, queue: queue, payload: base))
            }
        }
        self.remember(.promote(promotions, set))
        try await self.send(promotions, set)
    }
}
