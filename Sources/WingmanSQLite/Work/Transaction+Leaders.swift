internal import GRDB
internal import Wingman

/// Leadership of roles, under terms that only grow.
extension Transaction {
    private struct Leader {
        let term: Int
        let process: String?
        let until: Int
    }

    private func leader(of role: String) throws -> Leader? {
        try self.database.row(
            "SELECT term, process, until FROM leaders WHERE role = ?",
            role
        ) { Leader(term: $0.int(0), process: $0.isNull(1) ? nil : $0.text(1), until: $0.int(2)) }
    }

    /// - Returns: The term while `process` leads, nil while another does.
    func lead(_ role: String, _ process: ProcessID, for duration: Duration) throws -> Int? {
        let now = self.now.milliseconds
        let lasts = max(1, duration.wholeMilliseconds)
        let known = try self.leader(of: role)
        if let known, let leader = known.process, known.until > now {
            guard leader == process.rawValue else { return nil }
            try self.database.run("UPDATE leaders SET until = ? WHERE role = ?", now + lasts, role)
            return known.term
        }
        let term = (known?.term ?? 0) + 1
        try self.database.run(
            "INSERT OR REPLACE INTO leaders (role, term, process, until) VALUES (?, ?, ?, ?)",
            role,
            term,
            process.rawValue,
            now + lasts
        )
        return term
    }

    /// Ends this very term; a late request of an earlier one ends nothing.
    func resign(_ role: String, _ process: ProcessID, term: Int) throws {
        try self.database.run(
            "UPDATE leaders SET process = NULL, until = 0 WHERE role = ? AND process = ? AND term = ?",
            role,
            process.rawValue,
            term
        )
    }
}
