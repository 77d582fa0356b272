@testable import Wingman

/// Plays fetcher and processors to a ``ManagerState``, with claims that are always found.
struct ManagerDriver {
    struct PlannedStep {
        let settlements: [Settlement]
        let claim: Int

        var givenBack: [Token] {
            self.settlements.compactMap { settlement in
                if case .giveBack = settlement.disposition { settlement.token } else { nil }
            }
        }
    }

    var state: ManagerState
    var run: Int
    private(set) var asked = 0
    private(set) var sent: [Settlement] = []
    private(set) var tokens: [Token] = []
    private var now = Duration.zero

    init(concurrency: Int) {
        self.state = ManagerState(concurrency: concurrency)
        self.run = self.state.begin(isQuiet: false)
        self.state.began(epoch: 1)
    }

    /// The next step, if one is planned.
    mutating func planned() -> PlannedStep? {
        guard case .step(let settlements, let claim, _) = self.state.plan() else { return nil }
        self.asked = claim
        self.sent = settlements
        return PlannedStep(settlements: settlements, claim: claim)
    }

    /// Answers the planned step well, with `count` claims.
    @discardableResult
    mutating func answer(claimed count: Int) -> [Token] {
        self.answer(self.sent.map { _ in .settled }, claimed: count).tokens
    }

    @discardableResult
    mutating func answer(_ answers: [SettleAnswer], claimed count: Int) -> (tokens: [Token], failures: [String]) {
        let claimed = (0..<count).map { index in
            Claimed(
                token: Token(rawValue: "\(self.tokens.count + index)"),
                source: .queue("default"),
                payload: []
            )
        }
        self.tokens += claimed.map(\.token)
        let failures = self.state.answered(
            answers,
            to: self.sent,
            claimed: claimed,
            asked: self.asked,
            leaseExpired: false,
            nanoseconds: 500_000
        )
        return (claimed.map(\.token), failures)
    }

    mutating func start(_ slot: Int) -> ManagerState.Work? {
        self.state.start(slot: slot, run: self.run, now: self.now)
    }

    /// Ends the job of `slot`.
    ///
    /// - Returns: Whether the processor is spent.
    @discardableResult
    mutating func finish(
        _ slot: Int,
        _ disposition: Disposition = .done,
        after duration: Duration = .milliseconds(1)
    ) -> Bool {
        self.now += duration
        let token = self.state.running[slot]?.work.claimed.token ?? Token(rawValue: "none")
        let settlement = Settlement(token: token, disposition: disposition, tally: .processed)
        return self.state.finished(slot: slot, settlement: settlement, now: self.now)
    }
}
