import Testing

@testable import Wingman

@Suite("What is counted between two beats")
struct ExecutionStatisticsTests {
    @Test(
        "A success falls into Sidekiq's bucket of its milliseconds",
        arguments: [
            (0, 0), (19, 0), (20, 1), (29, 1), (30, 2), (44, 2), (45, 3), (749, 9), (1_099, 10), (1_100, 11),
            (334_999, 24), (335_000, 25), (99_999_999, 25),
        ]
    )
    func buckets(_ milliseconds: Int, _ bucket: Int) throws {
        let statistics = ExecutionStatistics()
        statistics.succeeded("A", nanoseconds: Int64(milliseconds) * 1_000_000 + 999_999)
        let metric = try #require(statistics.report().first)
        #expect(metric.histogram.firstIndex(of: 1) == bucket)
        #expect(metric.histogram.count == 26)
        #expect(metric.milliseconds == milliseconds)
        #expect(metric.processed == 1)
        #expect(metric.failed == 0)
    }

    @Test("A failure counts as processed and failed, and its time not at all")
    func failures() throws {
        let statistics = ExecutionStatistics()
        statistics.failed("A")
        let metric = try #require(statistics.report().first)
        #expect((metric.processed, metric.failed, metric.milliseconds) == (1, 1, 0))
        #expect(metric.histogram.allSatisfy { $0 == 0 })
    }

    @Test("The same figures are reported until they are acknowledged, later ones only then")
    func reportsUntilAcknowledged() {
        let statistics = ExecutionStatistics()
        #expect(!statistics.hasFigures)
        statistics.succeeded("A", nanoseconds: 1)
        let first = statistics.report()
        statistics.succeeded("A", nanoseconds: 1)
        statistics.failed("B")
        #expect(statistics.report() == first)
        statistics.acknowledge()
        #expect(statistics.hasFigures)
        let second = statistics.report().sorted { $0.jobClass < $1.jobClass }
        #expect(second.map(\.jobClass) == ["A", "B"])
        #expect(second.map(\.processed) == [1, 1])
        statistics.acknowledge()
        #expect(statistics.report().isEmpty)
        #expect(!statistics.hasFigures)
    }

    @Test("An acknowledgement without a report forgets nothing")
    func acknowledgeWithoutReport() {
        let statistics = ExecutionStatistics()
        statistics.succeeded("A", nanoseconds: 1)
        statistics.acknowledge()
        #expect(statistics.report().count == 1)
    }
}
