import Logging
import Synchronization
import TestSupport
import Testing

@testable import Supervision

/// The cases that the machine alone passes by the thousand, once more through tasks, timers and service groups: counted,
/// not timed.
@Suite("The real shell under load (cases 13 and 18)", .serialized, .timeLimit(.minutes(5)))
struct ShellTests {
    fileprivate static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// What a supervisor holds at the moment.
    private static func holdings(_ root: Supervisor) -> (runners: Int, timers: Int) {
        root.shell.withLock { ($0.runners.count, $0.timers.count) }
    }

    @Test("case 13: 100,000 instant failures follow the seeded backoff exactly, and nothing piles up")
    func crashLoop() async throws {
        let loop = try CrashLoop()
        let run = Task(executorPreference: loop.time.executor) { try await loop.root.run() }
        await loop.time.settle()
        var delays: [Duration] = []
        var perHour: [Int] = []
        var memory = 0
        while delays.count < 100_000 {
            let hour = await loop.passHour()
            delays += hour
            perHour.append(hour.count)
            if memory == 0, delays.count > 50_000 { memory = Usage.memory }
            #expect(Self.holdings(loop.root).runners <= 1)
            #expect(Self.holdings(loop.root).timers <= 1)
        }
        #expect(loop.events.dropped == 0)
        #expect(loop.starts.value == delays.count, "each failure is one start")
        var random = RandomNumbers(seed: loop.root.machine.withLock { $0.seed })
        #expect(delays == (0..<delays.count).map { CrashLoop.backoff.delay(attempt: $0, random: random.unit()) })
        // At the longest backoff a start costs at least 15 s: that bounds what a crash loop can make the processor do.
        #expect(perHour.dropFirst().allSatisfy { $0 <= 240 })
        #expect(loop.census.largest <= 2)
        #expect(loop.time.pendingTimers < 100)
        #expect(Usage.memory - memory < 24 << 20, "50,000 failures that leaked 0.5 KB each would show")
        loop.root.stop()
        try await run.value
        #expect(loop.census.alive == 0)
    }

    @Test("case 18: storms of 1,000 dynamic children that fail at once are spread, and nobody is started twice")
    func storm() async throws {
        let count = 1_000
        let stage = Stage()
        let puppets = (0..<count).map { stage["c\($0)"] }
        let root = try await stage.start(
            SupervisorSpecification("root", strategy: .dynamic(maximum: count), intensity: .unlimited) {
                for number in 0..<count {
                    stage.child("c\(number)") { $0.backoff = .exponential(minimum: .seconds(1), jitter: .equal) }
                }
            }
        )
        #expect(puppets.allSatisfy { $0.alive == 1 })
        // The second storm finds everybody at the second delay: 1 to 2 s.
        for (storm, range) in [50..<101, 100..<201].enumerated() {
            await stage.act { for puppet in puppets { puppet.fail() } }
            #expect(puppets.allSatisfy { $0.alive == 0 && $0.starts == storm + 1 })
            #expect(stage.time.pendingTimers >= count)
            var ticks: [Int: Int] = [:]
            for tick in 0..<range.upperBound {
                let before = puppets.reduce(0) { $0 + $1.starts }
                await stage.time.advance(by: .milliseconds(10))
                let started = puppets.reduce(0) { $0 + $1.starts } - before
                if started > 0 { ticks[tick] = started }
            }
            #expect(ticks.values.reduce(0, +) == count)
            #expect(ticks.keys.allSatisfy { (range.lowerBound - 1..<range.upperBound).contains($0) })
            #expect(ticks.values.max() ?? 0 < 60, "about 20 a tick of 10 ms are expected, or 10")
            #expect(puppets.allSatisfy { $0.alive == 1 && $0.starts == storm + 2 })
            #expect(Self.holdings(root).runners == count)
            #expect(Self.holdings(root).timers <= count)
        }
        #expect(root.tree().children.allSatisfy { $0.state == .running && $0.restarts == 2 })
        await stage.stop()
        #expect(puppets.allSatisfy { $0.alive == 0 })
        #expect(Self.holdings(root) == (0, 0))
    }
}

/// A child whose factory throws at each start, on a manual clock.
private struct CrashLoop {
    static let backoff = Backoff.exponential(minimum: .milliseconds(100), maximum: .seconds(30), jitter: .equal)

    let time = ManualTime()
    let census = Census()
    let starts = Tally()
    let root: Supervisor
    let events: EventSubscription

    init() throws {
        let (time, census, starts) = (self.time, self.census, self.starts)
        self.root = try Supervisor(
            SupervisorSpecification("root", intensity: .unlimited, firstStart: .treatAsRestart) {
                ChildSpecification("crasher", backoff: Self.backoff, executor: time.executor) {
                    census.enter()
                    starts.add(1)
                    throw Broken()
                }
            },
            time: time,
            logger: ShellTests.silent,
            seed: 42
        )
        self.events = self.root.events(capacity: 4_096)
    }

    /// The delays of the restarts within the next hour.
    func passHour() async -> [Duration] {
        await self.time.advance(by: .seconds(3_600))
        return self.events.takeBuffered().compactMap { event in
            if case .restarting(let delay) = event.kind { delay } else { nil }
        }
    }
}
