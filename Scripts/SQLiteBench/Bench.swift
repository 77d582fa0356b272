import Foundation
import Logging
import Wingman
import WingmanSQLite

/// The store beside SQLite itself, in turns and in one run: a shared machine is never twice the same.
enum Bench {
    private static let environment = ProcessInfo.processInfo.environment
    private static let payload = Array(
        (#"{"retry":true,"queue":"bench","class":"NoOp","args":["bench",1,1795324113.5,""#
            + String(repeating: "x", count: 100)
            + #""],"jid":"0123456789abcdef01234567","created_at":1795324113742,"enqueued_at":1795324113742}"#).utf8
    )
    private static let rounds = 3

    static let directory = Self.environment["BENCH_DIR"] ?? FileManager.default.temporaryDirectory.path

    static func run() async throws {
        let directory = Self.directory
        for synchronous in ["full", "normal"] {
            print(
                "\nsynchronous=\(synchronous), jobs of \(Self.payload.count) bytes, best of \(Self.rounds) rounds, in \(directory)\n"
            )
            print("| what | batch | store, jobs/s | SQLite, jobs/s | share |")
            print("| --- | --- | --- | --- | --- |")
            for measure in Self.measures {
                var store = 0.0
                var raw = 0.0
                for _ in 0..<Self.rounds {
                    store = max(store, try await Self.store(measure, directory, synchronous))
                    raw = max(raw, try await Self.raw(measure, directory, synchronous))
                }
                let share = String(format: "%.0f %%", store / raw * 100)
                let rates = String(format: "%9.0f | %9.0f", store, raw)
                print("| \(measure.name) | \(measure.batch) | \(rates) | \(share) |")
            }
        }
    }

    private enum Kind {
        /// Calls of one job by so many tasks at once.
        case push(tasks: Int)
        case bulk
        case claim
        case settle
        /// Settles a batch and claims the next in one step.
        case drain
    }

    private struct Measure {
        let name: String
        let kind: Kind
        /// Jobs in one transaction of SQLite itself, and in one call of the store.
        let batch: Int
        let jobs: Int
    }

    private static let measures: [Measure] = [
        Measure(name: "push, one task", kind: .push(tasks: 1), batch: 1, jobs: 4_000),
        Measure(name: "push, 10 tasks", kind: .push(tasks: 10), batch: 10, jobs: 20_000),
        Measure(name: "push, bulk", kind: .bulk, batch: 1_000, jobs: 200_000),
        Measure(name: "claim", kind: .claim, batch: 100, jobs: 100_000),
        Measure(name: "settle", kind: .settle, batch: 100, jobs: 100_000),
        Measure(name: "drain", kind: .drain, batch: 1, jobs: 4_000),
        Measure(name: "drain", kind: .drain, batch: 10, jobs: 30_000),
        Measure(name: "drain", kind: .drain, batch: 100, jobs: 200_000),
        Measure(name: "drain", kind: .drain, batch: 500, jobs: 200_000),
    ]

    private static func withFile<Result>(_ directory: String, _ body: (String) async throws -> Result) async throws
        -> Result
    {
        let folder = "\(directory)/wingman-bench-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            // What cannot be removed is in a temporary directory.
            try? FileManager.default.removeItem(atPath: folder)
        }
        return try await body("\(folder)/bench.db")
    }

    /// Jobs a second.
    private static func rate(_ jobs: Int, _ body: () async throws -> Void) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try await body()
        return Double(jobs) / ((clock.now - start) / .seconds(1))
    }
}

/// SQLite itself.
extension Bench {
    private static func raw(_ measure: Measure, _ directory: String, _ synchronous: String) async throws -> Double {
        try await Self.withFile(directory) { path in
            let raw = RawLimit(path: path, synchronous: synchronous)
            defer { raw.close() }
            let batches = measure.jobs / measure.batch
            switch measure.kind {
            case .push, .bulk:
                break
            case .claim, .drain, .settle:
                for _ in 0..<measure.jobs / 1_000 { raw.push(Self.payload, batch: 1_000) }
            }
            if case .settle = measure.kind { for _ in 0..<batches { raw.drain(settle: 0, claim: measure.batch) } }
            return try await Self.rate(measure.jobs) {
                switch measure.kind {
                case .push, .bulk: for _ in 0..<batches { raw.push(Self.payload, batch: measure.batch) }
                case .claim: for _ in 0..<batches { raw.drain(settle: 0, claim: measure.batch) }
                case .settle: for _ in 0..<batches { raw.drain(settle: measure.batch, claim: 0) }
                case .drain:
                    for batch in 0..<batches { raw.drain(settle: batch == 0 ? 0 : measure.batch, claim: measure.batch) }
                    raw.drain(settle: measure.batch, claim: 0)
                }
            }
        }
    }
}

/// The store.
extension Bench {
    private static let queue = "bench"

    private static func store(_ measure: Measure, _ directory: String, _ synchronous: String) async throws -> Double {
        try await Self.withFile(directory) { path in
            let store = try SQLiteStore(url: "sqlite:\(path)?synchronous=\(synchronous)")
            try await store.open()
            let process = ProcessID(rawValue: "bench:1:1")
            _ = try await store.beat(.registering(process))
            var lane = Lane(store: store, process: process)
            switch measure.kind {
            case .push, .bulk:
                break
            case .claim, .drain, .settle:
                for _ in 0..<measure.jobs / 1_000 { try await Self.push(1_000, to: store) }
            }
            if case .settle = measure.kind {
                for _ in 0..<measure.jobs / measure.batch { try await lane.step(settle: false, claim: measure.batch) }
            }
            let rate = try await Self.rate(measure.jobs) { try await Self.work(measure, store, &lane) }
            await store.close()
            return rate
        }
    }

    private static func work(_ measure: Measure, _ store: SQLiteStore, _ lane: inout Lane) async throws {
        let batches = measure.jobs / measure.batch
        switch measure.kind {
        case .push(let tasks):
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<tasks {
                    group.addTask {
                        for _ in 0..<measure.jobs / tasks { try await Self.push(1, to: store) }
                    }
                }
                try await group.waitForAll()
            }
        case .bulk:
            for _ in 0..<batches { try await Self.push(measure.batch, to: store) }
        case .claim:
            for _ in 0..<batches { try await lane.step(settle: false, claim: measure.batch) }
        case .settle:
            while !lane.held.isEmpty { try await lane.step(settle: true, claim: 0, most: measure.batch) }
        case .drain:
            repeat { try await lane.step(settle: true, claim: measure.batch) } while !lane.held.isEmpty
        }
    }

    private static func push(_ count: Int, to store: SQLiteStore) async throws {
        try await store.enqueue(
            Array(repeating: PushedJob(queue: Self.queue, payload: Self.payload), count: count)
        )
    }

    private struct Lane {
        let store: SQLiteStore
        let process: ProcessID
        var number = 0
        var held: [Claimed] = []

        mutating func step(settle: Bool, claim: Int, most: Int = Step.limit) async throws {
            self.number += 1
            let settled = settle ? min(self.held.count, most) : 0
            let settlements = self.held.suffix(settled).map {
                Settlement(token: $0.token, disposition: .done, tally: .processed)
            }
            let reply = try await self.store.step(
                Step(
                    process: self.process,
                    lane: 1,
                    number: self.number,
                    settlements: settlements,
                    claim: claim,
                    sources: [.queue(Bench.queue)]
                )
            )
            guard case .done(let answers, let claimed, _) = reply, answers.allSatisfy({ $0 == .settled }) else {
                throw StoreError(.unexpected, "the bench's step was answered \(reply)")
            }
            self.held.removeLast(settled)
            self.held += claimed
        }
    }
}
