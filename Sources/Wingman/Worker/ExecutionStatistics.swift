import Metrics
import Synchronization

/// Counts executions per class between two beats, in Sidekiq's buckets, and feeds swift-metrics at each beat: nothing
/// per job but one dictionary update.
final class ExecutionStatistics: Sendable {
    /// Upper bounds of Sidekiq's histogram in milliseconds; the 26th bucket is everything above (sidekiq-wire.md §11).
    static let bucketLimits = [
        20, 30, 45, 65, 100, 150, 225, 335, 500, 750, 1_100, 1_700, 2_500, 3_800, 5_750, 8_500, 13_000, 20_000, 30_000,
        45_000, 65_000, 100_000, 150_000, 225_000, 335_000,
    ]

    fileprivate struct State {
        var current: [String: ExecutionMetric] = [:]
        /// Handed to a beat that has not been acknowledged.
        var underway: [ExecutionMetric] = []
        var counters: [String: (processed: Counter, failed: Counter)] = [:]
    }

    private let state = Mutex(State())

    /// A job of `jobClass` succeeded after `nanoseconds`.
    func succeeded(_ jobClass: String, nanoseconds: Int64) {
        let milliseconds = Int(nanoseconds / 1_000_000)
        let bucket = Self.bucketLimits.firstIndex { milliseconds < $0 } ?? Self.bucketLimits.count
        self.state.withLock { state in
            state.current[jobClass, default: ExecutionMetric(jobClass)].succeed(milliseconds, bucket: bucket)
        }
    }

    /// A job of `jobClass` failed.
    func failed(_ jobClass: String) {
        self.state.withLock { $0.current[jobClass, default: ExecutionMetric(jobClass)].fail() }
    }

    /// What the next beat reports. The same again until ``acknowledge()``, so that a lost beat loses no figures.
    func report() -> [ExecutionMetric] {
        self.state.withLock { state in
            if state.underway.isEmpty {
                state.underway = Array(state.current.values)
                state.current.removeAll(keepingCapacity: true)
                state.emit()
            }
            return state.underway
        }
    }

    /// Whether anything was counted that no acknowledged report has.
    var hasFigures: Bool { self.state.withLock { !$0.current.isEmpty || !$0.underway.isEmpty } }

    /// The store has the figures of the last report.
    func acknowledge() {
        self.state.withLock { $0.underway = [] }
    }
}

extension ExecutionStatistics.State {
    /// Classes with counters of their own: names come from data, and a counter lives as long as the process.
    private static let counterLimit = 1_000

    /// Feeds the counters; objects are made once per class.
    fileprivate mutating func emit() {
        for metric in self.underway {
            let isKnown = self.counters[metric.jobClass] != nil || self.counters.count < Self.counterLimit
            let name = isKnown ? metric.jobClass : "other"
            let pair = self.counters[name] ?? Self.counters(for: name)
            self.counters[name] = pair
            pair.processed.increment(by: metric.processed)
            pair.failed.increment(by: metric.failed)
        }
    }

    private static func counters(for jobClass: String) -> (processed: Counter, failed: Counter) {
        let dimensions = [("job.class", jobClass)]
        return (
            Counter(label: "wingman.jobs.processed", dimensions: dimensions),
            Counter(label: "wingman.jobs.failed", dimensions: dimensions)
        )
    }
}

extension ExecutionMetric {
    fileprivate init(_ jobClass: String) {
        self.init(jobClass: jobClass, processed: 0, failed: 0, milliseconds: 0, histogram: Array(repeating: 0, count: 26))
    }

    fileprivate mutating func succeed(_ milliseconds: Int, bucket: Int) {
        self.processed += 1
        self.milliseconds += milliseconds
        self.histogram[bucket] += 1
    }

    fileprivate mutating func fail() {
        self.processed += 1
        self.failed += 1
    }
}
