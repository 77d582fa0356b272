import Logging
import ServiceLifecycle
import Supervision
import Synchronization
import TestSupport
import Testing

/// Leads by turns, a term each time.
private struct RestlessLease: Leadership {
    func changes() -> AsyncStream<LeadershipState> {
        AsyncStream { continuation in
            for term in 1...3 {
                continuation.yield(.leader(term: UInt64(term)))
                if term < 3 { continuation.yield(.follower) }
            }
        }
    }
}

/// A service that counts those of its kind that run, and does `prelude` first.
private struct Idle: Service {
    let alive: Tally
    var prelude: @Sendable () async throws -> Void = {}

    func run() async throws {
        self.alive.add(1)
        defer { self.alive.add(-1) }
        try await self.prelude()
        try await gracefulShutdown()
    }
}

/// A service with a mailbox that is sent a message at each start.
private struct Reader: MessageService {
    let mailbox: Mailbox<Int>
    let alive: Tally

    func handle(_ message: Int) async throws {
        self.alive.add(1)
        defer { self.alive.add(-1) }
        await Task.yield()
    }
}

@Suite("Started and stopped from ten tasks fifty times", .timeLimit(.minutes(3)))
struct StressTests {
    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    enum Kind: CaseIterable {
        case plain, ordered, signal, factory, heartbeat, leader, temporary, crashing, parking, exclusive
        case mailbox, restForOne, oneForAll, dynamic, partition, nested
    }

    @Test("each kind of child leaves nothing running", arguments: Kind.allCases)
    func everyKind(_ kind: Kind) async throws {
        let alive = Tally()
        let unclean = try await startStopStress {
            try Supervisor(Self.specification(kind, alive), logger: Self.silent)
        } afterRound: { _ in
            #expect(alive.value == 0)
        }
        #expect(unclean.isEmpty, "\(unclean.first ?? "")")
    }

    @Test("a tree of all kinds at once leaves nothing running")
    func wholeTree() async throws {
        let alive = Tally()
        let unclean = try await startStopStress {
            try Supervisor(
                SupervisorSpecification("root", intensity: .unlimited) {
                    for kind in Kind.allCases { Self.specification(kind, alive) }
                },
                logger: Self.silent
            )
        } afterRound: { root in
            #expect(alive.value == 0)
            #expect(root.registry.names.isEmpty)
        }
        #expect(unclean.isEmpty, "\(unclean.first ?? "")")
    }

    private static func specification(_ kind: Kind, _ alive: Tally) -> SupervisorSpecification {
        let strategy: Strategy =
            switch kind {
            case .restForOne: .restForOne
            case .oneForAll: .oneForAll
            case .dynamic: .dynamic(maximum: 10)
            default: .oneForOne
            }
        let giveUp: GiveUpPolicy = kind == .parking ? .park(retryAfter: .milliseconds(1)) : .escalate
        if kind == .partition {
            let parts = Partition("partition", count: 3)
            return parts.supervisor { ChildSpecification(parts.member($0), stop: patientStop) { Idle(alive: alive) } }
        }
        return SupervisorSpecification(
            "\(kind)",
            strategy: strategy,
            intensity: kind == .parking ? Intensity(1, within: .seconds(60)) : .unlimited,
            giveUp: giveUp,
            stopLimit: kind == .dynamic ? patience : nil
        ) {
            for number in 0..<3 { Self.child(kind, number, alive) }
            if kind == .nested {
                SupervisorSpecification("inner", strategy: .restForOne) {
                    for number in 3..<6 { Self.child(.plain, number, alive, name: "nested-\(number)") }
                }
            }
        }
    }

    private static func child(_ kind: Kind, _ number: Int, _ alive: Tally, name: String? = nil) -> ChildSpecification {
        let name = name ?? "\(kind)-\(number)"
        if kind == .mailbox {
            let inbox = Mailbox<Int>(capacity: 4, whenFull: .dropOldest)
            return ChildSpecification(name, stop: patientStop) {
                try? inbox.trySend(number)
                return Reader(mailbox: inbox, alive: alive)
            }.receiving(inbox)
        }
        var idle = Idle(alive: alive)
        switch kind {
        case .signal: idle.prelude = { Incarnation.current?.ready() }
        case .heartbeat: idle.prelude = { for _ in 0..<3 { Incarnation.current?.beat() } }
        case .crashing, .parking: if number == 1 { idle.prelude = { throw Broken() } }
        default: break
        }
        let service = idle
        var child = ChildSpecification(name, stop: patientStop, backoff: .constant(.microseconds(100))) {
            service
        }
        switch kind {
        case .ordered: child.after = number < 2 ? ["\(kind)-\(number + 1)"] : []
        case .signal: child.readiness = .signal(within: .seconds(30))
        case .factory: child.readiness = .factory(within: .seconds(30))
        case .heartbeat: child.heartbeat = Heartbeat(every: .seconds(10))
        case .leader: child.when = .leader(RestlessLease())
        case .temporary: child.restart = .temporary
        case .exclusive: child.isExclusive = true
        default: break
        }
        return child
    }
}
