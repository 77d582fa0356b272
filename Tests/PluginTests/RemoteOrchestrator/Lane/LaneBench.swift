import Logging
import Synchronization
import WingmanTesting

@testable import Supervision
@testable import Wingman
@testable import WingmanRemoteOrchestrator

/// The lane of one client in one process, on a clock that the test moves. Its parts are real, but the test beats, and says
/// how the service fares; handlers run on the pool.
final class LaneBench: Sendable {
    private struct State {
        var calls: [Int] = []
        var cancelled: [Int] = []
        var registered: ProcessID?
        var beats = 0
    }

    static let client = "m"
    let time = ManualTime()
    let memory: MemoryStore
    let store: FaultyStore
    let life = ProcessLife()
    let workshop: Workshop
    private let registry: ServiceRegistry
    private let state = Mutex(State())

    init(options: OrchestratorOptions = OrchestratorOptions()) {
        self.memory = MemoryStore(time: self.time)
        self.store = FaultyStore(self.memory, time: self.time)
        self.registry = ServiceRegistry(time: self.time)
        let environment = ServiceEnvironment(
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }),
            client: Client(store: self.store),
            services: ServiceDirectory(declared: [Self.client], registry: self.registry),
            values: SharedValues(),
            time: self.time,
            store: self.store,
            life: self.life,
            owner: OrchestratorKeys.namespace
        )
        self.workshop = Workshop(
            options: options,
            environment: environment,
            board: LaneBoard(),
            metrics: OrchestratorMetrics(environment.metrics)
        )
        self.workshop.board.begin(list: options.list, services: environment.services)
    }

    var environment: ServiceEnvironment { self.workshop.environment }

    /// The messages that handlers were called with, in order.
    var calls: [Int] { self.state.withLock { $0.calls } }
    /// Those whose handlers were cancelled.
    var cancelled: [Int] { self.state.withLock { $0.cancelled } }

    // MARK: The process

    /// What the heartbeat does: the lease lasts for a day, unless something else is said.
    func beat(lease: Duration = .seconds(86_400)) async throws {
        let incarnation = self.life.candidate
        let (kind, number) = self.state.withLock { state -> (Beat.Kind, Int) in
            let isKnown = state.registered == incarnation.process
            state.registered = incarnation.process
            state.beats = isKnown ? state.beats + 1 : 1
            return (isKnown ? .renew : .register, state.beats)
        }
        let beat = Beat(
            process: incarnation.process,
            kind: kind,
            number: number,
            lease: lease,
            info: "{}",
            concurrency: 1,
            isQuiet: self.life.isQuiet,
            residentKiB: 0,
            roundTripMicroseconds: 0,
            work: [],
            executions: []
        )
        switch try await self.store.beat(beat) {
        case .alive: self.life.confirm(incarnation, until: self.time.now + lease)
        case .refused: self.life.fence(incarnation)
        }
    }

    /// The process has lost its lease.
    func fence() { self.life.fence(self.life.candidate) }

    /// What becomes of a process that goes quiet.
    func quiet() async {
        self.life.quiet()
        self.workshop.closing.close()
        await self.time.settle()
    }

    /// Lets the lane run, and the keeper of roles.
    func start() -> Task<Void, any Error> {
        let service = LaneService(workshop: self.workshop)
        return Task(executorPreference: self.time.executor) { try await service.serve() }
    }

    /// The same in a tree, which can stop it.
    func startSupervised() throws -> (root: Supervisor, run: Task<Void, any Error>) {
        let (time, workshop) = (self.time, self.workshop)
        let root = try Supervisor(
            SupervisorSpecification("root") {
                ChildSpecification("lane", executor: time.executor) { LaneService(workshop: workshop) }
            },
            time: time,
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return (root, Task(executorPreference: time.executor) { try await root.run() })
    }

    // MARK: The service

    /// How the service fares from now on.
    func service(_ state: RegistryState, _ service: (any Wingman.Service)? = nil) {
        let owner = RegistryOwner(supervisor: 1, child: ChildID(rawValue: 1))
        _ = self.registry.update(Self.client, owner: owner, state: state, service: service)
    }

    /// A handler runs from now on.
    func handle(
        _ lanes: InboundLanes = .ordered,
        _ retry: InboundRetry = InboundRetry(),
        _ handling: @escaping @Sendable (Int) async throws -> Void
    ) {
        let handler = LaneHandler(lanes: lanes, retry: retry) { number in
            self.state.withLock { $0.calls.append(number) }
            do {
                try await handling(number)
            } catch let error as CancellationError {
                self.state.withLock { $0.cancelled.append(number) }
                throw error
            }
        }
        self.service(.running(generation: 1), handler)
    }

    // MARK: The store

    /// Messages for the client, as the router leaves them.
    func route(_ numbers: Range<Int>, _ members: String = "") async throws {
        let parcels = numbers.map { number in
            Parcel(id: "\(number)", received: 0, raw: Array(InboundBench.message(Self.client, number, members).utf8))
        }
        let list = self.workshop.names.lane(of: Self.client)
        _ = try await self.memory.apply(Change(parcels.map { .append(list: list, payload: $0.bytes) }))
    }

    /// The ids of the messages that wait, in order.
    func waiting() async throws -> [String] {
        try await self.memory.entries(in: .list(self.workshop.names.lane(of: Self.client)), from: 0, limit: 1_000)
            .map { try Parcel($0.payload).id }
    }

    /// Who has a role in the store; by default the lane's.
    func owner(of role: String = OrchestratorKeys.role(of: LaneBench.client)) async throws -> String? {
        try await self.memory.values(of: [self.workshop.names.keys.owner(role)])[0]
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

private struct LaneService: Wingman.Service {
    let workshop: Workshop

    func run() async throws {
        try await self.serve()
        await untilStopped()
    }

    /// Until the process is quiet, and the lane has left.
    func serve() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.workshop.roles.run() }
            group.addTask { try await LaneLoop(client: LaneBench.client, workshop: self.workshop).run() }
            try await group.waitForAll()
        }
    }
}

private struct LaneHandler: InboundHandler {
    let lanes: InboundLanes
    let retry: InboundRetry
    let handling: @Sendable (Int) async throws -> Void

    func run() async throws { await untilStopped() }

    func handle(_ body: ProbeBody, context: InboundContext) async throws -> NoReply {
        try await self.handling(body.n)
        return NoReply()
    }
}

/// A service that takes no messages.
struct LaneIdle: Wingman.Service {
    func run() async throws { await untilStopped() }
}
