/// What the service manager was told, and what it is to be told next. A plain value: no socket, no clock.
struct ManagerNotes: Sendable, Equatable {
    private var isReady = false
    private var isStopping = false
    private var status = ""

    /// What is new about the tree, as assignments of sd_notify(3).
    ///
    /// - Parameters:
    ///   - tree: The whole tree as it is now.
    ///   - isBeat: The watchdog wants a sign of life, and the supervisor has just given one. It is passed on unless
    ///     something that the program cannot do without is down; while the tree starts or stops that is as it should be.
    mutating func lines(for tree: TreeNode, isBeat: Bool) -> [String] {
        var lines: [String] = []
        let isWell = tree.state == .running && tree.health != .notReady
        if !self.isReady, isWell {
            self.isReady = true
            lines.append("READY=1")
        }
        if !self.isStopping, tree.state == .stopping || tree.state == .finished {
            self.isStopping = true
            lines.append("STOPPING=1")
        }
        let status = tree.status
        if status != self.status {
            self.status = status
            lines.append("STATUS=\(status)")
        }
        if isBeat, isWell || !self.isReady || self.isStopping { lines.append("WATCHDOG=1") }
        return lines
    }
}

extension TreeNode {
    private static let longestList = 3

    /// One line for people: `running, degraded: plugins/mailer parked`.
    var status: String {
        var status = self.state.rawValue
        if self.isQuiet, self.state == .running { status = "quiet" }
        let ailing = self.ailing
        guard self.state == .running, !ailing.isEmpty else { return status }
        let health = self.health == .notReady ? "not ready" : "degraded"
        let names = ailing.prefix(Self.longestList).map { node in
            let name = node.path.dropFirst(self.path.count + 1)
            return "\(name) \(node.state == .running ? "abandoned" : node.state.rawValue)"
        }
        let rest = ailing.count - names.count
        let list = names.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        // A line end would begin another assignment.
        return String("\(status), \(health): \(list)".map { $0.isNewline ? " " : $0 })
    }

    /// The nodes that keep this one from being healthy, supervisors only where none of their children is to blame.
    private var ailing: [TreeNode] {
        self.children.flatMap { child in
            guard child.health != .healthy else { return [TreeNode]() }
            let inner = child.ailing
            return inner.isEmpty ? [child] : inner
        }
    }
}
