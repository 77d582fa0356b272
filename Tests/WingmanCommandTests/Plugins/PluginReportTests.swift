import Foundation
import Logging
import Testing
import Wingman

@testable import WingmanCommand

@Suite("What the command `plugins` shows")
struct PluginReportTests {
    struct Idle: Wingman.Service {
        func run() async throws { await untilStopped() }
    }

    struct Relay: Plugin {
        static let host = PluginOption("host", default: "localhost", help: "where to")
        static let token = PluginOption<String>("token", help: "the key", isSecret: true)
        let name = "relay"
        var descriptor: PluginDescriptor {
            PluginDescriptor(
                version: "1.2.0",
                help: "Passes things on.",
                options: [Self.host.inCode(nil), Self.token.inCode("sesame")]
            )
        }
        func configure(_ host: inout PluginHost) throws {
            host.add(ServiceDeclaration("relay", when: .leader) { Idle() })
            host.claim(.schedule, "nightly")
            host.on(.quiet) { _ in }
        }
    }

    struct Broken: Plugin {
        let name = "broken"
        var descriptor: PluginDescriptor { PluginDescriptor(requires: ["relay"]) }
        func configure(_ host: inout PluginHost) throws { throw ConfigurationError(["no port"]) }
    }

    struct App: WingmanApp {
        var jobs: JobList { JobList() }
        var services: ServiceList { Supervise("mailer") { Idle() } }
        var plugins: PluginList {
            Relay()
            Broken().optional()
        }
    }

    private static func reports() throws -> [PluginReport] {
        let program = Program.read(App.self, mode: .client, logger: Logger(label: "test"))
        return try program.assembly.get().listings.map { PluginReport($0) }
    }

    @Test("is a table in the order of the list, and why one is off")
    func table() throws {
        #expect(
            PluginReport.table(try Self.reports()) == [
                "order  plugin  version  from                       state  restart    adds",
                "    1  relay   1.2.0    app (WingmanCommandTests)  on     permanent  services relay (leader); "
                    + "schedules nightly; on quiet",
                "    2  broken  –        app (WingmanCommandTests)  off    –          nothing",
                "broken is off: no port",
            ]
        )
        #expect(PluginReport.table([]) == ["no plugins"])
    }

    @Test("is, of one, all about it and the table of its options, without secrets")
    func one() throws {
        let lines = try #require(try Self.reports().first).lines
        #expect(
            lines == [
                "relay 1.2.0", "Passes things on.", "from: app (WingmanCommandTests)", "state: on",
                "adds: services relay (leader); schedules nightly; on quiet", "",
                "option  type  default    value      from     help",
                "host    text  localhost  localhost  default  where to",
                "token   text  –          (secret)   code     the key",
            ]
        )
    }

    @Test("is JSON without secrets")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(try Self.reports()), as: UTF8.self)
        #expect(!text.contains("sesame"))
        #expect(text.contains(#""services":[{"name":"relay","restart":"permanent","when":"leader"}]"#))
        #expect(text.contains(#""reason":"no port""#))
    }

    @Test("is a graph of who requires whom")
    func graph() throws {
        #expect(
            PluginGraph(reports: try Self.reports()).lines == [
                "digraph plugins {", "    rankdir=BT;", "    \"relay\" [label=\"1 relay\"];",
                "    \"broken\" [label=\"2 broken\", style=dashed];",
                "    \"broken\" -> \"relay\" [label=requires];", "}",
            ]
        )
    }

    @Test("is, of running processes, how each service fares and what its checks complain of, whatever they wrote")
    func states() throws {
        let info = #"{"services":{"relay":"parked","mailer":"running"},"health":{"relay/port":"unhealthy: closed","other/x":"?"}}"#
        let process = ProcessReport(process: ProcessID(rawValue: "host:1:a"), info: info, busy: 0, isQuiet: false, beatAt: 0)
        let states = PluginState.read(process, of: try Self.reports())
        #expect(
            PluginState.table(states) == [
                "process   plugin  service  state   health",
                "host:1:a  relay   relay    parked  port unhealthy: closed",
            ]
        )
        for info in ["", "[]", "{}", #"{"services":7,"health":[]}"#] {
            let process = ProcessReport(process: process.process, info: info, busy: 0, isQuiet: false, beatAt: 0)
            #expect(PluginState.read(process, of: try Self.reports()).allSatisfy { $0.state == "unknown" })
        }
        #expect(PluginState.table([]) == ["no process runs on this store"])
    }

    @Test("stands in the plan of `check` and `tree` in the order of the start")
    func plan() throws {
        let program = Program.read(App.self, mode: .client, logger: Logger(label: "test"))
        let report = CheckReport(try program.assembly.get())
        #expect(report.plugins == ["relay"])
        #expect(report.off == ["broken": "no port"])
        #expect(
            report.tree.lines().suffix(2) == [
                "└── plugins  (parks what keeps failing)", "    └── relay  (permanent, leader, plugin relay)",
            ]
        )
    }
}
