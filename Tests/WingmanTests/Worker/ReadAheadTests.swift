import Testing

@testable import Wingman

@Suite("How far is claimed ahead")
struct ReadAheadTests {
    private func settled(job: Duration, step: Duration, jobs: Int = 500) -> ReadAhead {
        var readAhead = ReadAhead()
        for _ in 0..<jobs {
            readAhead.finished(nanoseconds: job.nanoseconds)
            readAhead.stepped(nanoseconds: step.nanoseconds)
        }
        return readAhead
    }

    @Test("Nothing is claimed ahead before anything is known")
    func unknownPace() {
        #expect(ReadAhead().target(concurrency: 25) == 0)
    }

    @Test(
        "As many as end during two round trips",
        arguments: [
            (Duration.seconds(1), Duration.milliseconds(1), 10, 0),
            (.milliseconds(100), .milliseconds(1), 10, 0),
            (.milliseconds(5), .milliseconds(1), 10, 4),
            (.microseconds(100), .milliseconds(1), 10, 200),
            (.microseconds(1), .milliseconds(1), 10, 250),
        ]
    )
    func target(job: Duration, step: Duration, concurrency: Int, expected: Int) {
        let target = self.settled(job: job, step: step).target(concurrency: concurrency)
        #expect(abs(target - expected) <= 1)
    }

    @Test("A change of pace is followed within some dozens of jobs")
    func followsChanges() {
        var readAhead = self.settled(job: .microseconds(1), step: .milliseconds(1))
        for _ in 0..<64 { readAhead.finished(nanoseconds: Duration.seconds(1).nanoseconds) }
        #expect(readAhead.target(concurrency: 10) == 0)
    }

    @Test("Clocks that stand or go back do no harm", arguments: [Int64.min, -1, 0, 1, Int64.max])
    func senselessSamples(_ nanoseconds: Int64) {
        var readAhead = ReadAhead()
        for _ in 0..<10_000 {
            readAhead.finished(nanoseconds: nanoseconds)
            readAhead.stepped(nanoseconds: nanoseconds)
        }
        #expect((0...ReadAhead.limit).contains(readAhead.target(concurrency: 1_000)))
    }
}
