import Testing

@testable import Wingman

@Suite("The gate of suspects")
struct SuspectGateTests {
    private static func token(_ name: String) -> Token { Token(rawValue: name) }

    /// A gate with members whose reports are numbered by themselves.
    private struct Driver {
        var gate = SuspectGate()
        var number = 0

        mutating func join() -> SuspectGate.Member { self.gate.join().member }

        mutating func report(_ member: SuspectGate.Member, _ waiting: [String] = [], isDrained: Bool = true)
            -> [SuspectGate.Action]
        {
            self.number += 1
            let tokens = waiting.map { Token(rawValue: $0) }
            return self.gate.reported(member, .init(waiting: tokens, isDrained: isDrained, number: self.number))
        }
    }

    @Test("Nothing happens without a suspect")
    func quiet() {
        var driver = Driver()
        let member = driver.join()
        #expect(driver.report(member, isDrained: false).isEmpty)
        #expect(driver.report(member).isEmpty)
        #expect(driver.gate.phase == .open)
    }

    @Test("A suspect waits for all members to drain, is isolated, runs, and then work goes on")
    func oneSuspect() {
        var driver = Driver()
        let (one, two) = (driver.join(), driver.join())
        #expect(driver.report(one, ["a"], isDrained: true) == [.hold, .wake(SuspectGate.patience, round: 1)])
        #expect(driver.report(one, ["a"], isDrained: true).isEmpty, "the other has not said that it holds still")
        #expect(driver.report(two, isDrained: false).isEmpty)
        #expect(driver.report(two) == [.isolate(one, Self.token("a"))])
        let alone = SuspectGate.Action.wake(SuspectGate.longestAlone, round: 2)
        #expect(driver.gate.isolated(Self.token("a"), .isolated) == [.run(one, Self.token("a")), alone])
        #expect(driver.report(one, isDrained: false).isEmpty, "it runs")
        #expect(driver.report(one).last == .release, "its end is settled")
        #expect(driver.gate.phase == .open)
    }

    @Test("The next suspect follows without work in between, of whichever member")
    func next() {
        var driver = Driver()
        let (one, two) = (driver.join(), driver.join())
        _ = driver.report(one, ["a"])
        _ = driver.report(two, ["c"])
        #expect(driver.report(one, ["a", "b"]) == [.isolate(one, Self.token("a"))])
        _ = driver.gate.isolated(Self.token("a"), .isolated)
        _ = driver.report(one, ["b"], isDrained: false)
        #expect(driver.report(one, ["b"]).last == .isolate(one, Self.token("b")))
        _ = driver.gate.isolated(Self.token("b"), .isolated)
        _ = driver.report(one, isDrained: false)
        #expect(driver.report(one).last == .isolate(two, Self.token("c")))
    }

    @Test("When draining takes too long normal work goes on for a while, and then draining is tried again")
    func patience() {
        var driver = Driver()
        let member = driver.join()
        _ = driver.report(member, ["a"], isDrained: false)
        #expect(driver.gate.timeIsOver(1) == [.release, .wake(SuspectGate.pause, round: 2)])
        #expect(driver.report(member, ["a", "b"], isDrained: true).isEmpty, "more of them change nothing in the pause")
        #expect(driver.gate.timeIsOver(1).isEmpty, "an old timer")
        #expect(driver.gate.timeIsOver(2) == [.hold, .wake(SuspectGate.patience, round: 3)])
        #expect(driver.report(member, ["a", "b"]) == [.isolate(member, Self.token("a"))])
        #expect(driver.gate.timeIsOver(3).isEmpty, "too late")
    }

    @Test("Suspects begin beside a job that does not end, after five tries and ever longer pauses")
    func besideOthers() {
        var driver = Driver()
        let (one, two) = (driver.join(), driver.join())
        _ = driver.report(one, isDrained: false)
        #expect(driver.report(two, ["a", "b"]).first == .hold)
        var round = 1
        for pause in [30, 60, 120, 240] {
            #expect(driver.gate.timeIsOver(round) == [.release, .wake(.seconds(pause), round: round + 1)])
            let again = driver.gate.timeIsOver(round + 1)
            #expect(again == [.hold, .wake(SuspectGate.patience, round: round + 2)])
            round += 2
        }
        let beside = SuspectGate.Action.wake(SuspectGate.pause, round: round + 1)
        #expect(driver.gate.timeIsOver(round) == [.release, .run(two, Self.token("a")), beside])
        #expect(driver.report(two, ["b"], isDrained: false).isEmpty)
        #expect(!driver.gate.join().isHeld)
        #expect(driver.gate.timeIsOver(round + 1).first == .run(two, Self.token("b")))
        #expect(driver.report(two, isDrained: false).isEmpty)
        #expect(driver.gate.timeIsOver(round + 2).isEmpty)
        #expect(driver.gate.phase == .open)
        #expect(driver.report(two, ["c"]).first == .hold, "a later one is tried anew")
    }

    @Test("A suspect that takes long loses its isolation, and then others work beside it")
    func longestAlone() {
        var driver = Driver()
        let (one, two) = (driver.join(), driver.join())
        _ = driver.report(one, ["a"])
        _ = driver.report(one, ["a"])
        _ = driver.report(two)
        _ = driver.gate.isolated(Self.token("a"), .isolated)
        _ = driver.report(one, isDrained: false)
        #expect(driver.gate.timeIsOver(2) == [.endIsolation])
        #expect(driver.gate.join().isHeld, "the store has not answered")
        #expect(driver.gate.isolationEnded(false) == [.wake(SuspectGate.retry, round: 3)])
        #expect(driver.gate.timeIsOver(3) == [.endIsolation])
        #expect(driver.gate.isolationEnded(true) == [.release, .wake(SuspectGate.pause, round: 4)])
        #expect(driver.gate.isolationEnded(true).isEmpty, "an answer that is late")
        #expect(driver.report(one, ["b"], isDrained: false).isEmpty, "normal work for a while")
        #expect(driver.gate.timeIsOver(4).first == .hold, "the next suspect's turn")
    }

    @Test("A suspect that ends while its isolation does is not taken for running")
    func endsMeanwhile() {
        var driver = Driver()
        let member = driver.join()
        _ = driver.report(member, ["a"])
        _ = driver.report(member, ["a"])
        _ = driver.gate.isolated(Self.token("a"), .isolated)
        _ = driver.gate.timeIsOver(2)
        #expect(driver.report(member).isEmpty)
        #expect(driver.gate.isolationEnded(true).first == .release)
        #expect(driver.gate.timeIsOver(3).isEmpty)
        #expect(driver.gate.phase == .open)
    }

    @Test("Suspects that go away let work go on", arguments: [SuspectGate.Isolation.isolated, .notHeld, .failed])
    func goneWhileIsolating(answer: SuspectGate.Isolation) {
        var driver = Driver()
        let member = driver.join()
        _ = driver.report(member, ["a"])
        #expect(driver.report(member, ["a"]) == [.isolate(member, Self.token("a"))])
        #expect(driver.report(member) == [.release], "fenced, or given back")
        #expect(driver.gate.isolated(Self.token("a"), answer).isEmpty)
        #expect(driver.gate.phase == .open)
    }

    @Test("What the store does not know as held goes back, and the next is tried")
    func notHeld() {
        var driver = Driver()
        let member = driver.join()
        _ = driver.report(member, ["a", "b"])
        _ = driver.report(member, ["a", "b"])
        let actions = driver.gate.isolated(Self.token("a"), .notHeld)
        #expect(actions.first == .putBack(member, Self.token("a")))
        #expect(driver.report(member, ["b"], isDrained: false).isEmpty)
        #expect(driver.report(member, ["b"]) == [.isolate(member, Self.token("b"))])
    }

    @Test("A store that is away is asked again after a pause, and nothing starts meanwhile")
    func away() {
        var driver = Driver()
        let member = driver.join()
        _ = driver.report(member, ["a"])
        _ = driver.report(member, ["a"])
        #expect(driver.gate.isolated(Self.token("a"), .failed) == [.wake(SuspectGate.retry, round: 2)])
        #expect(driver.report(member, ["a"]).isEmpty)
        #expect(driver.gate.timeIsOver(2).last == .isolate(member, Self.token("a")))
    }

    @Test("A member that leaves is waited for no longer, and one that joins holds still at once")
    func membership() {
        var driver = Driver()
        let (one, two) = (driver.join(), driver.join())
        _ = driver.report(one, ["a"])
        _ = driver.report(one, ["a"])
        #expect(driver.gate.join().isHeld)
        #expect(driver.gate.leave(two) == [.isolate(one, Self.token("a"))])
        #expect(driver.gate.leave(one) == [.release])
        #expect(!driver.gate.join().isHeld)
    }

    @Test("A report that was overtaken is not believed")
    func overtaken() {
        var gate = SuspectGate()
        let member = gate.join().member
        _ = gate.reported(member, .init(waiting: [Self.token("a")], isDrained: false, number: 5))
        #expect(gate.reported(member, .init(waiting: [Self.token("a")], isDrained: true, number: 4)).isEmpty)
        #expect(gate.reported(member, .init(waiting: [Self.token("a")], isDrained: true, number: 6)).count == 1)
    }
}
