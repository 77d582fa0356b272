import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

@Suite("The desk of control")
struct ControlDeskTests {
    private let store = MemoryStore()
    private var desk: ControlDesk { ControlDesk(store: self.store, names: OrchestratorNames(list: "requests")) }

    private func register(_ name: String, services: String) async throws {
        let beat = Beat(
            process: ProcessID(rawValue: name),
            kind: .register,
            number: 1,
            lease: .seconds(15),
            info: #"{"services":\#(services)}"#,
            concurrency: 1,
            isQuiet: false,
            residentKiB: 1,
            roundTripMicroseconds: 1,
            work: [],
            executions: []
        )
        _ = try await self.store.beat(beat)
    }

    @Test("knows the processes that listen, by their beats, and finds them by the beginnings of their names")
    func processes() async throws {
        try await self.register("b:2:x", services: #"{"orchestrator-control":"running"}"#)
        try await self.register("a:1:x", services: #"{"orchestrator-control":"restarting","mailer":"running"}"#)
        try await self.register("c:3:x", services: #"{"mailer":"running"}"#)
        try await self.register("d:4:x", services: "7")
        #expect(try await self.desk.processes().map(\.rawValue) == ["a:1:x", "b:2:x"])
        #expect(try await self.desk.processes(["b:", "b:2"]).map(\.rawValue) == ["b:2:x"])
        let error = await #expect(throws: DeskError.self) { _ = try await self.desk.processes(["c:"]) }
        #expect(error?.description.contains("no process with an orchestrator begins with c:") == true)
    }

    @Test("says who did not answer, and notes a pause in the store though nobody runs")
    func silence() async throws {
        let process = ProcessID(rawValue: "a:1:x")
        let answers = try await self.desk.ask(.ping, of: [process], within: .milliseconds(1))
        #expect(answers == ControlDesk.Answers(given: [], missing: ["a:1:x"]))
        let asked = try await self.store.entries(in: .list("requests:control:a:1:x"), from: 0, limit: 9)
        #expect(asked.count == 1)

        let paused = StoreKey("orchestrator", "paused")
        #expect(try await self.desk.setPaused(true, client: "m", within: .seconds(1)) == ControlDesk.Answers())
        #expect(try await self.store.members(of: paused) == [Array("m".utf8)])
        _ = try await self.desk.setPaused(false, client: "m", within: .seconds(1))
        #expect(try await self.store.members(of: paused).isEmpty)
    }
}
