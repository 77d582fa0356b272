import Supervision
import Synchronization
import Testing

@Suite("A timer queue")
struct TimerQueueTests {
    @Test("gives timers in the order of their deadlines, those of one deadline in the order they came")
    func order() {
        var queue = TimerQueue()
        let fired = Mutex<[Int]>([])
        let deadlines = [5, 3, 9, 3, 1, 5, 7, 1, 3]
        for (index, deadline) in deadlines.enumerated() {
            _ = queue.insert(at: .seconds(deadline)) { fired.withLock { $0.append(index) } }
        }
        while let timer = queue.popDue(at: .seconds(10)) { timer.fire() }
        #expect(fired.withLock { $0 } == [4, 7, 1, 3, 8, 0, 5, 6, 2])
    }

    @Test("gives nothing before it is due")
    func notBeforeDue() {
        var queue = TimerQueue()
        _ = queue.insert(at: .seconds(2)) {}
        #expect(queue.popDue(at: .milliseconds(1_999)) == nil)
        #expect(queue.popDue(at: .seconds(2)) != nil)
    }

    @Test("passes over cancelled timers")
    func cancelled() {
        var queue = TimerQueue()
        let first = queue.insert(at: .seconds(1)) {}
        let second = queue.insert(at: .seconds(2)) {}
        #expect(first.cancel())
        #expect(!first.cancel())
        #expect(queue.popDue(at: .seconds(2)) === second)
    }

    @Test("does not grow with a million timeouts that are set and taken back")
    func sweep() {
        var queue = TimerQueue()
        let kept = queue.insert(at: .seconds(40)) {}
        var largest = 0
        for round in 0..<1_000_000 {
            queue.insert(at: .seconds(30 + round)) {}.cancel()
            largest = max(largest, queue.count)
        }
        #expect(largest < 200)
        #expect(queue.popDue(at: .seconds(2_000_000)) === kept)
    }

    @Test("keeps its order through random insertions, cancellations and removals")
    func random() {
        var generator = SystemRandomNumberGenerator()
        var queue = TimerQueue()
        var live: [ObjectIdentifier: ScheduledTimer] = [:]
        var now = 0
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let timer = queue.insert(at: .seconds(now + Int.random(in: 0..<100, using: &generator))) {}
                live[ObjectIdentifier(timer)] = timer
            case 2:
                if let (key, timer) = live.randomElement() {
                    timer.cancel()
                    live[key] = nil
                }
            default:
                now += 1
                while let timer = queue.popDue(at: .seconds(now)) {
                    #expect(live.removeValue(forKey: ObjectIdentifier(timer)) != nil)
                    timer.fire()
                }
                #expect(live.values.allSatisfy { $0.deadline > .seconds(now) })
            }
        }
    }
}
