import Foundation
import HiredisNIO
import Logging
import TestSupport
import Testing
import Wingman

@testable import WingmanRedis

/// Random sequences against a real server. `WINGMAN_MODEL_SEED=n` replays one, `WINGMAN_MODEL_SEQUENCES=n` and
/// `WINGMAN_MODEL_FIRST=n` say how many and from which seed on.
@Suite("Model of the protocol")
struct ModelTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static let defaultCount = 25

    private static let seeds: [UInt64] = {
        if let seed = Self.number("WINGMAN_MODEL_SEED") { return [seed] }
        let first = Self.number("WINGMAN_MODEL_FIRST") ?? 1
        let count = Self.number("WINGMAN_MODEL_SEQUENCES") ?? UInt64(Self.defaultCount)
        return Array(first..<first + count)
    }()

    @Test("Random sequences of operations and faults break no invariant and leave what the model expects")
    func sequences() async throws {
        try await ModelServer.with(ScriptLibrary.standard) { server in
            var events: [ModelRun.Event: Int] = [:]
            for seed in Self.seeds { events.merge(try await server.run(seed)) { $0 + $1 } }
            // A sequence that meets no trouble proves nothing: all together have to meet all of it.
            guard Self.seeds.count >= Self.defaultCount else { return }
            for event in ModelRun.Event.allCases { #expect(events[event, default: 0] > 0, "never seen: \(event)") }
        }
    }

    @Test("Every mutant of the protocol is found by the invariants", arguments: Mutant.all)
    func mutants(mutant: Mutant) async throws {
        try await ModelServer.with(try mutant.library()) { server in
            var options = ModelRun.Options()
            options.comparesWithModel = false
            options.blocksBeforeFirstBeat = mutant.blocksBeforeFirstBeat
            var found: ModelFailure?
            for seed in 1...UInt64(mutant.withinSequences) where found == nil {
                do {
                    _ = try await server.run(seed, options)
                } catch let failure as ModelFailure {
                    found = failure
                }
            }
            #expect(found != nil, "\(mutant) survived \(mutant.withinSequences) sequences")
        }
    }
}

/// A server for many sequences, one after another.
struct ModelServer: Sendable {
    let store: RedisStore
    let redis: RedisClient

    static func with(_ library: ScriptLibrary, _ body: (ModelServer) async throws -> Void) async throws {
        try await RedisServer.with { server in
            let configuration = try server.configuration
            let logger = Logger(label: "model", factory: { _ in SwiftLogNoOpLogHandler() })
            let store = RedisStore(configuration, scripts: library, logger: logger)
            let model = ModelServer(store: store, redis: RedisClient(configuration))
            let result: Result<Void, any Error>
            do {
                try await store.open()
                result = .success(try await body(model))
            } catch {
                result = .failure(error)
            }
            await store.close()
            await model.redis.close()
            try result.get()
        }
    }

    func run(
        _ seed: UInt64,
        _ options: ModelRun.Options = ModelRun.Options()
    ) async throws -> [ModelRun.Event: Int] {
        var run = ModelRun(seed: seed, options: options, store: self.store, redis: self.redis)
        do {
            try await run.run()
            return run.events
        } catch let error as StoreError {
            throw ModelFailure(seed: seed, reasons: ["the store failed: \(error)"], trace: run.trace)
        }
    }
}
