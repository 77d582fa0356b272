import Synchronization
import Wingman

/// A worker process that keeps the numbers of its beats and steps.
final class BenchWorker: Sendable {
    /// A step's answer, when it was carried out.
    struct Done: Sendable {
        var answers: [SettleAnswer]
        var claimed: [Claimed]
        var leaseExpired: Bool
    }

    private struct Numbers {
        var beats = 0
        var steps: [Int: Int] = [:]
    }

    let process: ProcessID
    let store: any Store
    private let numbers = Mutex(Numbers())

    init(_ name: String, store: any Store) {
        self.process = ProcessID(rawValue: name)
        self.store = store
    }

    func register(file: String = #fileID, line: Int = #line) async throws {
        let reply = try await self.store.beat(self.nextBeat(.register))
        guard case .alive = reply else {
            throw ConformanceFailure("\(self.process) was refused at its first beat", file: file, line: line)
        }
    }

    /// Renews; fails if the store refuses. Answers the lanes' numbers and the signals.
    @discardableResult
    func beat(
        executions: [ExecutionMetric] = [],
        file: String = #fileID,
        line: Int = #line
    ) async throws -> (lanes: [Int: Int], signals: [String]) {
        let reply = try await self.store.beat(self.nextBeat(.renew, executions: executions))
        guard case .alive(let lanes, let signals) = reply else {
            throw ConformanceFailure("a beat of \(self.process) was refused", file: file, line: line)
        }
        return (lanes, signals)
    }

    func nextBeat(_ kind: Beat.Kind, executions: [ExecutionMetric] = []) -> Beat {
        let number = self.numbers.withLock { numbers in
            numbers.beats += 1
            return numbers.beats
        }
        return Beat.bench(self.process, kind, number: number, executions: executions)
    }

    /// The next step of a lane. Its number counts as used only by ``confirm(_:)``, or by ``done(_:)``.
    func nextStep(
        _ settlements: [Settlement] = [],
        claim: Int = 0,
        from sources: [Source] = [.queue("default")],
        lane: Int = 1
    ) -> Step {
        Step(
            process: self.process,
            lane: lane,
            number: self.numbers.withLock { $0.steps[lane, default: 0] } + 1,
            settlements: settlements,
            claim: claim,
            sources: sources
        )
    }

    /// Sends a step that has to be carried out.
    @discardableResult
    func done(_ step: Step, file: String = #fileID, line: Int = #line) async throws -> Done {
        let reply = try await self.store.step(step)
        guard case .done(let answers, let claimed, let leaseExpired) = reply else {
            throw ConformanceFailure("step \(step.number) was answered \(reply)", file: file, line: line)
        }
        self.confirm(step)
        return Done(answers: answers, claimed: claimed, leaseExpired: leaseExpired)
    }

    func confirm(_ step: Step) {
        self.numbers.withLock { $0.steps[step.lane] = step.number }
    }

    func claim(
        _ count: Int,
        from sources: [Source] = [.queue("default")],
        lane: Int = 1,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> [Claimed] {
        let step = self.nextStep(claim: count, from: sources, lane: lane)
        return try await self.done(step, file: file, line: line).claimed
    }

    /// Claims exactly one.
    func claimOne(
        from source: Source = .queue("default"),
        lane: Int = 1,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> Claimed {
        let claimed = try await self.claim(1, from: [source], lane: lane, file: file, line: line)
        guard let first = claimed.first, claimed.count == 1 else {
            throw ConformanceFailure("\(claimed.count) jobs were claimed instead of 1", file: file, line: line)
        }
        return first
    }

    /// Settles, and fails unless all settlements are applied.
    func settle(_ settlements: [Settlement], lane: Int = 1, file: String = #fileID, line: Int = #line) async throws {
        let answers = try await self.answers(settlements, lane: lane, file: file, line: line)
        try expect(answers.allSatisfy { $0 == .settled }, "settled: \(answers)", file: file, line: line)
    }

    func settle(_ settlements: Settlement..., lane: Int = 1, file: String = #fileID, line: Int = #line) async throws {
        try await self.settle(settlements, lane: lane, file: file, line: line)
    }

    func answers(
        _ settlements: [Settlement],
        lane: Int = 1,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> [SettleAnswer] {
        try await self.done(self.nextStep(settlements, lane: lane), file: file, line: line).answers
    }

    /// Fails unless the store answers a step that this process has no lease.
    func expectFenced(
        _ settlements: [Settlement] = [],
        file: String = #fileID,
        line: Int = #line
    ) async throws {
        let reply = try await self.store.step(self.nextStep(settlements, claim: 10))
        guard case .fenced = reply else {
            throw ConformanceFailure("a fenced process was answered \(reply)", file: file, line: line)
        }
    }
}

extension Beat {
    /// A beat with plain figures.
    static func bench(
        _ process: ProcessID,
        _ kind: Kind,
        number: Int,
        lease: Duration = Bench.lease,
        isQuiet: Bool = false,
        work: [Work] = [],
        executions: [ExecutionMetric] = []
    ) -> Beat {
        Beat(
            process: process,
            kind: kind,
            number: number,
            lease: lease,
            info: #"{"hostname":"bench"}"#,
            concurrency: 5,
            isQuiet: isQuiet,
            residentKiB: 1_000,
            roundTripMicroseconds: 200,
            work: work,
            executions: executions
        )
    }
}
