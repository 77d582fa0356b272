import Testing
import Wingman

@testable import WingmanScheduler

@Suite("The plan of an entry")
struct EntryPlanTests {
    let plan = EntryPlan(interval: .seconds(60))

    @Test("asks first, and offers the next occurrence of its own clock for a schedule that is new")
    func first() {
        #expect(self.plan.first(localNow: 61_000) == .ask(following: 120_000))
    }

    @Test(
        "acts on the occurrence and the time that the store answers",
        arguments: [
            (120_000, 100_000, EntryPlan.Step.sleep(milliseconds: 20_000)),
            (120_000, 119_999, .sleep(milliseconds: 1)),
            (120_000, 120_000, .offer(expected: 120_000, following: 180_000)),
            (120_000, 120_500, .offer(expected: 120_000, following: 180_000)),
            (120_000, 179_999, .offer(expected: 120_000, following: 180_000)),
            (120_000, 180_000, .offer(expected: 120_000, following: 240_000)),
        ]
    )
    func afterWaiting(next: Int, now: Int, expected: EntryPlan.Step) {
        #expect(self.plan.next(after: .waiting(next: next, now: now), localNow: 0) == expected)
    }

    @Test("collapses what a week missed into one offer, and goes on after the present")
    func collapse() {
        let week = 7 * 24 * 3_600_000
        let step = self.plan.next(after: .waiting(next: 60_000, now: week + 1), localNow: 0)
        #expect(step == .offer(expected: 60_000, following: week + 60_000))
    }

    @Test("keeps the phase of an occurrence that was recorded off the grid, then returns to the grid")
    func offGrid() {
        let step = self.plan.next(after: .waiting(next: 61_234, now: 61_234), localNow: 0)
        #expect(step == .offer(expected: 61_234, following: 120_000))
    }

    @Test("sleeps no longer than half a minute, so that a jump of a clock is noticed")
    func longSleep() {
        let daily = EntryPlan(interval: .days(1))
        #expect(daily.next(after: .waiting(next: 86_400_000, now: 0), localNow: 0) == .sleep(milliseconds: 30_000))
        #expect(daily.next(after: .waiting(next: .max, now: -5), localNow: 0) == .sleep(milliseconds: 30_000))
    }

    @Test("asks again after its offer was taken")
    func afterPush() {
        #expect(self.plan.next(after: .pushed, localNow: 120_001) == .ask(following: 180_000))
    }

    @Test(
        "waits for an interval after a middleware refused the job, half a minute at most",
        arguments: [(Interval.seconds(1), 1_000), (.seconds(30), 30_000), (.hours(1), 30_000), (.hours(.max), 30_000)]
    )
    func afterRefusal(interval: Interval, milliseconds: Int) {
        #expect(EntryPlan(interval: interval).nextAfterRefusal() == .sleep(milliseconds: milliseconds))
    }
}
