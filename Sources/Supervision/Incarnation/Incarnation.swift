import Synchronization

/// What a running service can tell its supervisor, and ask of it.
///
/// ```swift
/// func run() async throws {
///     try await self.connect()
///     Incarnation.current?.ready()
///     …
/// }
/// ```
///
/// It is bound while `run()` and the factory run, and in the tasks they start. None of its methods waits.
public final class Incarnation: Sendable {
    /// The incarnation that the current task belongs to; nil outside a supervisor.
    @TaskLocal public static var current: Incarnation?

    /// Where the child stands in the tree: `wingman/plugins/mailer`.
    public let path: String
    /// Which incarnation it is; the first is 1.
    public let generation: UInt64
    /// For a child that runs where this process leads: the term of office, which fences off late writes of a former leader.
    public let term: UInt64?

    /// The tree's time.
    public let time: any Timekeeper
    private let tell: @Sendable (MachineInput) -> Void
    private let terminate: @Sendable (SupervisionError) -> Void
    private let id: ChildID
    private let name: String
    private let lastBeatNanoseconds: Atomic<Int64>

    init(
        _ launch: IncarnationLaunch,
        time: any Timekeeper,
        tell: @escaping @Sendable (MachineInput) -> Void,
        terminate: @escaping @Sendable (SupervisionError) -> Void
    ) {
        self.path = launch.path
        self.generation = launch.generation
        self.term = launch.term
        self.time = time
        self.tell = tell
        self.terminate = terminate
        self.id = launch.id
        self.name = launch.specification.name
        self.lastBeatNanoseconds = Atomic(Self.noBeat)
    }

    private static let noBeat = Int64.min

    /// The service is ready: siblings after it may start. Needed with ``Readiness/signal(within:)`` only; calling it again
    /// does nothing.
    public func ready() {
        self.tell(.ready(self.id, generation: self.generation))
    }

    /// A sign of life, for a child with a ``Heartbeat``. Costs reading the clock and an atomic store.
    public func beat() {
        let now = self.time.now.components
        self.lastBeatNanoseconds.store(
            now.seconds * 1_000_000_000 + now.attoseconds / 1_000_000_000,
            ordering: .relaxed
        )
    }

    /// Asks for this incarnation to be stopped and another one to be started. It does not count as a failure.
    public func requestRestart() {
        self.tell(.request(RequestID(rawValue: 0), .restart(self.name, generation: self.generation)))
    }

    /// Asks for the whole tree to be stopped in order. The root's `run()` then throws an error with this reason and code.
    public func terminateTree(reason: String, exitCode: Int32 = 1, cause: (any Error)? = nil) {
        self.terminate(
            SupervisionError(.terminated, path: self.path, message: reason, cause: cause, exitCode: exitCode)
        )
    }

    /// When it last beat; nil if never.
    var lastBeat: Duration? {
        let nanoseconds = self.lastBeatNanoseconds.load(ordering: .relaxed)
        return nanoseconds == Self.noBeat ? nil : .nanoseconds(nanoseconds)
    }
}

/// What is known of an incarnation before it exists.
struct IncarnationLaunch: Sendable {
    let id: ChildID
    let generation: UInt64
    let term: UInt64?
    let path: String
    let specification: ChildSpecification
}
