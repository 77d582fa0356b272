import TestSupport
import Testing

@testable import Wingman

@Suite("The manager under random sequences of events")
struct ManagerPropertyTests {
    @Test("Every claim is settled exactly once or belongs to an incarnation that ended", arguments: 0..<40)
    func everyClaimEnds(_ group: Int) throws {
        for seed in group * 50..<(group + 1) * 50 {
            var model = ManagerModel(seed: UInt64(seed))
            do {
                try model.play(300)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }

    @Test("A clean stop leaves the queue in its order, whatever ran and was interrupted", arguments: 0..<200)
    func stopKeepsOrder(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let concurrency = Int.random(in: 1...8, using: &generator)
        var driver = ManagerDriver(concurrency: concurrency)
        _ = driver.planned()
        var held = driver.answer(claimed: concurrency + Int.random(in: 0...2, using: &generator))
        let rejected = driver.planned()?.givenBack ?? []
        driver.answer(claimed: 0)
        held.removeAll { rejected.contains($0) }
        let started = (0..<concurrency).filter { _ in Bool.random(using: &generator) }
        for slot in started { _ = driver.start(slot) }
        driver.state.quiet(stopping: true)
        // The store's side: what comes back is pushed to the head, one after the other.
        var head: [Token] = []
        if Bool.random(using: &generator), let early = driver.planned() {
            head = early.givenBack.reversed() + head
            driver.answer(claimed: 0)
        }
        _ = driver.state.cancelAll(.stop)
        for slot in started.shuffled(using: &generator) {
            if let step = driver.planned() {
                head = step.givenBack.reversed() + head
                driver.answer(claimed: 0)
            }
            driver.finish(slot, .giveBack)
        }
        while let step = driver.planned() {
            head = step.givenBack.reversed() + head
            driver.answer(claimed: 0)
        }
        #expect(head == held)
        #expect(driver.state.isOver)
    }
}
