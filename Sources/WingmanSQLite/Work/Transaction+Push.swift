internal import Wingman

/// Pushes: whole or nothing.
extension Transaction {
    func push(_ jobs: [PushedJob]) throws {
        for job in jobs { try Self.check(job) }
        var queues: [(name: String, payloads: [[UInt8]])] = []
        var positions: [String: Int] = [:]
        for job in jobs {
            if let runAt = job.runAt {
                try self.add(job.payload, to: .schedule, at: runAt)
                continue
            }
            if let position = positions[job.queue] {
                queues[position].payloads.append(job.payload)
            } else {
                positions[job.queue] = queues.count
                queues.append((job.queue, [job.payload]))
            }
        }
        for queue in queues {
            try self.append(queue.payloads, to: Source.queue(queue.name).key, isQueue: true)
        }
    }

    /// What cannot be pushed is refused before anything is written.
    static func check(_ job: PushedJob) throws(StoreError) {
        guard let runAt = job.runAt, !runAt.isFinite else { return }
        throw StoreError(.unexpected, "a job's time is \(runAt); give seconds since 1970")
    }

    /// Pushes a recurring job if its occurrence is due and nobody pushed it yet.
    func tick(_ tick: RecurringTick) throws -> RecurringReply {
        try Self.check(tick.job)
        let record = try self.database.row(
            "SELECT specification, next FROM recurring WHERE id = ?",
            tick.id
        ) { (specification: $0.text(0), next: $0.int(1)) }
        // New, or changed: starts with the occurrence after the expected one. The call that records it never pushes.
        guard let record, record.specification == tick.specification else {
            try self.database.run(
                "INSERT OR REPLACE INTO recurring (id, specification, next) VALUES (?, ?, ?)",
                tick.id,
                tick.specification,
                tick.following
            )
            return .waiting(next: tick.following, now: self.now.milliseconds)
        }
        guard tick.expected == record.next, self.now.milliseconds >= record.next else {
            return .waiting(next: record.next, now: self.now.milliseconds)
        }
        try self.push([tick.job])
        try self.database.run(
            "UPDATE recurring SET next = ?, last = ? WHERE id = ?",
            tick.following,
            record.next,
            tick.id
        )
        return .pushed
    }
}
