import Testing

@testable import Wingman

@Suite("The manager's decisions")
struct ManagerStateTests {
    @Test("It claims as many jobs as there are free processors")
    func claimsForFreeProcessors() {
        var driver = ManagerDriver(concurrency: 4)
        #expect(driver.planned()?.claim == 4)
        driver.answer(claimed: 4)
        #expect(driver.start(0) != nil)
        #expect(driver.planned() == nil)
    }

    @Test("Fast jobs are claimed ahead, slow ones are not")
    func readsAhead() {
        var driver = ManagerDriver(concurrency: 1)
        for _ in 0..<200 {
            if driver.planned() != nil { driver.answer(claimed: driver.asked) }
            _ = driver.start(0)
            driver.finish(0, after: .microseconds(5))
        }
        #expect(driver.state.ready.count > 50)
        for _ in 0..<1_000 {
            if driver.planned() != nil { driver.answer(claimed: 0) }
            if driver.start(0) != nil { driver.finish(0, after: .seconds(1)) }
            driver.state.signalled()
        }
        #expect(driver.planned()?.claim == 1)
    }

    @Test("A claim that found less than it asked for waits for a signal")
    func restsUntilSignalled() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        driver.answer(claimed: 0)
        #expect(driver.planned() == nil)
        #expect(driver.state.wantsSignal)
        driver.state.signalled()
        #expect(driver.planned()?.claim == 2)
    }

    @Test("What a landing list brought beyond the places goes straight back, newest first")
    func landingExcessGoesBack() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        let tokens = driver.answer(claimed: 4)
        #expect(driver.state.ready.map(\.claimed.token) == Array(tokens[..<2]))
        #expect(driver.planned()?.givenBack == [tokens[3], tokens[2]])
    }

    @Test("Quiet gives back what has not started, newest first also across steps, and claims nothing")
    func quietGivesBack() {
        var driver = ManagerDriver(concurrency: 1_200)
        var tokens: [Token] = []
        for _ in 0..<3 where driver.planned() != nil { tokens += driver.answer(claimed: driver.asked) }
        #expect(tokens.count >= 1_200)
        driver.state.quiet(stopping: false)
        var givenBack: [Token] = []
        while let step = driver.planned() {
            #expect(step.claim == 0)
            #expect(step.settlements.count <= Step.limit)
            givenBack += step.givenBack
            driver.answer(claimed: 0)
        }
        #expect(givenBack == tokens.reversed())
        #expect(driver.state.isEmpty)
    }

    @Test("Jobs interrupted by a stop go back together, newest first, in whatever order they end")
    func interruptedJobsKeepTheirOrder() {
        var driver = ManagerDriver(concurrency: 3)
        _ = driver.planned()
        let tokens = driver.answer(claimed: 3)
        for slot in 0..<3 { _ = driver.start(slot) }
        driver.state.quiet(stopping: true)
        #expect(driver.state.cancelAll(.stop).sorted() == [0, 1, 2])
        driver.finish(0, .giveBack)
        #expect(driver.planned() == nil)
        driver.finish(2, .giveBack)
        #expect(driver.planned() == nil)
        driver.finish(1, .giveBack)
        #expect(driver.planned()?.givenBack == tokens.reversed())
    }

    @Test("A job that ends well under the stop's cancellation is settled at once")
    func doneUnderCancellation() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        let tokens = driver.answer(claimed: 2)
        for slot in 0..<2 { _ = driver.start(slot) }
        driver.state.quiet(stopping: true)
        _ = driver.state.cancelAll(.stop)
        driver.finish(0)
        #expect(driver.planned()?.settlements.map(\.token) == [tokens[0]])
    }

    @Test("A fence drops what was held and every outcome of it")
    func fenceDropsOutcomes() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        driver.answer(claimed: 2)
        _ = driver.start(0)
        _ = driver.start(1)
        driver.finish(1)
        #expect(driver.state.fenced(epoch: 1) == [0])
        #expect(driver.state.cancelReason(of: 0, token: driver.tokens[0]) == .fence)
        driver.finish(0)
        driver.state.began(epoch: 2)
        #expect(driver.planned()?.settlements.isEmpty == true)
    }

    @Test("A fence sends the fetcher to the next incarnation, however idle it was")
    func fenceWakesTheFetcher() {
        var driver = ManagerDriver(concurrency: 1)
        _ = driver.planned()
        driver.answer(claimed: 0)
        #expect(!driver.state.wantsStep)
        _ = driver.state.fenced(epoch: 1)
        #expect(driver.state.wantsStep)
        guard case .fenced = driver.state.plan() else { return #expect(Bool(false), "the plan is not to change") }
    }

    @Test("An answer that was under way when the lease was lost starts nothing and settles nothing")
    func answerAfterFence() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        _ = driver.state.fenced(epoch: 1)
        driver.answer(claimed: 2)
        #expect(driver.start(0) == nil)
        driver.state.began(epoch: 2)
        #expect(driver.start(0) == nil)
        #expect(driver.planned()?.settlements.isEmpty == true)
    }

    @Test("A late word of an earlier fence does not touch the present incarnation")
    func lateFence() {
        var driver = ManagerDriver(concurrency: 1)
        driver.state.began(epoch: 2)
        _ = driver.planned()
        driver.answer(claimed: 1)
        #expect(driver.state.fenced(epoch: 1) == [])
        #expect(driver.start(0) != nil)
    }

    @Test("A settlement whose destination failed is kept and sent again after the pause")
    func failedSettlementIsDeferred() {
        var driver = ManagerDriver(concurrency: 1)
        _ = driver.planned()
        let tokens = driver.answer(claimed: 1)
        _ = driver.start(0)
        driver.finish(0)
        #expect(driver.planned()?.settlements.map(\.token) == tokens)
        #expect(driver.answer([.failed("OOM")], claimed: 0).failures == ["OOM"])
        driver.state.quiet(stopping: true)
        #expect(!driver.state.isEmpty)
        #expect(driver.planned() == nil)
        driver.state.retryDeferred()
        #expect(driver.planned()?.settlements.map(\.token) == tokens)
        driver.answer(claimed: 0)
        #expect(driver.state.isOver)
    }

    @Test("A capsule that stops ends only when the last answer is there")
    func stopWaitsForTheAnswer() {
        var driver = ManagerDriver(concurrency: 1)
        _ = driver.planned()
        driver.state.quiet(stopping: true)
        #expect(!driver.state.isOver)
        let tokens = driver.answer(claimed: 1)
        #expect(driver.planned()?.givenBack == tokens)
        #expect(!driver.state.isOver)
        driver.answer(claimed: 0)
        guard case .finish = driver.state.plan() else { return #expect(Bool(false), "the plan is not to finish") }
    }

    @Test("A forsaken job goes back, and its end is nobody's business")
    func forsake() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        let tokens = driver.answer(claimed: 2)
        _ = driver.start(0)
        _ = driver.start(1)
        driver.state.quiet(stopping: true)
        _ = driver.state.cancelAll(.stop)
        #expect(driver.state.forsake().count == 2)
        #expect(driver.state.cancelReason(of: 0, token: tokens[0]) == .stop)
        driver.finish(0)
        #expect(driver.planned()?.givenBack == tokens.reversed())
        driver.answer(claimed: 0)
        #expect(driver.state.isOver)
    }

    @Test("The end of a forsaken job leaves the next run's job on its slot alone")
    func forsakenJobOfAnEarlierRun() {
        var driver = ManagerDriver(concurrency: 1)
        _ = driver.planned()
        let old = driver.answer(claimed: 1)
        _ = driver.start(0)
        driver.state.quiet(stopping: true)
        _ = driver.state.forsake()
        _ = driver.planned()
        driver.answer(claimed: 0)

        driver.run = driver.state.begin(isQuiet: false)
        _ = driver.planned()
        let new = driver.answer(claimed: 1)
        #expect(driver.start(0)?.claimed.token == new[0])
        let late = Settlement(token: old[0], disposition: .done, tally: .processed)
        let isSpent = driver.state.finished(slot: 0, settlement: late, now: .zero)
        #expect(isSpent)
        #expect(driver.state.running[0]?.work.claimed.token == new[0])
    }

    @Test("Processors of an earlier run get no jobs")
    func runsAreApart() {
        var driver = ManagerDriver(concurrency: 1)
        let earlier = driver.run
        driver.run = driver.state.begin(isQuiet: false)
        _ = driver.planned()
        driver.answer(claimed: 1)
        #expect(driver.state.start(slot: 0, run: earlier, now: .zero) == nil)
        #expect(driver.start(0) != nil)
    }

    @Test("A processor whose job was cancelled is spent, so that a late cancellation meets no other job")
    func spentProcessors() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        let tokens = driver.answer(claimed: 2)
        _ = driver.start(0)
        _ = driver.start(1)
        #expect(driver.state.cancel(slot: 0, token: tokens[0], reason: .timeout) == true)
        #expect(driver.state.cancel(slot: 0, token: tokens[0], reason: .timeout) == false)
        #expect(driver.state.cancel(slot: 1, token: tokens[0], reason: .timeout) == false)
        #expect(driver.finish(0) == true)
        #expect(driver.finish(1) == false)
    }

    @Test("A capsule that ends without the store says that it left something behind")
    func surrender() {
        var driver = ManagerDriver(concurrency: 2)
        _ = driver.planned()
        driver.answer(claimed: 2)
        _ = driver.start(0)
        #expect(driver.state.surrender() == [0])
        #expect(driver.state.isOver)
        #expect(driver.state.hasLeftBehind)
        _ = driver.state.begin(isQuiet: false)
        #expect(!driver.state.hasLeftBehind)
    }

    @Test("An empty capsule that is cancelled has left nothing behind")
    func emptySurrender() {
        var driver = ManagerDriver(concurrency: 2)
        #expect(driver.state.surrender() == [])
        #expect(driver.state.isOver)
        #expect(!driver.state.hasLeftBehind)
    }
}
