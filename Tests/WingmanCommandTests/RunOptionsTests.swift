import ArgumentParser
import Testing
import Wingman

@testable import WingmanCommand

@Suite("The flags of run")
struct RunOptionsTests {
    @Test("are Sidekiq's")
    func flags() throws {
        let arguments = ["-c", "3", "-q", "high,2", "-q", "low", "-t", "1.5", "-e", "production", "-g", "web", "-v"]
        let configuration = try RunOptions.parse(arguments + ["--until-empty"]).configuration()
        #expect(configuration.capsules.map(\.concurrency) == [3])
        #expect(configuration.capsules.map(\.queues) == [[QueueWeight("high", weight: 2), QueueWeight("low")]])
        #expect(configuration.stopTimeout == .milliseconds(1_500))
        #expect(configuration.labels == ["production"])
        #expect(configuration.tag == "web")
        #expect(configuration.stopsWhenEmpty)
    }

    @Test("have Sidekiq's defaults")
    func defaults() throws {
        let configuration = try RunOptions.parse([]).configuration()
        #expect(configuration.capsules.map(\.concurrency) == [5])
        #expect(configuration.capsules.map(\.queues) == [[QueueWeight("default")]])
        #expect(configuration.stopTimeout == .seconds(25))
        #expect(!configuration.stopsWhenEmpty)
    }

    @Test("are refused together when they make no sense")
    func faults() throws {
        let options = try RunOptions.parse(["-c", "0", "--timeout=-1", "-q", ",3", "-q", "a,b", "-q", "fine,1"])
        let error = #expect(throws: ConfigurationError.self) { try options.configuration() }
        #expect(error?.faults.count == 4)
    }
}
