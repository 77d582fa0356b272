import Testing

@testable import Supervision

@Suite("Decisions, without tasks and clocks")
struct DecisionTests {
    @Test(
        "a delay grows by its factor from the minimum to the maximum, for any attempt",
        arguments: [
            (0, 100), (1, 200), (2, 400), (8, 25_600), (9, 30_000), (10, 30_000), (Int.max, 30_000), (-1, 100),
        ]
    )
    func delay(attempt: Int, milliseconds: Int) {
        let backoff = Backoff.exponential(minimum: .milliseconds(100), maximum: .seconds(30), jitter: .none)
        #expect(backoff.delay(attempt: attempt, random: 0.5) == .milliseconds(milliseconds))
    }

    @Test("jitter keeps a delay within its bounds", arguments: [Backoff.Jitter.none, .equal, .full])
    func jitter(jitter: Backoff.Jitter) {
        let backoff = Backoff.exponential(minimum: .seconds(8), maximum: .seconds(8), jitter: jitter)
        let delays = [0.0, 0.5, 0.999_999].map { backoff.delay(attempt: 3, random: $0) }
        switch jitter {
        case .none: #expect(delays == [.seconds(8), .seconds(8), .seconds(8)])
        case .equal: #expect(delays[0] == .seconds(4) && delays[1] == .seconds(6) && delays[2] < .seconds(8))
        case .full: #expect(delays[0] == .zero && delays[1] == .seconds(4) && delays[2] < .seconds(8))
        }
    }

    @Test("no delay stays no delay, however often it is doubled")
    func noDelay() {
        #expect(Backoff.none.delay(attempt: 1_000_000, random: 0.9) == .zero)
    }

    @Test("a window holds what is not older than itself")
    func window() {
        var window = RestartWindow(Intensity(2, within: .seconds(10)))
        let instants: [Duration] = [
            .seconds(100), .seconds(105), .seconds(110), .seconds(110) + .nanoseconds(1),
        ]
        let allowed = instants.map { window.record(at: $0) }
        #expect(allowed == [true, true, false, true])
        #expect(window.count(at: .seconds(115)) == 2)
        #expect(window.count(at: .seconds(200)) == 0)
        window.reset()
        #expect(window.count(at: .seconds(110)) == 0)
    }

    @Test(
        "the end of a child leads to what policy and directive say",
        arguments: [
            (RestartPolicy.permanent, nil as ErrorDirective?, ExitDecision.restart(immediately: false)),
            (.transient, nil, .leave),
            (.temporary, nil, .leave),
            (.permanent, .restart, .restart(immediately: false)),
            (.transient, .restart, .restart(immediately: false)),
            (.temporary, .restart, .leave),
            (.permanent, .restartNow, .restart(immediately: true)),
            (.temporary, .restartNow, .leave),
            (.permanent, .stop, .leave),
            (.temporary, .escalate, .escalate),
            (.transient, .terminateTree, .terminateTree),
        ]
    )
    func exit(policy: RestartPolicy, directive: ErrorDirective?, expected: ExitDecision) {
        let exit = directive.map { Exit.threw(Broken(), $0) } ?? .returned
        #expect(ExitDecision.decide(policy, exit) == expected)
    }

    @Test(
        "the group of a failed child is nobody, those after it, or all others",
        arguments: [
            (Strategy.oneForOne, [Int]()), (.restForOne, [3, 4]), (.oneForAll, [1, 3, 4]), (.dynamic(maximum: 9), []),
        ]
    )
    func group(strategy: Strategy, expected: [Int]) {
        #expect(RestartGroup.others(with: 2, strategy: strategy, in: [1, 2, 3, 4]) == expected)
    }

    @Test("a seed fixes the sequence of random numbers, all from 0 up to 1")
    func random() {
        var first = RandomNumbers(seed: 7)
        var second = RandomNumbers(seed: 7)
        let numbers = (0..<10_000).map { _ in first.unit() }
        #expect(numbers == (0..<10_000).map { _ in second.unit() })
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        #expect(abs(numbers.reduce(0, +) / 10_000 - 0.5) < 0.02)
    }

    @Test("a limit that its backoff never lets it reach draws a warning; the defaults draw none")
    func reach() {
        func warnings(_ backoff: Backoff, _ intensity: Intensity) -> Int {
            SpecificationCheck(
                SupervisorSpecification("root", intensity: intensity) {
                    ChildSpecification("a", backoff: backoff) { throw Broken() }
                }
            ).warnings.count
        }
        #expect(warnings(.exponential(), .standard) == 0)
        #expect(warnings(.exponential(), .unlimited) == 0)
        #expect(warnings(.exponential(), Intensity(10, within: .seconds(60))) == 1)
        #expect(warnings(.constant(.seconds(30)), Intensity(3, within: .seconds(60))) == 1)
    }

    @Test(
        "times are spelled as people say them",
        arguments: [
            (0.0, "0.0s"), (0.44, "0.4s"), (9.96, "10.0s"), (12, "12s"), (192, "3m12s"), (18_120, "5h02m"),
            (273_600, "3d04h"), (-1, "0.0s"), (.infinity, "years"),
        ]
    )
    func spelling(seconds: Double, expected: String) {
        #expect(TreeNode.spell(seconds) == expected)
    }
}
