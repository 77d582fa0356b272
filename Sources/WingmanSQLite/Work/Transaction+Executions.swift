internal import GRDB
internal import Wingman

/// Figures of job classes, by the minute in which their beat came.
extension Transaction {
    // Sidekiq's: minutes are kept for eight hours.
    private static var minutesKept: Int { 8 * 60 }
    /// Buckets hold 16 bits, as Sidekiq's do on Redis.
    private static var fullBucket: Int { 65_535 }

    private var minute: Int { self.now.wholeSeconds / 60 }

    func count(_ executions: [ExecutionMetric]) throws {
        guard !executions.isEmpty else { return }
        try self.database.run("DELETE FROM executions WHERE minute < ?", self.minute - Self.minutesKept)
        for metric in executions {
            var sum = metric
            if let known = try self.executions(of: metric.jobClass) { sum.add(known, fullBucket: Self.fullBucket) }
            try self.database.run(
                """
                INSERT OR REPLACE INTO executions (minute, class, processed, failed, milliseconds, histogram)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                self.minute,
                metric.jobClass,
                sum.processed,
                sum.failed,
                sum.milliseconds,
                sum.histogram.map(String.init).joined(separator: " ")
            )
        }
    }

    private func executions(of jobClass: String) throws -> ExecutionMetric? {
        try self.database.row(
            "SELECT class, processed, failed, milliseconds, histogram FROM executions WHERE minute = ? AND class = ?",
            self.minute,
            jobClass,
            read: ExecutionMetric.init
        )
    }

    /// Sums by class, over whole minutes and the current one.
    func executions(lastMinutes minutes: Int) throws -> [ExecutionMetric] {
        let rows = try self.database.rows(
            """
            SELECT class, processed, failed, milliseconds, histogram FROM executions
            WHERE minute BETWEEN ? AND ? ORDER BY class, minute
            """,
            self.minute - min(max(minutes, 0), Self.minutesKept),
            self.minute,
            read: ExecutionMetric.init
        )
        var sums: [ExecutionMetric] = []
        for row in rows {
            if sums.last?.jobClass == row.jobClass {
                sums[sums.count - 1].add(row)
            } else {
                sums.append(row)
            }
        }
        return sums
    }
}

extension ExecutionMetric {
    fileprivate init(_ row: PreparedStatement) {
        self.init(
            jobClass: row.text(0),
            processed: row.int(1),
            failed: row.int(2),
            milliseconds: row.int(3),
            histogram: row.text(4).split(separator: " ").map { Int($0) ?? 0 }
        )
    }

    /// Sums stop at the largest number instead of overflowing: they are data from outside.
    fileprivate mutating func add(_ other: ExecutionMetric, fullBucket: Int = .max) {
        self.processed = Self.sum(self.processed, other.processed)
        self.failed = Self.sum(self.failed, other.failed)
        self.milliseconds = Self.sum(self.milliseconds, other.milliseconds)
        while self.histogram.count < other.histogram.count { self.histogram.append(0) }
        for (bucket, count) in other.histogram.enumerated() {
            self.histogram[bucket] = min(Self.sum(self.histogram[bucket], count), fullBucket)
        }
    }

    private static func sum(_ one: Int, _ other: Int) -> Int {
        let (sum, overflows) = one.addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
