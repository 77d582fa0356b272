import Wingman

/// Decides what one entry does next. A value: the loop around it performs the steps and reports what came of them.
///
/// An entry goes round in three steps. It *asks* the store which occurrence is next, which pushes nothing and brings the
/// store's time with it. It *sleeps* until then. It asks again, and *offers* the job once the occurrence is due by the
/// store's clock. The answer to the question, never this machine's clock, says how many occurrences were missed: they
/// collapse into the one that is offered. Offers of other processes for the same occurrence lose in the store.
struct EntryPlan: Sendable, Equatable {
    enum Step: Equatable {
        /// Learn the next occurrence; `following` is recorded as such if the schedule is new.
        case ask(following: Int)
        /// Push the job of `expected` and make `following` the next.
        case offer(expected: Int, following: Int)
        /// Nothing is due: ask again after so many milliseconds.
        case sleep(milliseconds: Int)
    }

    /// A jump of the store's clock, or a suspended machine, is noticed within this time.
    static let longestSleep = 30_000

    let interval: Interval

    /// The first step: ask, offering the next occurrence by this machine's clock for a schedule nobody has recorded.
    func first(localNow: Int) -> Step {
        .ask(following: self.interval.occurrence(after: localNow))
    }

    /// The step after a reply.
    func next(after reply: RecurringReply, localNow: Int) -> Step {
        switch reply {
        case .pushed:
            self.first(localNow: localNow)
        case .waiting(let next, let now) where next <= now:
            .offer(expected: next, following: self.interval.occurrence(after: now))
        case .waiting(let next, let now):
            .sleep(milliseconds: min(next.subtractingClamped(now), Self.longestSleep))
        }
    }

    /// The step after a client middleware refused the job: the occurrence stays due, for others or for later.
    func nextAfterRefusal() -> Step {
        .sleep(milliseconds: min(self.interval.seconds, Self.longestSleep / 1_000) * 1_000)
    }
}

extension Int {
    /// The difference, or the largest number where it would overflow.
    fileprivate func subtractingClamped(_ other: Int) -> Int {
        let (difference, overflows) = self.subtractingReportingOverflow(other)
        return overflows ? .max : difference
    }
}
