import Wingman

/// The processes that share one list, and how their services fare, as their last beats say: seconds ago.
struct Fleet: Sendable {
    private struct Member: Sendable {
        let process: ProcessID
        let isQuiet: Bool
        let services: [String: String]
    }

    private let members: [Member]

    /// - Parameters:
    ///   - reports: All processes of the store. What they say comes from outside: what cannot be read has no services.
    ///   - list: The list. Programs with others are nothing to us.
    init(_ reports: [ProcessReport], of list: String) {
        let mark = ControlService.name(of: list)
        self.members = reports.compactMap { report in
            let info = try? JSONObjectView(Array(report.info.utf8))
            guard let view = info?.value(of: "services").flatMap({ try? JSONObjectView(Array($0)) }),
                view.value(of: mark) != nil
            else { return nil }
            let services = view.names.map { ($0, view.string($0) ?? "") }
            return Member(
                process: report.process,
                isQuiet: report.isQuiet,
                services: Dictionary(services) { _, last in last }
            )
        }
    }

    /// Those that are there, the quiet ones included.
    var processes: [ProcessID] { self.members.map(\.process) }

    /// Whether a process that takes messages has a service of this name, however it fares.
    func has(_ client: String) -> Bool {
        self.members.contains { !$0.isQuiet && $0.services[client] != nil }
    }

    /// Whether another process that takes messages has the service, and it is not given up there.
    func serves(_ client: String, besides process: ProcessID?) -> Bool {
        self.members.contains { member in
            member.process != process && !member.isQuiet
                && member.services[client].map { Self.living.contains($0) } ?? false
        }
    }

    /// States of services that run, or will before long, as beats call them.
    private static let living: Set<String> = ["running", "starting", "restarting"]
}
