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
            if let last = queues.indices.last, queues[last].name == job.queue {
                queues[last].payloads.append(job.payload)  // mostly they are alike
            } else if let position = positions[job.queue] {
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
}
