internal import HiredisNIO
public import Wingman

/// What is where, in one round trip each.
extension RedisStore {
    /// One script; jobs that landed count as in flight.
    public func counts() async throws -> StoreCounts {
        let reply = try await self.run(self.scripts.counts.call(), on: self.work)
        var cursor = try ReplyCursor(reply, of: self.scripts.counts)
        var counts = StoreCounts()
        counts.scheduled = try cursor.integer()
        counts.scheduledDue = try cursor.integer()
        counts.retries = try cursor.integer()
        counts.retriesDue = try cursor.integer()
        counts.dead = try cursor.integer()
        counts.quarantined = try cursor.integer()
        counts.processed = try cursor.integer()
        counts.failed = try cursor.integer()
        for _ in 0..<max(0, try cursor.integer()) {
            let source = Source(key: try cursor.text())
            counts.inFlightBySource[source] = try cursor.integer()
        }
        counts.inFlight = counts.inFlightBySource.values.reduce(0, +)
        while !cursor.isAtEnd {
            let queue = try cursor.text()
            counts.queues[queue] = try cursor.integer()
        }
        return counts
    }

    /// One script, which finds a jid by its text; also among the jobs that landed.
    public func inFlight(_ jobIDs: Set<String>) async throws -> Set<String> {
        guard !jobIDs.isEmpty else { return [] }
        let script = self.scripts.inflight
        var call = script.call()
        for jobID in jobIDs { call.append(jobID) }
        var cursor = try ReplyCursor(await self.run(call, on: self.work), of: script)
        var found: Set<String> = []
        while !cursor.isAtEnd { found.insert(try cursor.text()) }
        return found
    }

    /// SCAN in pieces, which holds up nobody. It may name a key twice, so names are kept until the end; what comes and goes
    /// meanwhile counts or not.
    public func keyCounts() async throws -> [String: Int] {
        var names: Set<[UInt8]> = []
        var position = "0"
        repeat {
            let command = RedisCommand("SCAN", position, "MATCH", "\(StoreKey.redisPrefix)*", "COUNT", "1000")
            let reply = try await self.send(command)
            guard let next = reply[0]?.string, let found = reply[1]?.array else {
                throw StoreError(.unexpected, "SCAN did not answer with a position and names")
            }
            names.formUnion(found.compactMap(\.bytes))
            position = next
        } while position != "0"
        let namespaces = names.map { name in
            String(
                decoding: name.dropFirst(StoreKey.redisPrefix.utf8.count).prefix { $0 != UInt8(ascii: ":") },
                as: UTF8.self
            )
        }
        return Dictionary(namespaces.map { ($0, 1) }, uniquingKeysWith: +)
    }

    private static var histogramBuckets: Int { 26 }
    private static var minutesKept: Int { 480 }

    /// Sums the minute keys of Sidekiq's metrics page, which are kept for eight hours.
    public func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric] {
        let script = self.scripts.executions
        var call = script.call()
        call.append(min(max(0, minutes), Self.minutesKept))
        var cursor = try ReplyCursor(await self.run(call, on: self.work), of: script)
        var metrics: [ExecutionMetric] = []
        while !cursor.isAtEnd {
            var metric = ExecutionMetric(
                jobClass: try cursor.text(),
                processed: try cursor.integer(),
                failed: try cursor.integer(),
                milliseconds: try cursor.integer(),
                histogram: []
            )
            for _ in 0..<Self.histogramBuckets { metric.histogram.append(try cursor.integer()) }
            metrics.append(metric)
        }
        return metrics
    }

    /// Every process in Sidekiq's set, Ruby's among them.
    public func processes() async throws -> [ProcessReport] {
        let reply = try await self.run(self.scripts.processes.call(), on: self.work)
        var cursor = try ReplyCursor(reply, of: self.scripts.processes)
        var reports: [ProcessReport] = []
        while !cursor.isAtEnd {
            let process = ProcessID(rawValue: try cursor.text())
            let info = try cursor.text()
            // Ruby processes are in here as well: what they do not write is read as nothing.
            let busy = Int(try cursor.text()) ?? 0
            let isQuiet = try cursor.text() == "true"
            let beatAt = Double(try cursor.text()) ?? 0
            reports.append(
                ProcessReport(process: process, info: info, busy: busy, isQuiet: isQuiet, beatAt: beatAt)
            )
        }
        return reports
    }
}
