internal import DequeModule
internal import Wingman

/// How much is where, and what was done.
extension MemoryState {
    func counts() -> StoreCounts {
        func size(_ place: OrderedPlace) -> Int { self.ordered[place, default: []].count }
        func due(_ place: OrderedPlace) -> Int { self.ordered[place, default: []].count { $0.at <= self.seconds } }
        let lengths = self.queues.map { ($0, self.lists[.queue($0)]?.count ?? 0) }
        let held = self.held
        return StoreCounts(
            queues: Dictionary(uniqueKeysWithValues: lengths),
            inFlight: held.count,
            inFlightBySource: held.reduce(into: [:]) { $0[$1.source, default: 0] += 1 },
            scheduled: size(.schedule),
            scheduledDue: due(.schedule),
            retries: size(.retry),
            retriesDue: due(.retry),
            dead: size(.dead),
            quarantined: size(.quarantine),
            processed: self.processed,
            failed: self.failed
        )
    }

    /// What processes hold, dead ones too.
    private var held: [HeldJob] {
        self.processes.values.flatMap(\.held.values) + self.draining.flatMap(\.held.values)
    }

    func inFlight(_ jobIDs: Set<String>) -> Set<String> {
        jobIDs.intersection(self.held.compactMap { try? JobPayload($0.payload).jobID })
    }

    mutating func count(_ metric: ExecutionMetric) {
        let minute = self.now.quotient(by: 60_000_000)
        self.executions[minute, default: [:]][metric.jobClass, default: .none(metric.jobClass)].add(metric)
    }

    /// By class, in the order of their names.
    func executions(lastMinutes minutes: Int) -> [ExecutionMetric] {
        let current = self.now.quotient(by: 60_000_000)
        let first = current - min(max(minutes, 0), 480)
        var sums: [String: ExecutionMetric] = [:]
        for (minute, metrics) in self.executions where (first...current).contains(minute) {
            for metric in metrics.values { sums[metric.jobClass, default: .none(metric.jobClass)].add(metric) }
        }
        return sums.values.sorted { $0.jobClass < $1.jobClass }
    }

    mutating func edit(_ edits: [EntryEdit], in place: Place) -> Int {
        edits.count { edit in
            guard self.remove(edit.entry.payload, from: place) else { return false }
            if let destination = edit.destination { self.add(destination.entry, to: destination.place) }
            return true
        }
    }
}

extension ExecutionMetric {
    fileprivate static func none(_ jobClass: String) -> ExecutionMetric {
        ExecutionMetric(
            jobClass: jobClass,
            processed: 0,
            failed: 0,
            milliseconds: 0,
            histogram: [Int](repeating: 0, count: 26)
        )
    }

    fileprivate mutating func add(_ other: ExecutionMetric) {
        self.processed += other.processed
        self.failed += other.failed
        self.milliseconds += other.milliseconds
        for (bucket, count) in other.histogram.enumerated() where bucket < self.histogram.count {
            self.histogram[bucket] += count
        }
    }
}
