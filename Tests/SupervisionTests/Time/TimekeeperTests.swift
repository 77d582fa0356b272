import Supervision
import Synchronization
import TestSupport
import Testing

@Suite("Time")
struct TimekeeperTests {
    @Test("on the timer thread fires timers and runs tasks while every cooperative thread computes")
    func saturatedPool() async {
        await alone { await Self.saturate() }
    }

    private static func saturate() async {
        let done = Flag()
        // Blocks all cooperative threads: as many as cores, and some to spare.
        let blockers = (0..<16).map { _ in Task { while !done.isSet {} } }
        let time = TimerThread.shared
        let slept = Task(executorPreference: time.executor) {
            for _ in 0..<20 { try await time.sleep(for: .milliseconds(1)) }
            // Only this ends the computing tasks: if timers waited for the pool, the test would never end.
            done.set()
        }
        await #expect(throws: Never.self) { try await slept.value }
        for blocker in blockers { await blocker.value }
    }

    @Test("throws CancellationError at once from a sleep that is cancelled, and from one in a cancelled task")
    func cancellation() async {
        let time = ManualTime()
        let task = Task(executorPreference: time.executor) { try await time.sleep(for: .seconds(1_000)) }
        await time.settle()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let late = Task(executorPreference: time.executor) {
            withUnsafeCurrentTask { $0?.cancel() }
            try await time.sleep(for: .seconds(1_000))
        }
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test("in a test fires each timer at its own instant, with what it wakes before the next")
    func manualOrder() async {
        let time = ManualTime(now: .zero)
        let log = Log()
        let task = Task(executorPreference: time.executor) {
            for step in 1...3 {
                try await time.sleep(for: .seconds(10))
                log.append("task \(step) at \(time.now)")
            }
        }
        await time.settle()
        time.schedule(after: .seconds(10)) { log.append("timer at \(time.now)") }
        time.schedule(after: .seconds(25)) { log.append("timer at \(time.now)") }
        await time.advance(by: .seconds(40))
        #expect(
            log.lines == [
                "task 1 at 10.0 seconds", "timer at 10.0 seconds", "task 2 at 20.0 seconds", "timer at 25.0 seconds",
                "task 3 at 30.0 seconds",
            ]
        )
        #expect(time.now == .seconds(40))
        await #expect(throws: Never.self) { try await task.value }
    }

    @Test("runs a body once, and never after it was cancelled")
    func once() async {
        let time = ManualTime()
        let count = Atomic<Int>(0)
        let timer = time.schedule(after: .seconds(1)) { count.add(1, ordering: .relaxed) }
        let cancelled = time.schedule(after: .seconds(1)) { count.add(100, ordering: .relaxed) }
        cancelled.cancel()
        await time.advance(by: .seconds(5))
        timer.fire()
        #expect(count.load(ordering: .relaxed) == 1)
        #expect(!timer.cancel())
    }
}
