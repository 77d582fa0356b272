import Logging
import ServiceLifecycle
import Supervision
import Synchronization

// Shows that a tree stands in nobody's way: the same loops of jobs, bare and as supervised services that beat, in turns.
// Run it with `Scripts/bench supervision`; nothing else should be running.

let loops = 2  // as many as the machine that the figures are quoted for has cores
let jobs = 400_000  // in each loop; a round takes about half a second
let rounds = 9

/// A job of about a microsecond, behind a suspension point as real ones are.
@concurrent
func perform(_ seed: UInt64) async -> UInt64 {
    var value = seed
    for _ in 0..<500 { value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
    return value
}

func work() async -> UInt64 {
    var sum: UInt64 = 0
    for job in 0..<jobs {
        sum &+= await perform(UInt64(job))
        // A worker beats every few seconds; this is a thousand times as often.
        if job.isMultiple(of: 1_000) { Incarnation.current?.beat() }
    }
    return sum
}

/// One loop as a service; the last one to be through stops the tree.
struct Loop: Service {
    let remaining: Remaining

    func run() async throws {
        self.remaining.add(await work())
        if self.remaining.isLast() { Incarnation.current?.terminateTree(reason: "done") }
        try await gracefulShutdown()
    }
}

final class Remaining: Sendable {
    private let count = Atomic<Int>(loops)
    private let sum = Atomic<UInt64>(0)
    private let ended = Mutex<ContinuousClock.Instant?>(nil)

    /// When the last loop was through.
    var end: ContinuousClock.Instant { self.ended.withLock { $0 } ?? .now }

    func add(_ value: UInt64) {
        self.sum.wrappingAdd(value, ordering: .relaxed)
    }

    func isLast() -> Bool {
        guard self.count.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 else { return false }
        self.ended.withLock { $0 = .now }
        return true
    }
}

func bare() async -> Duration {
    let remaining = Remaining()
    let start = ContinuousClock.now
    await withTaskGroup { group in
        for _ in 0..<loops {
            group.addTask {
                remaining.add(await work())
                _ = remaining.isLast()
            }
        }
    }
    return remaining.end - start
}

func supervised() async throws -> Duration {
    let remaining = Remaining()
    let specification = SupervisorSpecification("bench") {
        SupervisorSpecification("jobs", strategy: .restForOne) {
            for number in 0..<loops {
                ChildSpecification("loop-\(number)", heartbeat: Heartbeat(every: .seconds(3))) {
                    Loop(remaining: remaining)
                }
            }
        }
    }
    let root = try Supervisor(specification, logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
    let start = ContinuousClock.now
    do { try await root.run() } catch let error as SupervisionError where error.code == .terminated {}
    return remaining.end - start
}

/// Jobs a second in the least disturbed round.
func rate(_ times: [Duration]) -> Double {
    Double(loops * jobs) / ((times.min() ?? .seconds(1)) / .seconds(1))
}

var bareTimes: [Duration] = []
var supervisedTimes: [Duration] = []
for _ in 0..<rounds {
    bareTimes.append(await bare())
    supervisedTimes.append(try await supervised())
}
let (without, with) = (rate(bareTimes), rate(supervisedTimes))
print("bare loop          \(Int(without)) jobs/s")
print("under supervision  \(Int(with)) jobs/s")
print("difference         \((1_000 * (without - with) / without).rounded() / 10) %")
