import WingmanCommandKit

/// Statistics for people.
enum StatisticsText {
    static func lines(_ statistics: OrchestratorStatistics, of process: String) -> [String] {
        let roles = [statistics.isRouter ? "routes" : nil, statistics.isQuiet ? "quiet" : nil].compactMap(\.self)
        let heading = [Output.printable(process)] + roles
        let dead = statistics.deadLetters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let facts = [
            "routed \(statistics.routed)", "came again \(statistics.redelivered)",
            "leases lost \(statistics.lostLeases)",
            "dead letters \(dead.isEmpty ? "none" : dead.joined(separator: ", "))",
        ]
        let rows = statistics.clients.filter { Self.isShown($0.value) }.sorted { $0.key < $1.key }.map { name, client in
            [
                name, client.lanes ?? "-", Self.state(of: client), "\(client.accepted)", "\(client.inFlight)",
            ] + Self.outcomes.map { "\(client.handled[$0] ?? 0)" } + ["\(Self.others(client))"]
        }
        return [heading.joined(separator: ", "), "list \(statistics.list): \(facts.joined(separator: "; "))"]
            + TextTable(["CLIENT", "LANES", "STATE", "ACCEPTED", "IN FLIGHT"] + Self.titles, rows: rows).lines
    }

    /// A service that runs and has no lanes takes no messages.
    private static func isShown(_ client: OrchestratorStatistics.Client) -> Bool {
        client.lanes != nil || client.service != "running" || client.accepted > 0
    }

    private static let outcomes = ["done", "retried", "dead", "given_back"]
    private static let titles = ["DONE", "RETRIED", "DEAD", "GIVEN BACK", "OTHER"]

    /// Answered from what was kept of their idempotency key, put off for it, or lost with a lease.
    private static func others(_ client: OrchestratorStatistics.Client) -> Int {
        client.handled.filter { !Self.outcomes.contains($0.key) }.values.reduce(0, +)
    }

    private static func state(of client: OrchestratorStatistics.Client) -> String {
        let marks = [client.isPaused ? "paused" : nil, client.isOwner ? nil : "elsewhere"].compactMap(\.self)
        return ([client.service] + marks).joined(separator: ", ")
    }
}
