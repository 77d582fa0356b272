/// How many jobs are claimed beyond those that can start at once, so that processors never wait for a round trip.
///
/// As many as finish during two round trips at the pace seen lately, at most ``limit``: hundreds for jobs of a
/// microsecond, none for jobs of a second, which other processes can start sooner.
struct ReadAhead: Sendable {
    /// Half a step: the other half can be on its way.
    static let limit = 250
    /// Weight of the newest sample in the moving averages, a power of two: a change of pace is followed in some 16 jobs.
    private static let smoothing = 1.0 / 16

    private var jobNanoseconds = 1_000_000_000.0
    private var stepNanoseconds = 500_000.0

    /// A job took `duration` on its processor.
    mutating func finished(nanoseconds: Int64) {
        self.jobNanoseconds += (Double(max(nanoseconds, 200)) - self.jobNanoseconds) * Self.smoothing
    }

    /// A step took `duration` from request to answer.
    mutating func stepped(nanoseconds: Int64) {
        self.stepNanoseconds += (Double(max(nanoseconds, 1_000)) - self.stepNanoseconds) * Self.smoothing
    }

    /// How many to hold ready for `concurrency` processors.
    func target(concurrency: Int) -> Int {
        let duringTwoSteps = Double(concurrency) * 2 * self.stepNanoseconds / self.jobNanoseconds
        return Int(min(Double(Self.limit), duringTwoSteps.rounded(.down)))
    }
}
