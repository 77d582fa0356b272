/// Decides when a suspect runs: alone in a process that holds nothing else, so that a death meanwhile can only be its doing.
/// A plain value; ``SuspectGuard`` does what its methods return.
///
/// While a suspect waits, the members (capsules, inboxes) start and claim nothing. Once all of them are drained the
/// suspect is isolated in the store, runs, and the next one follows; then normal work goes on.
///
/// What it costs: from the claim of a suspect until its end the process does nothing else, so each suspect takes as long as
/// the jobs running at its claim still take, and as long as itself. Two bounds keep a job that hangs from holding up others
/// for ever:
///
/// - A job that runs for long when a suspect comes is not waited for: after ``patience`` normal work goes on for ``pause``,
///   the suspect stays in flight and draining is tried again, after twice the pause. After ``tries`` (ten minutes) the
///   suspects begin beside the others, one each ``pause``.
/// - A suspect that itself runs for long is not interrupted, but after ``longestAlone`` others work beside it.
///
/// A death beside others is nobody's proven doing. So a job that ends its process only after its first minute, or while
/// another runs for hours, is not convicted.
struct SuspectGate {
    /// For jobs that run when a suspect comes to end.
    static let patience = Duration.seconds(30)
    /// Normal work after the first try to drain.
    static let pause = Duration.seconds(30)
    /// How often draining is tried.
    static let tries = 5
    /// For a suspect that runs alone.
    static let longestAlone = Duration.seconds(60)
    /// Before the store is asked again after a failure.
    static let retry = Duration.seconds(1)

    /// A part of the process that holds jobs or messages, by its number.
    typealias Member = Int

    /// What a member says of itself.
    struct Report: Sendable {
        /// Suspects it holds that have not run, the oldest first.
        var waiting: [Token]
        /// Whether it holds nothing else, and nothing is under way that could change that.
        var isDrained: Bool
        /// Counts the member's reports: they may arrive in another order.
        var number: Int
    }

    enum Phase: Equatable {
        /// Normal work; nobody waits.
        case open
        /// Nothing starts; what runs ends.
        case draining
        /// The store is told who runs alone.
        case isolating(Member, Token)
        case alone(Member)
        /// The suspect has been alone long enough: the store is told that it is so no more.
        case ending
        /// Normal work for a while, although suspects may wait: draining took too long, or the last suspect does.
        case pausing
    }

    /// What is to be done, in this order.
    enum Action: Equatable {
        /// All members start and claim nothing from here on.
        case hold
        /// All members go on.
        case release
        /// Tell the store, then call ``SuspectGate/isolated(_:_:)``.
        case isolate(Member, Token)
        /// Tell the store that nobody runs alone, then call ``SuspectGate/isolationEnded(_:)``.
        case endIsolation
        /// The member runs this one.
        case run(Member, Token)
        /// The member gives this one back: it is not held any more.
        case putBack(Member, Token)
        /// Call ``SuspectGate/timeIsOver(_:)`` with this round, after so long.
        case wake(Duration, round: Int)
    }

    /// What the store answered.
    enum Isolation {
        case isolated
        case notHeld
        case failed
    }

    private(set) var phase = Phase.open
    private var reports: [Member: Report] = [:]
    /// Counts the timers; an older one is void.
    private var round = 0
    private var timer = Timer.none

    /// What the last timer is for.
    private enum Timer {
        case none
        case patience
        case alone
        case pause
        case retry
    }

    /// How often draining was given up in a row.
    private var failures = 0
    private var nextMember = 0

    /// A member joins.
    ///
    /// - Returns: Its number, and whether it has to hold still from the beginning.
    mutating func join() -> (member: Member, isHeld: Bool) {
        self.nextMember += 1
        self.reports[self.nextMember] = Report(waiting: [], isDrained: true, number: 0)
        return (self.nextMember, self.isHolding)
    }

    /// A member is gone, and what it held with it.
    mutating func leave(_ member: Member) -> [Action] {
        self.reports[member] = nil
        return self.advance()
    }

    /// A member's holdings changed.
    mutating func reported(_ member: Member, _ report: Report) -> [Action] {
        guard let last = self.reports[member], last.number < report.number else { return [] }
        self.reports[member] = report
        return self.advance()
    }

    /// The store answered.
    mutating func isolated(_ token: Token, _ answer: Isolation) -> [Action] {
        guard case .isolating(let member, token) = self.phase else { return [] }
        switch answer {
        case .isolated:
            self.failures = 0
            self.phase = .alone(member)
            return [.run(member, token), self.wake(.alone, after: Self.longestAlone)]
        case .notHeld:
            self.phase = .draining
            return [.putBack(member, token), self.wake(.patience, after: Self.patience)]
        case .failed:
            self.phase = .draining
            return [self.wake(.retry, after: Self.retry)]
        }
    }

    /// The store answered that nobody runs alone, or did not answer.
    mutating func isolationEnded(_ isTold: Bool) -> [Action] {
        guard case .ending = self.phase else { return [] }
        guard isTold else { return [self.wake(.retry, after: Self.retry)] }
        self.phase = .pausing
        return [.release, self.wake(.pause, after: Self.pause)]
    }

    /// A timer rang.
    mutating func timeIsOver(_ round: Int) -> [Action] {
        guard round == self.round else { return [] }
        switch (self.timer, self.phase) {
        case (.patience, .draining):
            self.phase = .pausing
            self.failures += 1
            guard self.failures < Self.tries else { return [.release] + self.runBeside() }
            return [.release, self.wake(.pause, after: Self.pause * (1 << (self.failures - 1)))]
        case (.alone, .alone):
            self.phase = .ending
            return [.endIsolation]
        case (.retry, .ending):
            return [.endIsolation]
        case (.retry, .draining):
            let wake = self.wake(.patience, after: Self.patience)
            return [wake] + self.advance()
        case (.pause, .pausing):
            guard self.failures < Self.tries else { return self.runBeside() }
            self.phase = .open
            return self.advance()
        case (.none, _), (.patience, _), (.alone, _), (.pause, _), (.retry, _): return []
        }
    }

    private var isHolding: Bool {
        switch self.phase {
        case .open, .pausing: false
        case .draining, .isolating, .alone, .ending: true
        }
    }

    private var isDrained: Bool { self.reports.values.allSatisfy(\.isDrained) }

    /// The first suspect of the member that joined first.
    private var next: (member: Member, token: Token)? {
        let waiting = self.reports.filter { !$0.value.waiting.isEmpty }
        return waiting.min { $0.key < $1.key }.flatMap { entry in entry.value.waiting.first.map { (entry.key, $0) } }
    }

    private mutating func wake(_ timer: Timer, after time: Duration) -> Action {
        self.round += 1
        self.timer = timer
        return .wake(time, round: self.round)
    }

    /// What runs is waited for no longer: the next suspect begins beside it.
    private mutating func runBeside() -> [Action] {
        guard let next = self.next else {
            self.failures = 0
            self.phase = .open
            return []
        }
        return [.run(next.member, next.token), self.wake(.pause, after: Self.pause)]
    }

    /// Goes on as far as the reports allow.
    private mutating func advance() -> [Action] {
        switch self.phase {
        case .open:
            guard self.next != nil else {
                self.failures = 0
                return []
            }
            self.phase = .draining
            // Nobody reports in normal work: they do once they are told to hold still.
            for member in self.reports.keys { self.reports[member]?.isDrained = false }
            return [.hold, self.wake(.patience, after: Self.patience)]
        case .draining:
            guard let next = self.next else { return self.open() }
            guard self.isDrained, self.timer != .retry else { return [] }
            self.phase = .isolating(next.member, next.token)
            return [.isolate(next.member, next.token)]
        case .isolating(let member, let token):
            // Fenced or given back meanwhile: the answer would let nobody run.
            guard self.reports[member]?.waiting.contains(token) == true else {
                self.phase = .draining
                return self.advance()
            }
            return []
        case .alone(let member):
            guard self.reports[member]?.isDrained ?? true else { return [] }
            self.phase = .draining
            let wake = self.wake(.patience, after: Self.patience)
            return [wake] + self.advance()
        case .ending, .pausing:
            return []
        }
    }

    private mutating func open() -> [Action] {
        self.failures = 0
        self.phase = .open
        self.round += 1
        self.timer = .none
        return [.release]
    }
}
