import TestSupport
import Testing

@testable import Wingman

@Suite("The standing of the process with its store")
struct ProcessLifeTests {
    private let time = ManualTime()
    private let life = ProcessLife()

    private func waiting() -> Task<Incarnation?, Never> {
        let life = self.life
        return Task(executorPreference: self.time.executor) { await life.registered() }
    }

    @Test("An incarnation is only had under a lease")
    func registered() async {
        #expect(self.life.holder == nil)
        let task = self.waiting()
        await self.time.settle()
        let incarnation = self.life.confirmCandidate(at: self.time.now)
        #expect(await task.value == incarnation)
        #expect(await self.life.registered() == incarnation)
        #expect(self.life.holder == incarnation)
    }

    @Test("A cancelled wait ends with nothing, whenever the cancellation comes")
    func cancelled() async {
        let before = self.waiting()
        before.cancel()
        #expect(await before.value == nil)
        let during = self.waiting()
        await self.time.settle()
        during.cancel()
        #expect(await during.value == nil)
        let other = self.waiting()
        await self.time.settle()
        let incarnation = self.life.confirmCandidate(at: self.time.now)
        #expect(await other.value == incarnation)
    }

    @Test("Who asked is told of the quiet, once, also afterwards; who changed his mind is not")
    func quiet() async {
        let told = Notes<Int>()
        _ = self.life.whenQuiet { told.add(1) }
        let second = self.life.whenQuiet { told.add(2) }
        self.life.forgetQuiet(second)
        #expect(told.all.isEmpty)
        self.life.quiet()
        self.life.quiet()
        #expect(told.all == [1])
        _ = self.life.whenQuiet { told.add(3) }
        #expect(told.all == [1, 3])
    }

    @Test("The lease holds until its end and not longer")
    func lease() {
        #expect(!self.life.holdsLease(at: .zero))
        self.life.confirm(self.life.candidate, until: .seconds(15))
        #expect(self.life.holdsLease(at: .seconds(15) - .nanoseconds(1)))
        #expect(!self.life.holdsLease(at: .seconds(15)))
    }

    @Test("A fence makes a new identity, tells everyone once and asks for a beat")
    func fence() async {
        let told = Notes<Int>()
        let beats = Counter64()
        self.life.onFence { incarnation in told.add(incarnation.epoch) }
        self.life.setHeartbeatWaker { beats.add() }
        let first = self.life.confirmCandidate(at: .zero)
        self.life.acknowledged(lane: 1, number: 5, by: first)
        self.life.fence(first)
        self.life.fence(first)
        #expect(told.all == [1])
        #expect(beats.count == 1)
        #expect(self.life.candidate.epoch == 2)
        #expect(self.life.candidate.process != first.process)
        #expect(!self.life.holdsLease(at: .zero))
        #expect(self.life.acknowledgedSteps == [:])
        // Late words of the first life.
        self.life.confirm(first, until: .seconds(99))
        self.life.acknowledged(lane: 1, number: 6, by: first)
        self.life.expired(first)
        #expect(self.life.holder == nil)
        #expect(!self.life.holdsLease(at: .zero))
        #expect(self.life.acknowledgedSteps == [:])
    }

    @Test("Who waits over a fence gets the next incarnation")
    func waitsOverFence() async {
        let task = self.waiting()
        await self.time.settle()
        self.life.fence(self.life.candidate)
        let second = self.life.confirmCandidate(at: self.time.now)
        #expect(second.epoch == 2)
        #expect(await task.value == second)
    }

    @Test("After the end nobody gets an incarnation, and no fence or beat brings one back")
    func end() async {
        let task = self.waiting()
        await self.time.settle()
        self.life.end()
        #expect(await task.value == nil)
        #expect(self.life.hasEnded)
        self.life.confirmCandidate(at: .zero)
        self.life.fence(self.life.candidate)
        #expect(self.life.candidate.epoch == 1)
        #expect(await self.life.registered() == nil)
        #expect(!self.life.holdsLease(at: .zero))
    }

    @Test("No lane number is given twice")
    func lanes() {
        #expect((0..<5).map { _ in self.life.nextLane() } == [1, 2, 3, 4, 5])
    }

    @Test("An identity reads host:pid:nonce, with twelve digits, and is new each time")
    func identity() {
        let ids = (0..<100).map { Incarnation.make(epoch: $0).process.rawValue }
        #expect(Set(ids).count == 100)
        for id in ids {
            let nonce = id.split(separator: ":").last ?? ""
            #expect(nonce.count == 12)
            #expect(nonce.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        }
    }
}

@Suite("Durations in other units")
struct DurationTests {
    @Test(
        "Nanoseconds are clamped at the ends",
        arguments: [
            (Duration.seconds(Int64.max), Int64.max), (.seconds(Int64.min), .min), (.zero, 0),
            (.nanoseconds(-1), -1), (.milliseconds(1_500), 1_500_000_000), (.microseconds(-2_500), -2_500_000),
        ]
    )
    func nanoseconds(_ duration: Duration, _ expected: Int64) {
        #expect(duration.nanoseconds == expected)
    }

    @Test("At the last second before the clamp nothing overflows")
    func edge() {
        #expect(
            Duration(secondsComponent: 9_223_372_036, attosecondsComponent: 999_999_999_999_999_999).nanoseconds == .max
        )
    }
}
