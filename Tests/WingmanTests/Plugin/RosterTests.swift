import Supervision
import Testing

@testable import Wingman

/// A plugin as a test wants it.
private struct Sample: Plugin {
    var name: String
    var descriptor = PluginDescriptor()
    var adds: @Sendable (inout PluginHost) throws -> Void = { _ in }

    func configure(_ host: inout PluginHost) throws { try self.adds(&host) }
}

private struct Idle: Wingman.Service {
    func run() async throws { await untilStopped() }
}

private struct Renamed: Job {
    static let name = "Renamed"
    static let aliases = ["Old"]
    func perform(_ context: JobContext) async throws {}
}

private struct App: WingmanApp {
    var list = PluginList()
    var jobs: JobList { Nothing.self }
    var plugins: PluginList { self.list }

    init() {}

    init(_ plugins: [any Plugin]) {
        self.list = PluginList(lines: plugins.map { PluginList.Line(plugin: $0) })
    }

    init(@PluginListBuilder _ list: () -> PluginList) {
        self.list = list()
    }
}

@Suite("The list of plugins of a program")
struct RosterTests {
    private static func read(
        _ app: App,
        options: [any OptionSource] = [],
        commands: CommandNames = CommandNames()
    ) throws -> Assembly {
        try Assembly(app, mode: .server, logger: quietLogger, options: options, commands: commands)
    }

    private static func faults(_ app: App, options: [any OptionSource] = []) -> [String] {
        do {
            _ = try Self.read(app, options: options)
            return []
        } catch {
            return (error as? ConfigurationError)?.faults ?? ["\(error)"]
        }
    }

    @Test("may be empty")
    func empty() throws {
        let assembly = try Self.read(App())
        #expect(assembly.listings.isEmpty)
        #expect(!assembly.hasPluginTree)
    }

    @Test("keeps the order of a hundred plugins, and of their services")
    func hundred() throws {
        let names = (0..<100).map { "plugin-\($0)" }.shuffled()
        let assembly = try Self.read(
            App(names.map { name in Sample(name: name) { $0.add(ServiceDeclaration("service-\(name)") { Idle() }) } })
        )
        #expect(assembly.listings.map(\.name) == names)
        #expect(assembly.listings.map(\.order) == Array(1...100))
        #expect(assembly.pluginServices.map(\.plugin) == names)
        #expect(assembly.pluginServices.map(\.service.name) == names.map { "service-\($0)" })
    }

    @Test("loses with a line all that the plugin added, and nothing else")
    func removal() throws {
        let plugins = ["a", "b", "c"].map { name in
            Sample(name: name) { host in
                host.add(ServiceDeclaration("service-\(name)") { Idle() })
                host.claim(.schedule, "nightly-\(name)")
                host.on(.beat) { _ in }
                host.check("well") { _ in .healthy }
                if name == "b" { host.add(Renamed.self) }
            }
        }
        let all = try Self.read(App(plugins))
        #expect(all.jobNames == ["Nothing", "Old", "Renamed"])
        let rest = try Self.read(App([plugins[0], plugins[2]]))
        #expect(rest.jobNames == ["Nothing"])
        #expect(rest.serviceNames == ["service-a", "service-c"])
        #expect(rest.handlers.map(\.owner) == ["a", "c"])
        #expect(rest.checks.map(\.plugin) == ["a", "c"])
        #expect(rest.listings.flatMap { $0.names(.schedule) } == ["nightly-a", "nightly-c"])
    }

    @Test("says of each plugin what it adds and where it is from")
    func listing() throws {
        let descriptor = PluginDescriptor(version: "1.2", help: "samples", options: [Self.size.inCode(3)])
        let plugin = Sample(name: "sample", descriptor: descriptor) { host in
            host.add(ServiceDeclaration("office", restart: .transient, when: .leader) { Idle() })
            host.add(Renamed.self)
            host.claim(.schedule, "nightly")
            host.on(.quiet) { _ in }
            host.check("well") { _ in .healthy }
        }
        let commands = CommandNames(own: ["run"]) { $0.name == "sample" ? ["samples"] : [] }
        let listing = try #require(try Self.read(App([plugin]), commands: commands).listings.first)
        #expect(listing.origin == .app)
        #expect(listing.module == "WingmanTests")
        #expect(listing.names(.service) == ["office"])
        #expect(listing.names(.job) == ["Renamed", "Old"])
        #expect(listing.names(.schedule) == ["nightly"])
        #expect(listing.names(.command) == ["samples"])
        #expect(listing.additions == ["on quiet", "health check well"])
        #expect(listing.options.map(\.value) == ["3"])
        #expect(PluginOrigin.of(module: "WingmanScheduler", app: "Demo") == .builtIn)
        #expect(PluginOrigin.of(module: "Audit", app: "Demo") == .thirdParty)
    }

    private static let size = PluginOption("size", default: 1, help: "how large")

    @Test("tells names that two claim: services, jobs, schedules, and those of the program itself")
    func claims() {
        let one = Sample(name: "one") { host in
            host.add(ServiceDeclaration("office") { Idle() })
            host.add(ServiceDeclaration("heartbeat") { Idle() })
            host.add(Renamed.self)
            host.claim(.schedule, "nightly")
        }
        let two = Sample(name: "two") { host in
            host.add(ServiceDeclaration("office") { Idle() })
            host.add(Renamed.self)
            host.add(Nothing.self)
            host.claim(.schedule, "nightly")
            host.claim(.schedule, "nightly")
        }
        #expect(
            Self.faults(App([one, two])) == [
                "service name \"heartbeat\" is claimed by the program itself and by plugin one: rename one of them",
                "service name \"office\" is claimed by plugin one and by plugin two: rename one of them",
                "schedule name \"nightly\" is claimed by plugin one and by plugin two: rename one of them",
                "plugin two has two of the schedule name \"nightly\": rename one of them",
                "job name \"Nothing\" is claimed by the app and by plugin two: rename one of them",
                "job name \"Old\" is claimed by plugin one and by plugin two: rename one of them",
                "job name \"Renamed\" is claimed by plugin one and by plugin two: rename one of them",
            ]
        )
    }

    @Test("tells faults of lists, options, sources and plugins in one error")
    func oneError() {
        let plugins = [
            Sample(name: "late", descriptor: PluginDescriptor(after: ["early"])),
            Sample(name: "early", descriptor: PluginDescriptor(options: [Self.size.inCode(nil)])),
            Sample(name: "broken") { _ in throw ConfigurationError(["no relay", "no port"]) },
            Sample(name: "torn") { _ in throw Breakage() },
        ]
        let source = SampleSource("file", ["size": .text("big"), "unknown": .flag(true)])
        #expect(
            Self.faults(App(plugins), options: [source]) == [
                "plugin late must stand behind plugin early: move the line of late below that of early",
                "plugin early: file:size must be a whole number",
                "plugin broken: no relay",
                "plugin broken: no port",
                "plugin torn: it broke",
                "file: unknown",
            ]
        )
    }

    @Test("leaves an optional plugin off that cannot be configured, with the reason, and what requires it, too")
    func optional() throws {
        let assembly = try Self.read(
            App {
                Sample(name: "broken") { host in
                    host.add(ServiceDeclaration("never") { Idle() })
                    throw ConfigurationError(["no relay", "no port"])
                }
                .optional()
                Sample(name: "dependent", descriptor: PluginDescriptor(requires: ["broken"])).optional()
                Sample(name: "well") { $0.add(ServiceDeclaration("on") { Idle() }) }.optional()
            }
        )
        #expect(assembly.plugins.map(\.name) == ["well"])
        #expect(assembly.serviceNames == ["on"])
        #expect(
            assembly.listings.map(\.offReason) == [
                "no relay; no port", "it requires plugin broken, which is off: no relay; no port", nil,
            ]
        )
    }

    @Test("refuses to start if what is off is required by a plugin that is not optional")
    func requiredOff() {
        let app = App {
            Sample(name: "broken") { _ in throw Breakage() }.optional()
            Sample(name: "dependent", descriptor: PluginDescriptor(requires: ["broken"]))
        }
        #expect(
            Self.faults(app) == ["plugin dependent: it requires plugin broken, which is off: it broke"]
        )
    }
}
