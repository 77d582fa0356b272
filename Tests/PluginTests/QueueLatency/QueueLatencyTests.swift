import Logging
import Supervision
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanQueueLatency

@Suite("The plugin queue-latency")
struct QueueLatencyTests {
    private struct App: WingmanApp {
        var plugin = QueueLatency()
        var jobs: JobList { JobList() }
        var plugins: PluginList { self.plugin }
    }

    @Test("adds a service that one process at a time runs, and takes its limit from the code")
    func listing() throws {
        let app = App(plugin: QueueLatency(limit: .seconds(5)))
        let assembly = try Assembly(app, mode: .server, logger: Logger(label: "test"))
        let listing = try #require(assembly.listings.first)
        #expect(listing.origin == .builtIn)
        #expect(listing.services.map(\.name) == ["queue-latency"])
        #expect(listing.services.map(\.when) == [.leader])
        #expect(listing.options.map(\.value) == ["5s", "10s"])
        #expect(listing.options.map(\.origin) == ["code", "default"])
    }

    struct Sweep: Job {
        func perform(_ context: JobContext) async throws {}
    }

    @Test(
        "warns about the queue whose next job has waited longer than the limit, at each look, and stops when it is told to"
    )
    func warning() async throws {
        let time = ManualTime()
        let log = LogRecord()
        let store = MemoryStore(time: time)
        let environment = ServiceEnvironment(
            plugin: "queue-latency",
            store: store,
            logger: Logger(label: "test", factory: { _ in log.handler }),
            time: time
        )
        try await environment.client.push(Sweep())
        #expect(try await environment.latency(ofQueue: "default") < .seconds(3_600))
        #expect(try await environment.latency(ofQueue: "absent") == .zero)
        // A limit below zero: any wait is too long, whatever the machine's clock says.
        let watch = LatencyWatch(environment: environment, limit: .seconds(-1), interval: .seconds(10))
        let task = Task(executorPreference: time.executor) { try await watch.run() }
        await time.advance(by: .seconds(1))
        #expect(log.messages == ["jobs wait too long"])
        await time.advance(by: .seconds(10))
        #expect(log.messages.count == 2)
        task.cancel()
        await time.advance(by: .seconds(1))
        try await task.value
    }
}
