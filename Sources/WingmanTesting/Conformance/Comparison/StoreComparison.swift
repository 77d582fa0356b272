import Wingman

/// The property test of stores: drives a store and a ``MemoryStore`` by the same random operations and compares every
/// answer, and now and then, at random places, and in the end all sizes and all contents. A sequence that fails is run
/// again with a look after every operation, which finds where the difference began.
///
/// Operations are what workers, clients, plugins and people do, and what goes wrong: replies are lost and steps sent
/// again, requests come twice and late, processes die, leases run out, clocks jump, stores are opened anew. Beside the
/// comparison the invariants are asserted by the store's own answers: nothing is lost or doubled, no claim is
/// acknowledged twice, nothing comes from a paused queue, and when all faults end every job comes to an end.
///
/// Tokens, times (relative to the start) and the reasons of failures are the store's own affair and not compared.
///
/// ```swift
/// try await StoreComparison(MyFixture()).run(seeds: 1...100)
/// ```
public struct StoreComparison: Sendable {
    let fixtures: [any StoreFixture]
    let operations: Int
    let isShortening: Bool
    let looksOften: Bool

    /// A comparison of one or more stores with ``MemoryStore``.
    ///
    /// - Parameters:
    ///   - fixtures: Their clocks must stand still but for ``StoreFixture/advance(by:)``.
    ///   - operations: How many a sequence has.
    ///   - isShortening: Whether a sequence that fails is tried again with fewer and fewer operations.
    ///   - looksOften: Whether all sizes are compared after every operation, which takes several times as long: to replay
    ///     a seed.
    public init(
        _ fixtures: any StoreFixture...,
        operations: Int = 200,
        isShortening: Bool = true,
        looksOften: Bool = false
    ) {
        self.fixtures = [ReferenceFixture()] + fixtures
        self.looksOften = looksOften
        self.operations = operations
        self.isShortening = isShortening
    }

    /// Runs one sequence for each seed.
    ///
    /// - Returns: How often each operation was carried out, by its name.
    /// - Throws: ``ComparisonFailure`` with the shortest sequence that was found to fail, what the stores or fixtures threw.
    @discardableResult
    public func run(seeds: some Sequence<UInt64>) async throws -> [String: Int] {
        var met: [String: Int] = [:]
        for seed in seeds { met.merge(try await self.run(seed: seed)) { $0 + $1 } }
        return met
    }

    /// Runs the sequence of `seed`, the same on every machine.
    @discardableResult
    public func run(seed: UInt64) async throws -> [String: Int] {
        let operations = RandomOperation.sequence(of: self.operations, seed: seed)
        do {
            return try await self.run(operations, looksOften: self.looksOften)
        } catch let failure as ComparisonFailure {
            throw await self.shortened(operations, await self.earlier(operations, failure)).of(seed)
        }
    }

    /// Where a look after each operation finds the difference; the failure as it is if it does not show again.
    private func earlier(_ operations: [RandomOperation], _ failure: ComparisonFailure) async -> ComparisonFailure {
        guard !self.looksOften else { return failure }
        do {
            _ = try await self.run(operations, looksOften: true)
            return failure
        } catch let earlier as ComparisonFailure {
            return earlier
        } catch {
            return failure
        }
    }

    private func run(_ operations: [RandomOperation], looksOften: Bool) async throws -> [String: Int] {
        var run = try await ComparisonRun(self.fixtures, looksOften: looksOften)
        let result: Result<[String: Int], any Error>
        do {
            result = .success(try await run.perform(operations))
        } catch {
            result = .failure(error)
        }
        await run.close()
        return try result.get()
    }

    /// Leaves out operations, fewer and fewer at a time, while the rest still fails.
    private func shortened(_ operations: [RandomOperation], _ failure: ComparisonFailure) async -> ComparisonFailure {
        var (shortest, found, attempts) = (operations, failure, self.isShortening ? 200 : 0)
        var portion = max(1, operations.count / 2)
        while attempts > 0 {
            var start = 0
            while start < shortest.count, attempts > 0 {
                attempts -= 1
                let rest = Array(shortest[..<start] + shortest[min(start + portion, shortest.count)...])
                do {
                    _ = try await self.run(rest, looksOften: true)
                    start += portion
                } catch let failure as ComparisonFailure {
                    (shortest, found) = (rest, failure)
                } catch {
                    start += portion
                }
            }
            if portion == 1 { break }
            portion /= 2
        }
        found.operations = shortest.count
        return found
    }
}

/// Stores that should behave alike did not, or one broke an invariant.
public struct ComparisonFailure: Error, Sendable, CustomStringConvertible {
    /// What differs, or which invariant is broken.
    public var message: String
    /// What was done and answered, up to the failure.
    public var trace: [String]
    /// What replays it, before it was shortened.
    public var seed: UInt64 = 0
    /// How many operations are left of it.
    public var operations = 0

    init(_ message: String, _ trace: [String]) {
        self.message = message
        self.trace = trace
    }

    func of(_ seed: UInt64) -> ComparisonFailure {
        var failure = self
        failure.seed = seed
        return failure
    }

    /// The message, the seed and the shortened sequence.
    public var description: String {
        """
        \(self.message)
        seed \(self.seed), shortened to \(self.operations) operations:
        \(self.trace.joined(separator: "\n"))
        """
    }
}

/// What others are compared with.
private struct ReferenceFixture: StoreFixture {
    private let store = MemoryStore(standingAt: 1_800_000_000)

    func open() async throws -> any Store { self.store.another() }
    func reset() async throws { self.store.removeAll() }
    func advance(by duration: Duration) async throws { self.store.advance(by: duration) }
}
