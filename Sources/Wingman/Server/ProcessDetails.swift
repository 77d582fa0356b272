import Supervision

/// What a process tells of itself with each beat beside its jobs: how its services fare, and what is wrong. `status` and
/// `plugins --running` show it.
struct ProcessDetails: Sendable {
    /// In characters: a beat is sent every three seconds and stays small.
    private static let longestReason = 200

    let services: [String]
    let figures: [PluginFigure]
    let health: HealthBoard
    let server: ServerBox

    init(_ assembly: Assembly, health: HealthBoard, server: ServerBox) {
        self.services = (assembly.appServices + assembly.pluginServices.map(\.service)).map(\.name)
        self.figures = assembly.figures
        self.health = health
        self.server = server
    }

    /// Adds the members `services`, `health`, `troubles` and `figures` to a process's `info`.
    func add(to info: inout JSONObjectWriter) {
        let nodes = self.server.server.map { Self.services(below: $0.treeSnapshot) } ?? [:]
        Self.add("services", to: &info, self.services.map { ($0, nodes[$0]?.state.word ?? "ended") })
        let complaints = self.health.reports.filter { $0.health != .healthy }
        Self.add(
            "health",
            to: &info,
            complaints.map { ("\($0.plugin)/\($0.check)", "\($0.health.word): \($0.health.reason ?? "")") }
        )
        let troubles = self.services.compactMap { name in nodes[name]?.trouble.map { (name, $0) } }
        Self.add("troubles", to: &info, troubles)
        Self.add("figures", to: &info, self.figures.compactMap { figure in figure.body().map { (figure.name, $0) } })
    }

    private static func add(_ name: String, to info: inout JSONObjectWriter, _ members: [(String, String)]) {
        info.member(name) { body in
            body.object { object in
                for (name, text) in members {
                    object.member(name) { $0.string(String(text.prefix(Self.longestReason))) }
                }
            }
        }
    }

    /// Names of services are unique in the tree.
    private static func services(below node: TreeNode) -> [String: TreeNode] {
        var found: [String: TreeNode] = [:]
        var left = [node]
        while let node = left.popLast() {
            if node.kind == .service { found[node.name] = node }
            left += node.children
        }
        return found
    }
}

extension TreeNode.State {
    /// As commands show it.
    fileprivate var word: String {
        switch self {
        case .finished, .failed, .pending: "ended"
        case .blocked: "restarting"
        case .starting, .running, .stopping, .restarting, .parked, .standby: self.rawValue
        }
    }
}

extension TreeNode {
    /// What is wrong with a service, and why, in one line; nil if nothing is.
    var trouble: String? {
        let why = self.lastError.map { ": \($0.prefix { !$0.isNewline })" } ?? ""
        let often = self.restarts == 0 ? "" : " after \(self.restarts) restart\(self.restarts == 1 ? "" : "s")"
        switch self.state {
        case .parked, .restarting, .failed: return "\(self.state.rawValue)\(often)\(why)"
        case .blocked: return "waits for an abandoned incarnation to end\(often)\(why)"
        case .starting: return "starting, not ready yet\(often)\(why)"
        case .stopping: return "stopping, not ended yet\(often)\(why)"
        case .running where self.abandoned > 0:
            return "runs, and so do \(self.abandoned) abandoned before it\(often)\(why)"
        case .running, .pending, .standby, .finished: return nil
        }
    }
}
