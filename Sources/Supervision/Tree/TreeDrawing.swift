extension TreeNode {
    /// The tree as lines, one a node:
    ///
    /// ```
    /// wingman                  running 3m12s   one-for-one, escalates
    /// ├── store                running 3m12s
    /// └── plugins              running 3m11s   one-for-one, parks what keeps failing
    ///     └── mailer           restarting in 0.4s   incarnation 3, 2 restarts   last error: threw refused
    /// ```
    public var text: String {
        let rows = self.rows(prefix: "", childPrefix: "")
        let width = rows.map(\.drawing.count).max() ?? 0
        return rows.map { row in
            row.drawing + String(repeating: " ", count: width - row.drawing.count + 2) + row.details
        }.joined(separator: "\n")
    }

    private func rows(prefix: String, childPrefix: String) -> [(drawing: String, details: String)] {
        var rows = [(drawing: prefix + self.name, details: self.details)]
        for (index, child) in self.children.enumerated() {
            let isLast = index == self.children.count - 1
            rows += child.rows(
                prefix: childPrefix + (isLast ? "└── " : "├── "),
                childPrefix: childPrefix + (isLast ? "    " : "│   ")
            )
        }
        return rows
    }

    private var details: String {
        var parts = [self.progress]
        let policy = [self.strategy, self.giveUp].compactMap(\.self).joined(separator: ", ")
        if !policy.isEmpty { parts.append(policy) }
        if self.isQuiet, self.kind == .supervisor { parts.append("quiet") }
        if self.restarts > 0 {
            parts.append("incarnation \(self.generation), \(self.restarts) restart\(self.restarts == 1 ? "" : "s")")
        }
        if let term = self.term { parts.append("leader, term \(term)") }
        if let depth = self.mailboxDepth { parts.append("\(depth) message\(depth == 1 ? "" : "s")") }
        if self.abandoned > 0 { parts.append("\(self.abandoned) abandoned") }
        if let error = self.lastError { parts.append("last error: \(Self.oneLine(error))") }
        return parts.joined(separator: "   ")
    }

    private var progress: String {
        switch self.state {
        case .running: "running \(Self.spell(self.uptimeSeconds ?? 0))"
        case .restarting: "restarting" + (self.nextAttemptSeconds.map { " in \(Self.spell($0))" } ?? "")
        case .parked: "parked" + (self.nextAttemptSeconds.map { ", next try in \(Self.spell($0))" } ?? " until resumed")
        case .pending, .starting, .stopping, .blocked, .standby, .finished, .failed: self.state.rawValue
        }
    }

    /// An error's first line, and not all of a long one: it stands in a table.
    private static func oneLine(_ text: String) -> String {
        let line = text.prefix { !$0.isNewline }
        return line.count > 120 ? "\(line.prefix(119))…" : String(line)
    }

    /// Seconds as people say them: 0.4s, 12s, 3m12s, 5h02m, 3d04h.
    static func spell(_ seconds: Double) -> String {
        guard seconds >= 10 else { return "\((Swift.max(0, seconds) * 10).rounded() / 10)s" }
        guard seconds < 1e9 else { return "years" }
        let whole = Int(seconds)
        switch whole {
        case ..<60: return "\(whole)s"
        case ..<3_600: return "\(whole / 60)m\(Self.twoDigits(whole % 60))s"
        case ..<86_400: return "\(whole / 3_600)h\(Self.twoDigits(whole / 60 % 60))m"
        default: return "\(whole / 86_400)d\(Self.twoDigits(whole / 3_600 % 24))h"
        }
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
