import Supervision
import Wingman
import WingmanCommandKit

/// One plugin, as `plugins` shows it.
struct PluginReport: Encodable {
    struct Service: Encodable {
        let name: String
        let restart: String
        let when: String
    }

    struct Option: Encodable {
        let name: String
        let type: String
        let standard: String?
        let value: String
        let from: String
        let help: String

        enum CodingKeys: String, CodingKey {
            case name
            case type
            case standard = "default"
            case value
            case from
            case help
        }
    }

    let order: Int
    let name: String
    let version: String?
    let help: String
    let from: String
    let module: String
    let optional: Bool
    let state: String
    /// Why it is off.
    let reason: String?
    let requires: [String]
    let after: [String]
    let conflicts: [String]
    let services: [Service]
    let jobs: [String]
    let schedules: [String]
    let commands: [String]
    /// Names of other kinds, and what has no name: middleware, handlers, checks.
    let additions: [String]
    let options: [Option]

    init(_ listing: PluginListing) {
        self.order = listing.order
        self.name = listing.name
        self.version = listing.descriptor.version
        self.help = listing.descriptor.help
        self.from = listing.origin.rawValue
        self.module = listing.module
        self.optional = listing.isOptional
        self.state = listing.isOn ? "on" : "off"
        self.reason = listing.offReason
        self.requires = listing.descriptor.requires
        self.after = listing.descriptor.after
        self.conflicts = listing.descriptor.conflicts
        self.services = listing.services.map {
            Service(name: $0.name, restart: $0.restart.rawValue, when: $0.when.rawValue)
        }
        self.jobs = listing.names(.job)
        self.schedules = listing.names(.schedule)
        self.commands = listing.names(.command)
        let named: [Claim.Kind] = [.service, .job, .schedule, .command]
        let others = listing.claims.filter { !named.contains($0.kind) }.map { "\($0.kind.rawValue) \($0.name)" }
        self.additions = others + listing.additions
        self.options = listing.options.map { option in
            Option(
                name: option.name,
                type: option.type,
                standard: option.standard,
                value: option.value,
                from: option.origin,
                help: option.help
            )
        }
    }

    /// What it adds, in a line: `services scheduler; commands cron`.
    var contents: String {
        let kinds = [
            ("services", self.services.map { $0.when == "always" ? $0.name : "\($0.name) (\($0.when))" }),
            ("jobs", self.jobs), ("schedules", self.schedules), ("commands", self.commands), ("", self.additions),
        ]
        let parts = kinds.filter { !$0.1.isEmpty }.map { kind, names in
            (kind.isEmpty ? "" : "\(kind) ") + names.joined(separator: ", ")
        }
        return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
    }

    /// The restart policies of its services, each once.
    var restarts: String {
        var policies: [String] = []
        for service in self.services where !policies.contains(service.restart) { policies.append(service.restart) }
        return policies.isEmpty ? "–" : policies.joined(separator: ", ")
    }

    /// All plugins, in a table.
    static func table(_ reports: [PluginReport]) -> [String] {
        guard !reports.isEmpty else { return ["no plugins"] }
        var table = TextTable(["order", "plugin", "version", "from", "state", "restart", "adds"])
        for report in reports {
            table.add([
                "\(report.order)", report.name, report.version ?? "–", "\(report.from) (\(report.module))",
                report.state, report.restarts, report.contents,
            ])
        }
        return table.lines + reports.compactMap { report in report.reason.map { "\(report.name) is off: \($0)" } }
    }

    /// All about it, with the table of its options.
    var lines: [String] {
        let facts: [(String, String)] = [
            ("", self.help), ("from", "\(self.from) (\(self.module))"),
            ("state", self.reason.map { "off: \($0)" } ?? "on"),
            ("requires", self.requires.joined(separator: ", ")), ("after", self.after.joined(separator: ", ")),
            ("conflicts with", self.conflicts.joined(separator: ", ")), ("adds", self.contents),
        ]
        let title = [self.name, self.version].compactMap { $0 }.joined(separator: " ")
        let heading = [title] + facts.filter { !$0.1.isEmpty }.map { $0.0.isEmpty ? $0.1 : "\($0.0): \($0.1)" }
        guard !self.options.isEmpty else { return heading + ["options: none"] }
        var table = TextTable(["option", "type", "default", "value", "from", "help"])
        for option in self.options {
            table.add([option.name, option.type, option.standard ?? "–", option.value, option.from, option.help])
        }
        return heading + [""] + table.lines
    }
}

/// The list as a graph, for Graphviz: what stands before what.
struct PluginGraph {
    let reports: [PluginReport]

    /// The text for `dot`.
    var lines: [String] {
        let names = Set(self.reports.map(\.name))
        let nodes = self.reports.map { report in
            "    \"\(report.name)\" [label=\"\(report.order) \(report.name)\"\(report.state == "off" ? ", style=dashed" : "")];"
        }
        let edges = self.reports.flatMap { report in
            report.requires.filter(names.contains).map { "    \"\(report.name)\" -> \"\($0)\" [label=requires];" }
                + report.after.filter(names.contains).map {
                    "    \"\(report.name)\" -> \"\($0)\" [label=after, style=dashed];"
                }
        }
        return ["digraph plugins {", "    rankdir=BT;"] + nodes + edges + ["}"]
    }
}
