import Logging
import TestSupport
import Testing

@testable import Wingman

@Suite("What a service is given")
struct ServiceEnvironmentTests {
    private let time = ManualTime()
    private let store = ScriptedStore()

    private var environment: ServiceEnvironment { .sample(self.store, time: self.time) }

    @Test("A turn is done at once and after each interval; the store's absence is waited out")
    func every() async throws {
        let turns = Counter64()
        let environment = self.environment
        let task = Task(executorPreference: self.time.executor) {
            try await environment.every(.seconds(10), "count") {
                turns.add()
                if turns.count == 3 { throw StoreError.away }
            }
        }
        await self.time.advance(by: .seconds(1))
        #expect(turns.count == 1)
        await self.time.advance(by: .seconds(10))
        #expect(turns.count == 2)
        // The third fails, and is tried again after 50 ms at most.
        await self.time.advance(by: .seconds(10))
        #expect(turns.count == 4)
        task.cancel()
        await self.time.advance(by: .seconds(1))
        try await task.value
    }

    @Test("What is no trouble of the store ends the loop with its error")
    func thrown() async {
        let environment = self.environment
        let task = Task(executorPreference: self.time.executor) {
            try await environment.every(.seconds(10), "count") { throw Breakage() }
        }
        await self.time.advance(by: .seconds(1))
        await #expect(throws: Breakage.self) { try await task.value }
    }

    @Test("Quiet is seen as soon as the process is quiet; in client mode never")
    func quiet() {
        let life = ProcessLife()
        let environment = ServiceEnvironment.sample(self.store, life: life)
        #expect(!environment.isQuiet)
        life.quiet()
        #expect(environment.isQuiet)
        #expect(environment.process == life.candidate.process)
        #expect(!self.environment.isQuiet)
        #expect(self.environment.process == nil)
    }

    @Test("A plugin has an environment of its own, with its name in each line of the log")
    func owned() {
        let shared = ServiceEnvironment(
            logger: Logger(label: "test") { StreamLogHandler.standardError(label: $0) },
            client: Client(store: self.store),
            services: self.environment.services,
            values: SharedValues(),
            time: self.time,
            store: self.store,
            life: nil
        )
        let environment = shared.owned(by: "audit", term: 7)
        #expect(environment.term == 7)
        #expect(environment.logger[metadataKey: "plugin.name"] == "audit")
        #expect(environment.metrics.label("lines_total") == "wingman_audit_lines_total")
        #expect(PluginMetrics(plugin: "queue-latency").label("seconds") == "wingman_queue_latency_seconds")
    }
}
