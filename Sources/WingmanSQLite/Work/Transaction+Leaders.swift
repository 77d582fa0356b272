internal import GRDB
internal import Wingman

/// Leadership of roles, under terms that only grow.
extension Transaction {
    private struct Leader {
        let term: Int
        let process: String?
        let until: Int
        let granted: Int
    }

    private func leader(of role: String) throws -> Leader? {
        try self.database.row(
            "SELECT term, process, until, granted FROM leaders WHERE role = ?",
            role
        ) {
            Leader(term: $0.int(0), process: $0.isNull(1) ? nil : $0.text(1), until: $0.int(2), granted: $0.int(3))
        }
    }

    /// - Returns: The term while `process` leads, nil while another does.
    func lead(_ role: String, _ process: ProcessID, for duration: Duration) throws -> Int? {
        let now = self.now.milliseconds
        let lasts = max(1, duration.wholeMilliseconds)
        let known = try self.leader(of: role)
        if let known, let leader = known.process, known.until > now {
            guard leader == process.rawValue else {
                // A clock that was set back keeps no dead leader in office: nobody leads for longer than was granted.
                let until = min(known.until, now + known.granted)
                if until < known.until {
                    try self.database.run("UPDATE leaders SET until = ? WHERE role = ?", until, role)
                }
                return nil
            }
            try self.database.run(
                "UPDATE leaders SET until = ?, granted = ? WHERE role = ?",
                now + lasts,
                lasts,
                role
            )
            return known.term
        }
        let term = (known?.term ?? 0) + 1
        try self.database.run(
            "INSERT OR REPLACE INTO leaders (role, term, process, until, granted) VALUES (?, ?, ?, ?, ?)",
            role,
            term,
            process.rawValue,
            now + lasts,
            lasts
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
