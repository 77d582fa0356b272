import Logging
import Testing
import Wingman

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
}
