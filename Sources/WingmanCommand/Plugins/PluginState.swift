import Wingman
import WingmanCommandKit

/// How one service of a plugin fares in one process, as its beats say.
struct PluginState: Encodable {
    let process: String
    let plugin: String
    let service: String
    let state: String
    /// What the plugin's own checks complain of.
    let health: [String]

    /// What a process tells of the services of plugins. It comes from outside: what cannot be read is left out.
    static func read(_ process: ProcessReport, of plugins: [PluginReport]) -> [PluginState] {
        guard let info = try? JSONObjectView(Array(process.info.utf8)) else { return [] }
        let services = info.value(of: "services").flatMap { try? JSONObjectView(Array($0)) }
        let health = info.value(of: "health").flatMap { try? JSONObjectView(Array($0)) }
        return plugins.flatMap { plugin in
            let complaints = (health?.names ?? []).filter { $0.hasPrefix("\(plugin.name)/") }.compactMap { check in
                health?.string(check).map { "\(check.dropFirst(plugin.name.count + 1)) \($0)" }
            }
            return plugin.services.map { service in
                PluginState(
                    process: process.process.rawValue,
                    plugin: plugin.name,
                    service: service.name,
                    state: services?.string(service.name) ?? "unknown",
                    health: complaints
                )
            }
        }
    }

    static func table(_ states: [PluginState]) -> [String] {
        guard !states.isEmpty else { return ["no process runs on this store"] }
        var table = TextTable(["process", "plugin", "service", "state", "health"])
        for state in states {
            table.add([
                state.process, state.plugin, state.service, state.state,
                state.health.isEmpty ? "–" : state.health.joined(separator: "; "),
            ])
        }
        return table.lines
    }
}
