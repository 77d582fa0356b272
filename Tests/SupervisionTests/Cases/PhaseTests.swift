import Supervision
import TestSupport
import Testing

@Suite("Phases, partition and tree")
struct PhaseTests {
    @Test("quiet reaches the children started last first, through nested supervisors, and incarnations started later")
    func quiet() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("store")
                SupervisorSpecification("plugins") {
                    stage.child("scheduler")
                    stage.child("orchestrator")
                }
            }
        )
        stage.log.clear()
        await root.quietAndWait()
        #expect(stage.log.lines == ["quiet orchestrator", "quiet scheduler", "quiet store"])
        #expect(root.tree().isQuiet)
        #expect(root.tree()["plugins"]?.isQuiet == true)
        #expect(stage.takeEvents().contains { if case .quiet = $0.kind { $0.path == "root" } else { false } })
        stage.log.clear()
        await root.quietAndWait()
        await stage.act { stage["scheduler"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(stage.log.lines.filter { $0.hasPrefix("quiet") } == ["quiet scheduler"])
        await stage.stop()
    }

    @Test("a hook that hangs holds up quiet no longer than its child's graceful budget, and a stop not at all")
    func quietHangs() async throws {
        let stage = Stage()
        let gate = Gate()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                stage.child("b") { $0.quiet = { await gate.wait() } }
            }
        )
        await stage.act { root.quiet() }
        #expect(!stage.log.lines.contains("quiet a"))
        await stage.time.advance(by: .seconds(10))
        #expect(stage.log.lines.contains("quiet a"))
        await stage.act { root.stop() }
        #expect(await stage.outcome() == nil)
        gate.open()
    }

    @Test("a partition starts its copies and sends each key always to the same one")
    func partition() async throws {
        let stage = Stage()
        let crawlers = Partition("crawler", count: 4)
        let root = try await stage.start(
            SupervisorSpecification("root") { crawlers.supervisor { stage.child(crawlers.member($0)) } }
        )
        #expect(root.tree()["crawler"]?.children.map(\.name) == ["crawler-0", "crawler-1", "crawler-2", "crawler-3"])
        let keys = (0..<1_000).map { "host\($0).example.org" }
        let counts = keys.reduce(into: [0, 0, 0, 0]) { $0[crawlers.index(for: $1)] += 1 }
        #expect(counts.allSatisfy { (150...350).contains($0) }, "\(counts)")
        #expect(crawlers.index(for: "example.org") == 1, "the same in every process and release")
        let name = try await crawlers.reference(for: "example.org", as: PuppetRun.self, in: root.registry).withService {
            $0.name
        }
        #expect(name == "crawler-1")
        await stage.stop()
    }

    @Test("the tree is drawn with state, uptime, restarts and last error, and survives JSON")
    func tree() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("wingman") {
                stage.child("store")
                SupervisorSpecification("plugins", giveUp: .park(retryAfter: .seconds(300))) {
                    stage.child("scheduler")
                    stage.child("orchestrator")
                }
            }
        )
        await stage.time.advance(by: .seconds(192))
        await stage.act { stage["orchestrator"].fail(Broken("refused\nsecond line")) }
        let text = """
            wingman               running 3m12s   one-for-one, escalates
            ├── store             running 3m12s
            └── plugins           running 3m12s   one-for-one, parks what keeps failing
                ├── scheduler     running 3m12s
                └── orchestrator  restarting in 1.0s   incarnation 1, 1 restart   last error: threw refused
            """
        #expect(root.tree().text == text)
        #expect(root.tree().health == .degraded, "the orchestrator is optional")
        await stage.act { stage["store"].fail() }
        #expect(root.tree().health == .notReady, "the store is not")
        await stage.stop()
    }
}
