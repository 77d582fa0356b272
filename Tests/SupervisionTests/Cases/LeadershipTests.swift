import Supervision
import Synchronization
import TestSupport
import Testing

/// A lease that a test gives and takes.
private final class Lease: Leadership {
    private let streams = Mutex<[AsyncStream<LeadershipState>.Continuation]>([])

    func changes() -> AsyncStream<LeadershipState> {
        let (stream, continuation) = AsyncStream.makeStream(of: LeadershipState.self)
        self.streams.withLock { $0.append(continuation) }
        return stream
    }

    func tell(_ state: LeadershipState) {
        for stream in self.streams.withLock({ $0 }) { stream.yield(state) }
    }
}

@Suite("A child that runs where this process leads")
struct LeadershipTests {
    private static func led(_ stage: Stage, _ lease: Lease) -> SupervisorSpecification {
        SupervisorSpecification("root") {
            stage.child("leader") { $0.when = .leader(lease) }
            stage.child("always")
        }
    }

    @Test(
        "starts with the term of office, stops when another leads, and stands by in between without holding up siblings"
    )
    func comesAndGoes() async throws {
        let stage = Stage()
        let lease = Lease()
        let root = try await stage.start(Self.led(stage, lease))
        #expect(root.tree()["leader"]?.state == .standby)
        #expect(root.tree().health == .healthy)
        #expect(stage["always"].starts == 1)
        await stage.act { lease.tell(.leader(term: 7)) }
        #expect(root.tree()["leader"]?.state == .running)
        #expect(stage["leader"].handle?.term == 7)
        #expect(root.tree()["leader"]?.term == 7)
        await stage.act { lease.tell(.follower) }
        #expect(root.tree()["leader"]?.state == .standby)
        #expect(stage["leader"].alive == 0)
        #expect(root.registry.lookup("leader") == .absent)
        await stage.act { lease.tell(.leader(term: 9)) }
        #expect(stage["leader"].handle?.term == 9)
        #expect(root.tree()["leader"]?.restartsInWindow == 0)
        await stage.stop()
    }

    @Test("is replaced when the process leads again in a new term before it noticed the end of the old one")
    func newTerm() async throws {
        let stage = Stage()
        let lease = Lease()
        try await stage.start(Self.led(stage, lease))
        await stage.act { lease.tell(.leader(term: 1)) }
        await stage.act { lease.tell(.leader(term: 1)) }
        #expect(stage["leader"].starts == 1)
        await stage.act { lease.tell(.leader(term: 3)) }
        #expect(stage["leader"].starts == 2)
        #expect(stage["leader"].handle?.term == 3)
        #expect(stage["leader"].alive == 1)
        await stage.stop()
    }

    @Test("is not restarted after a failure when the process has lost office meanwhile")
    func lostDuringBackoff() async throws {
        let stage = Stage()
        let lease = Lease()
        let root = try await stage.start(Self.led(stage, lease))
        await stage.act { lease.tell(.leader(term: 1)) }
        await stage.act { stage["leader"].fail() }
        await stage.act { lease.tell(.follower) }
        await stage.time.advance(by: .seconds(10))
        #expect(root.tree()["leader"]?.state == .standby)
        #expect(stage["leader"].starts == 1)
        await stage.stop()
    }

    @Test("that ignores the loss of office is cancelled and abandoned like any other")
    func deaf() async throws {
        let stage = Stage()
        let lease = Lease()
        let root = try await stage.start(
            SupervisorSpecification("root") { stage.child("leader", obeys: .nothing) { $0.when = .leader(lease) } }
        )
        await stage.act { lease.tell(.leader(term: 1)) }
        await stage.act { lease.tell(.follower) }
        await stage.time.advance(by: .seconds(15))
        #expect(root.tree()["leader"]?.state == .standby)
        #expect(root.tree()["leader"]?.abandoned == 1)
        stage["leader"].finish()
        await stage.stop()
    }

    @Test("goes down and comes up with its group while the process leads, and stays down with it otherwise")
    func group() async throws {
        let stage = Stage()
        let lease = Lease()
        let root = try await stage.start(
            SupervisorSpecification("root", strategy: .restForOne) {
                stage.child("base")
                stage.child("leader") { $0.when = .leader(lease) }
                stage.child("last")
            }
        )
        await stage.act { stage["base"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(stage["leader"].starts == 0)
        #expect(root.tree()["leader"]?.state == .standby)
        await stage.act { lease.tell(.leader(term: 2)) }
        stage.log.clear()
        await stage.act { stage["base"].fail() }
        await stage.time.advance(by: .seconds(1))
        #expect(
            stage.log.lines == [
                "end base", "asked last", "end last", "asked leader", "end leader", "start base", "start leader",
                "start last",
            ]
        )
        #expect(stage["leader"].handle?.term == 2)
        await stage.stop()
    }

    @Test("that is exclusive and deaf to the loss of office does not run twice in the next term")
    func exclusive() async throws {
        let stage = Stage()
        let lease = Lease()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("leader", obeys: .nothing) {
                    $0.when = .leader(lease)
                    $0.isExclusive = true
                }
            }
        )
        await stage.act { lease.tell(.leader(term: 1)) }
        await stage.act { lease.tell(.follower) }
        await stage.time.advance(by: .seconds(15))
        await stage.act { lease.tell(.leader(term: 2)) }
        #expect(root.tree()["leader"]?.state == .blocked)
        #expect(stage["leader"].starts == 1)
        await stage.act { stage["leader"].finish(incarnation: 1) }
        #expect(stage["leader"].handle?.term == 2)
        await stage.act { root.stop() }
        await stage.act { stage["leader"].finish() }
        #expect(await stage.outcome() == nil)
    }

    @Test("is let go of when its supervisor stops: nobody listens for the lease any more")
    func letGo() async throws {
        let stage = Stage()
        let lease = Lease()
        let root = try await stage.start(Self.led(stage, lease))
        await stage.act { root.stop() }
        await stage.act { lease.tell(.leader(term: 5)) }
        #expect(stage["leader"].starts == 0)
        #expect(await stage.outcome() == nil)
    }
}
