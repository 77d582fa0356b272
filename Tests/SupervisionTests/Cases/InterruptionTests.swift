import Synchronization
import TestSupport
import Testing

@testable import Supervision

/// Another process leads, for ever.
private struct NoOffice: Leadership {
    func changes() -> AsyncStream<LeadershipState> { AsyncStream { $0.yield(.follower) } }
}

@Suite("A stop in the middle of anything")
struct InterruptionTests {
    /// What a tree may be waiting for.
    enum Wait: CaseIterable {
        case readiness, factory, backoff, parked, probe, office, abandoned, groupRestart, innerStart, innerBackoff
    }

    @Test("ends every wait at once: no time has to pass", arguments: Wait.allCases)
    func everyWait(_ wait: Wait) async throws {
        let stage = Stage()
        let gate = Gate()
        let root = try await stage.start(Self.specification(wait, stage, gate))
        try await Self.lead(wait, stage, root)
        let now = stage.time.now
        await stage.act { root.stop() }
        await stage.act { gate.open() }
        #expect(root.tree().state == .finished, "\(root.tree().text)")
        #expect(await stage.outcome() == nil)
        #expect(stage.time.now == now)
        #expect(stage["sibling"].alive == 0)
        let left = root.unstopped.entries.count
        #expect(left == (wait == .abandoned ? 1 : 0))
        stage["a"].finish(incarnation: 1)
    }

    private static func specification(_ wait: Wait, _ stage: Stage, _ gate: Gate) -> SupervisorSpecification {
        switch wait {
        case .innerStart, .innerBackoff:
            let readiness: Readiness = wait == .innerStart ? .signal(within: .seconds(30)) : .immediate
            return SupervisorSpecification("root") {
                stage.child("sibling")
                SupervisorSpecification("inner") { stage.child("a", readiness: readiness) }
            }
        case .parked, .probe:
            return SupervisorSpecification(
                "root",
                intensity: Intensity(0, within: .seconds(60)),
                giveUp: .park(retryAfter: .seconds(300))
            ) {
                stage.child("sibling")
                stage.child("a")
            }
        case .groupRestart:
            return SupervisorSpecification("root", strategy: .oneForAll) {
                stage.child("sibling")
                stage.child("a")
            }
        case .readiness, .factory, .backoff, .office, .abandoned:
            let child = Self.waitingChild(wait, stage, gate)
            return SupervisorSpecification("root") {
                stage.child("sibling")
                child
            }
        }
    }

    /// The child of a plain tree that is waited for.
    private static func waitingChild(_ wait: Wait, _ stage: Stage, _ gate: Gate) -> ChildSpecification {
        switch wait {
        case .readiness:
            return stage.child("a", readiness: .signal(within: .seconds(30)))
        case .factory:
            stage["a"].change { $0.factory = { _ in await gate.wait() } }
            return stage.child("a", readiness: .factory(within: .seconds(30))) { $0.stop.graceful = .zero }
        case .office:
            return stage.child("a") { $0.when = .leader(NoOffice()) }
        case .abandoned:
            return stage.child("a", obeys: .nothing) {
                $0.isExclusive = true
                $0.heartbeat = Heartbeat(every: .seconds(10), missed: 1)
            }
        case .backoff, .parked, .probe, .groupRestart, .innerStart, .innerBackoff:
            return stage.child("a")
        }
    }

    /// Brings the tree to where it waits.
    private static func lead(_ wait: Wait, _ stage: Stage, _ root: Supervisor) async throws {
        switch wait {
        case .readiness, .factory, .office, .innerStart:
            break
        case .abandoned:
            await stage.time.advance(by: .seconds(60))
            #expect(root.tree()["a"]?.state == .blocked)
        case .probe:
            await stage.act { stage["a"].fail() }
            await stage.time.advance(by: .seconds(300))
            #expect(stage["a"].starts == 2)
        case .backoff, .parked, .groupRestart, .innerBackoff:
            await stage.act { stage["a"].fail() }
        }
    }

    @Test(
        "never takes longer than the budget, whatever the tree, its state and its children's deafness",
        arguments: 0..<200
    )
    func budget(seed: UInt64) async throws {
        let stage = Stage()
        var random = RandomNumbers(seed: seed)
        var names: [String] = []
        let specification = Self.supervisor("root", depth: 0, stage, &names, &random)
        let root = try await stage.start(specification)
        for _ in 0..<Int(random.unit() * 6) {
            let name = names[Int(random.unit() * Double(names.count))]
            await stage.act { if random.unit() < 0.5 { stage[name].fail() } else { stage[name].ready() } }
            await stage.time.advance(by: .seconds(random.unit() * 20))
        }
        await stage.act { root.stop() }
        await stage.time.advance(by: specification.stopBudget)
        #expect(root.tree().state == .finished, "budget \(specification.stopBudget)\n\(root.tree().text)")
        #expect(stage.time.pendingTimers < 200)
        for name in names { for number in 1...30 { stage[name].finish(incarnation: number) } }
        await stage.time.settle()
        for name in names { #expect(stage[name].alive == 0) }
    }

    /// A tree of random shape whose children are obedient, deaf, or slow to get ready.
    private static func supervisor(
        _ name: String,
        depth: Int,
        _ stage: Stage,
        _ names: inout [String],
        _ random: inout RandomNumbers
    ) -> SupervisorSpecification {
        let strategies: [Strategy] = [.oneForOne, .restForOne, .oneForAll, .dynamic(maximum: 10)]
        let policies: [GiveUpPolicy] = [.escalate, .park(retryAfter: .seconds(5)), .park(retryAfter: nil)]
        var specification = SupervisorSpecification(
            name,
            strategy: strategies[Int(random.unit() * 4)],
            giveUp: policies[Int(random.unit() * 3)]
        )
        if random.unit() < 0.2 { specification.stopLimit = .seconds(1 + random.unit() * 20) }
        for index in 0..<(1 + Int(random.unit() * 3)) {
            let path = "\(name)-\(index)"
            if depth < 2, random.unit() < 0.3 {
                let inner = Self.supervisor(path, depth: depth + 1, stage, &names, &random)
                specification.children.append(ChildSpecification(inner))
            } else {
                names.append(path)
                specification.children.append(Self.child(path, stage, &random))
            }
        }
        return specification
    }

    private static func child(_ name: String, _ stage: Stage, _ random: inout RandomNumbers) -> ChildSpecification {
        let obedience: [Puppet.Obedience] = [.graceful, .cancellation, .nothing]
        let isSlow = random.unit() < 0.3
        let (graceful, cancel) = (random.unit() * 10, random.unit() * 5)
        return stage.child(
            name,
            readiness: isSlow ? .signal(within: .seconds(10)) : .immediate,
            obeys: obedience[Int(random.unit() * 3)]
        ) {
            $0.stop = StopPolicy(graceful: .seconds(graceful), cancel: .seconds(cancel))
        }
    }
}
