import ServiceLifecycle
import Testing

@testable import Wingman

private struct Idle: Wingman.Service {
    func run() async throws { try await gracefulShutdown() }
}

private struct Plain: Plugin {
    let name: String
    var services: [String] = []
    var fault: (any Error)?

    func configure(_ host: inout PluginHost) throws {
        for service in self.services { host.add(ServiceDeclaration(service) { _ in Idle() }) }
        host.on(.beat) { _ in }
        if let fault { throw fault }
    }
}

private struct Good: WingmanApp {
    var jobs: JobList { Nothing.self }
    var services: ServiceList { Supervise("mailer") { Idle() } }
    var plugins: PluginList {
        Plain(name: "one", services: ["a", "b"])
        Plain(name: "two", services: ["c"])
    }
}

private struct Bad: WingmanApp {
    var jobs: JobList {
        Nothing.self
        Nothing.self
    }
    var services: ServiceList { Supervise("mailer") { Idle() } }
    var plugins: PluginList {
        Plain(name: "one", services: ["mailer"])
        Plain(name: "one", services: ["other"])
        Plain(name: "two", fault: ConfigurationError(["no interval", "no job"]))
        Plain(name: "three", fault: Breakage())
    }
}

@Suite("An app is read once and checked")
struct AssemblyTests {
    @Test("Plugins and services come in the order written")
    func order() throws {
        let assembly = try Assembly(Good(), mode: .server, logger: quietLogger)
        #expect(assembly.plugins.map(\.name) == ["one", "two"])
        #expect(assembly.appServices.map(\.name) == ["mailer"])
        #expect(assembly.pluginServices.map(\.plugin) == ["one", "one", "two"])
        #expect(assembly.pluginServices.map(\.service.name) == ["a", "b", "c"])
        #expect(assembly.handlers.map(\.owner) == ["one", "two"])
        #expect(assembly.serviceNames == ["mailer", "a", "b", "c"])
        #expect(assembly.jobNames == ["Nothing"])
        #expect(assembly.options(ofJob: "Nothing") == JobOptions())
        #expect(assembly.options(ofJob: "Other") == nil)
    }

    @Test("Every fault is in one error, with the plugin it comes from")
    func faults() {
        let error = #expect(throws: ConfigurationError.self) {
            try Assembly(Bad(), mode: .server, logger: quietLogger)
        }
        let text = error?.description ?? ""
        #expect(error?.faults.count == 6)
        for part in [
            "Nothing is listed twice", "two plugins are named \"one\"",
            "service name \"mailer\" is claimed by the app and by plugin one",
            "plugin two: no interval", "plugin two: no job", "plugin three: it broke",
        ] {
            #expect(text.contains(part))
        }
    }

    @Test("A value that nobody put there is an error that names it")
    func values() throws {
        var values = SharedValues()
        values.put(7)
        values.put("text")
        values.put(8)
        #expect(try values.value(of: Int.self) == 8)
        #expect(try values.value(of: String.self) == "text")
        let error = #expect(throws: ConfigurationError.self) { try values.value(of: Double.self) }
        #expect(error?.description.contains("Double") == true)
    }
}

@Suite("How a worker process runs")
struct ServerConfigurationTests {
    @Test("The defaults are valid")
    func defaults() throws {
        try ServerConfiguration().validate()
    }

    @Test("Every fault is in one error")
    func faults() {
        let configuration = ServerConfiguration(
            capsules: [
                CapsuleConfiguration(name: "a", concurrency: 0, queues: []),
                CapsuleConfiguration(name: "a", queues: [QueueWeight("")]),
                CapsuleConfiguration(name: "b", queues: (0...1_000).map { QueueWeight("\($0)") }),
            ],
            stopTimeout: .seconds(-1),
            lease: LeaseTiming(beat: .seconds(0), lease: .seconds(-1), rescue: .zero)
        )
        let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
        #expect(error?.faults.count == 9)
        #expect(throws: ConfigurationError.self) { try ServerConfiguration(capsules: []).validate() }
    }

    @Test("A lease shorter than three beats is refused")
    func shortLease() {
        let timing = LeaseTiming(beat: .seconds(3), lease: .seconds(8))
        #expect(throws: ConfigurationError.self) { try ServerConfiguration(lease: timing).validate() }
    }
}
