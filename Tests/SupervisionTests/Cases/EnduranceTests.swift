import Foundation
import Logging
import ServiceLifecycle
import Supervision
import Synchronization
import Testing

/// Counts those of its kind that are alive.
private final class Counted: Service {
    static let alive = Atomic<Int>(0)
    static let made = Atomic<Int>(0)
    private let body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) {
        self.body = body
        Self.alive.add(1, ordering: .relaxed)
        Self.made.add(1, ordering: .relaxed)
    }

    deinit {
        Self.alive.subtract(1, ordering: .relaxed)
    }

    func run() async throws {
        try await self.body()
    }
}

@Suite("Endurance (cases 54, 56 and 57)", .serialized)
struct EnduranceTests {
    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static var threadCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
    }

    @Test("case 54: 10,000 restarts on the real clock leave no services, tasks, threads or memory behind")
    func leak() async throws {
        let halfway = Mutex((memory: 0, threads: 0))
        let largest = Atomic<Int>(0)
        let census = Census()
        let root = try Supervisor(
            SupervisorSpecification("root", intensity: .unlimited) {
                ChildSpecification("crasher", backoff: .none) {
                    Counted {
                        census.enter()
                        largest.max(Counted.alive.load(ordering: .relaxed), ordering: .relaxed)
                        let made = Counted.made.load(ordering: .relaxed)
                        if made == 5_000 { halfway.withLock { $0 = (Usage.memory, Self.threadCount) } }
                        if made < 10_000 { throw Broken() }
                        Incarnation.current?.terminateTree(reason: "enough")
                        try await gracefulShutdown()
                    }
                }
            },
            logger: Self.silent
        )
        await #expect(throws: SupervisionError.self) { try await root.run() }
        #expect(Counted.made.load(ordering: .relaxed) == 10_000)
        // A predecessor may be in its last breath while the next one starts.
        #expect(largest.load(ordering: .relaxed) <= 4)
        #expect(census.largest <= 4)
        let (memory, threads) = halfway.withLock { $0 }
        #expect(Usage.memory - memory < 24 << 20, "5,000 restarts that leaked 5 KB each would show")
        #expect(Self.threadCount - threads < 8)
    }

    @Test("case 56: a supervisor takes no part in the work of its children: a million of them make it do nothing")
    func notInTheWay() async throws {
        let stage = Stage()
        let count = Atomic<Int>(0)
        stage["worker"].change { script in
            script.run = { _ in
                for _ in 0..<1_000_000 {
                    count.add(1, ordering: .relaxed)
                    if count.load(ordering: .relaxed).isMultiple(of: 1_000) { Incarnation.current?.beat() }
                }
                return false
            }
        }
        try await stage.start(
            SupervisorSpecification("root") { stage.child("worker") { $0.heartbeat = Heartbeat(every: .seconds(1)) } }
        )
        #expect(count.load(ordering: .relaxed) == 1_000_000)
        // Everything it hears of is an event; a child's start is three, the supervisor's one.
        #expect(stage.takeEvents().count == 3)
        await stage.stop()
    }

    @Test(
        "case 57: a trap in a child ends the process with a code for whoever started it: nothing in process can supervise that"
    )
    func trap() async {
        await #expect(processExitsWith: .failure) {
            let root = try Supervisor("root") {
                ChildSpecification("trap") { Counted { fatalError("a trap, on purpose") } }
            }
            try await root.run()
        }
    }
}
