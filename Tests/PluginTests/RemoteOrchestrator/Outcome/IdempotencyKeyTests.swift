import Logging
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

@Suite("An idempotency key")
struct IdempotencyKeyTests {
    private let key = StoreKey("orchestrator", "idem/m/k")
    private let store = MemoryStore(standingAt: 1_777_636_800_000)
    private var environment: ServiceEnvironment { Self.environment(on: self.store) }
    private var keys: IdempotencyKeys { IdempotencyKeys(space: self.environment.keys) }

    private static func runner(_ store: any Store) -> LaneRunner {
        let environment = Self.environment(on: store)
        let workshop = Workshop(
            options: OrchestratorOptions(),
            environment: environment,
            board: LaneBoard(),
            metrics: OrchestratorMetrics(environment.metrics)
        )
        return LaneRunner(client: "m", workshop: workshop, retry: InboundRetry(), blocks: true)
    }

    private static func environment(on store: any Store) -> ServiceEnvironment {
        ServiceEnvironment(plugin: "orchestrator", store: store, logger: .init(label: "test"))
    }

    private func message(_ id: String, _ members: String = "") throws -> LaneMessage {
        let raw = Array(#"{"client":"m","body":1,"idempotency_key":"k"\#(members)}"#.utf8)
        return LaneMessage(
            parcel: Parcel(id: id, received: 0, raw: raw),
            envelope: try Envelope.parse(raw),
            list: "l"
        )
    }

    private func mark() async throws -> String? {
        try await self.store.values(of: [self.key])[0].map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("is one message's, as often as that one claims it, for a day since the last time")
    func claim() async throws {
        let (one, other) = (try self.message("a"), try self.message("b"))
        #expect(try await self.keys.claim(self.key, for: one) == .running("a"))
        #expect(try await self.keys.claim(self.key, for: other) == .running("a"))
        self.store.advance(by: .seconds(86_000))
        #expect(try await self.keys.claim(self.key, for: one) == .running("a"))
        self.store.advance(by: .seconds(86_000))
        #expect(try await self.keys.claim(self.key, for: other) == .running("a"))
        self.store.advance(by: .seconds(400))
        #expect(try await self.keys.claim(self.key, for: other) == .running("b"))
        #expect(try await self.keys.claim(self.key, for: one) == .running("b"))
    }

    @Test("is renewed for its holder only, and not made")
    func renew() async throws {
        let message = try self.message("a")
        #expect(try await !self.keys.renew(self.key, for: message))
        for foreign in [IdempotencyMark.running("b"), .done(nil)] {
            let change = Change([.put(self.key, foreign.bytes, expiry: .seconds(60))])
            _ = try await self.store.apply(change)
            #expect(try await !self.keys.renew(self.key, for: message))
            self.store.advance(by: .seconds(60))
            #expect(try await self.mark() == nil)
        }
        #expect(try await self.keys.claim(self.key, for: message) == .running("a"))
        self.store.advance(by: .seconds(86_399))
        #expect(try await self.keys.renew(self.key, for: message))
        self.store.advance(by: .seconds(86_399))
        #expect(try await self.mark() == "running:a")
    }

    @Test("stays its holder's when a twin's deadline passes, which does not wait for the holder any more")
    func late() async throws {
        _ = try await self.keys.claim(self.key, for: try self.message("a"))
        let early = await Self.runner(self.store).run(
            try self.message("b", #","deadline":9007199254740992"#),
            Attempt()
        )
        guard case .settle(.later, _, _, .postponed) = early.verdict else {
            Issue.record("\(early.verdict)")
            return
        }
        let late = await Self.runner(self.store).run(try self.message("b", #","deadline":1"#), Attempt())
        guard case .settle(.append("requests:dead", _), let effects, _, .dead(.expired)) = late.verdict else {
            Issue.record("\(late.verdict)")
            return
        }
        #expect(effects == [])
        #expect(try await self.mark() == "running:a")
    }

    @Test("is given free by a message that is cancelled before anybody could say whether it holds it")
    func cancelledEarly() async throws {
        let store = FaultyStore(self.store)
        let runner = Self.runner(store)
        let message = try self.message("a")
        // It came again: an earlier process had claimed the key.
        _ = try await self.keys.claim(self.key, for: message)
        store.fail(.apply, by: .losingRequest)
        let attempt = Attempt()
        attempt.cancel(.control)
        let result = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await runner.run(message, attempt)
        }.value
        guard case .settle(_, let effects, _, .dead(.cancelled)) = result.verdict else {
            Issue.record("\(result.verdict)")
            return
        }
        #expect(effects == [.delete(self.key)])
    }
}
