import Logging
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

@Suite("A client that nobody knows")
struct HeldClientsTests {
    private let store = MemoryStore()
    private let process = ProcessID(rawValue: "host:1:a")

    private func sweep() async throws {
        let environment = ServiceEnvironment(
            plugin: "orchestrator",
            store: self.store,
            logger: .init(label: "test")
        )
        let workshop = Workshop(
            options: OrchestratorOptions(),
            environment: environment,
            board: LaneBoard(),
            metrics: OrchestratorMetrics(environment.metrics)
        )
        try await HeldClients(workshop).sweep(after: .seconds(3_600))
    }

    private func noted() async throws -> [String] {
        try await self.store.members(of: OrchestratorKeys().held).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A process that claims the client's only message.
    private func claim() async throws {
        let beat = Beat(
            process: self.process,
            kind: .register,
            number: 1,
            lease: .seconds(600),
            info: "{}",
            concurrency: 1,
            isQuiet: false,
            residentKiB: 0,
            roundTripMicroseconds: 0,
            work: [],
            executions: []
        )
        _ = try await self.store.beat(beat)
        let step = Step(
            process: self.process,
            lane: 1,
            number: 1,
            settlements: [],
            claim: 1,
            sources: [.list("requests:lane:nobody")]
        )
        guard case .done(_, let claimed, _) = try await self.store.step(step) else {
            Issue.record("the process is not registered")
            return
        }
        #expect(claimed.count == 1)
    }

    @Test("is looked after as long as anybody has a message of it, which comes back if its process dies")
    func inFlight() async throws {
        let parcel = Parcel(id: "a", received: 0, raw: Array(#"{"client":"nobody","body":1}"#.utf8))
        _ = try await self.store.apply(
            Change([
                .append(list: "requests:lane:nobody", payload: parcel.bytes),
                .insert(OrchestratorKeys().held, member: Array("nobody".utf8)),
            ])
        )
        try await self.sweep()
        #expect(try await self.noted() == ["nobody"])
        try await self.claim()
        try await self.sweep()
        #expect(try await self.noted() == ["nobody"])
        let letters = try await self.store.entries(in: .list("requests:dead"), from: 0, limit: 9)
        #expect(letters.isEmpty)
    }

    @Test("is forgotten once there is no message of it any more")
    func gone() async throws {
        _ = try await self.store.apply(Change([.insert(OrchestratorKeys().held, member: Array("nobody".utf8))]))
        try await self.sweep()
        #expect(try await self.noted() == [])
    }
}
