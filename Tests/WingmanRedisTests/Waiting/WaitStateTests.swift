import Testing
import Wingman

@testable import WingmanRedis

@Suite("WaitState")
struct WaitStateTests {
    private let process = ProcessID(rawValue: "p")
    private let sources: [Source] = [.queue("a"), .queue("b")]

    private func key(_ name: String) -> WaitKey { WaitKey(process: self.process, source: .queue(name)) }

    @Test("Only sources that nobody blocks on are to be blocked on")
    func begins() {
        var state = WaitState<Int>()
        #expect(state.begin(self.process, [.queue("a")]) == .block([.queue("a")]))
        #expect(state.begin(self.process, self.sources) == .block([.queue("b")]))
        #expect(state.begin(ProcessID(rawValue: "q"), self.sources) == .block(self.sources))
    }

    @Test("The end of a block wakes everybody who waits for that source, and nobody else")
    func wakes() {
        var state = WaitState<Int>()
        _ = state.begin(self.process, self.sources)
        #expect(state.enter(1, self.process, [.queue("a")]) == nil)
        #expect(state.enter(2, self.process, self.sources) == nil)
        #expect(state.enter(3, self.process, [.queue("b")]) == nil)
        #expect(state.ended(self.key("a"), landed: true).sorted() == [1, 2])
        #expect(state.ended(self.key("b"), landed: false) == [3])
        #expect(state.isQuiet(self.process))
    }

    @Test("Who leaves is not woken, and what it alone waited for stands")
    func leaves() {
        var state = WaitState<Int>()
        _ = state.begin(self.process, self.sources)
        let numbers = [state.nextNumber(), state.nextNumber()]
        #expect(state.enter(1, self.process, self.sources, number: numbers[0]) == nil)
        #expect(state.enter(2, self.process, [.queue("a")], number: numbers[1]) == nil)
        let left = [state.leave(numbers[0]), state.leave(numbers[0])]
        #expect(left == [1, nil])
        #expect(state.standing(of: self.process).blocked == [self.key("b")])
        #expect(state.ended(self.key("a"), landed: true) == [2])
    }

    @Test("A landing that nobody waited for is told to the next wait, once")
    func remembersLanding() {
        var state = WaitState<Int>()
        _ = state.begin(self.process, self.sources)
        #expect(state.ended(self.key("a"), landed: true) == [])
        #expect(state.begin(self.process, self.sources) == .over(true))
        #expect(state.begin(self.process, self.sources) == .block([.queue("a")]))
    }

    @Test("A block that ended before its waiter entered does not keep it waiting")
    func endedEarly() {
        var state = WaitState<Int>()
        _ = state.begin(self.process, self.sources)
        _ = state.ended(self.key("a"), landed: false)
        #expect(state.enter(1, self.process, self.sources) == false)
        _ = state.begin(self.process, self.sources)
        _ = state.ended(self.key("a"), landed: true)
        #expect(state.enter(1, self.process, self.sources) == true)
    }

    @Test("Standing are the blocks that nobody waits for")
    func standing() {
        var state = WaitState<Int>()
        _ = state.begin(self.process, self.sources)
        _ = state.enter(1, self.process, [.queue("a")])
        #expect(state.standing(of: self.process).blocked == [self.key("b")])
        _ = state.ended(self.key("b"), landed: true)
        #expect(state.standing(of: self.process).landed == [.queue("b")])
        #expect(state.standing(of: self.process).landed == [])
    }

    @Test("A stopped process waits no more")
    func stop() {
        var state = WaitState<Int>()
        _ = state.begin(self.process, self.sources)
        _ = state.enter(1, self.process, self.sources)
        let stopped = state.stop(self.process)
        #expect(stopped.woken == [1])
        #expect(Set(stopped.blocked) == [self.key("a"), self.key("b")])
        #expect(state.begin(self.process, self.sources) == .over(false))
        #expect(state.enter(2, self.process, self.sources) == false)
    }
}
