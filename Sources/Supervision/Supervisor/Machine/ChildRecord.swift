/// Names a child within its supervisor, also when another takes its name later.
struct ChildID: Hashable, Sendable {
    let rawValue: Int
}

/// How far along a child is.
enum ChildStatus: Sendable {
    /// Waits for its turn in an ordered start.
    case pending
    /// Launched, not ready yet.
    case starting(since: Duration)
    /// Ready.
    case running(since: Duration)
    /// On its way down.
    case stopping(Stop)
    /// Will be started at that time.
    case waiting(until: Duration)
    /// Would be started, but is exclusive and an abandoned incarnation still runs.
    case blocked
    /// Given up for now; tried again at that time, or when resumed.
    case parked(until: Duration?)
    /// Waits for this process to lead.
    case standby
    /// Ended and not to be started again.
    case finished(Ending)

    /// One way down the ladder.
    struct Stop: Sendable {
        var reason: StopReason
        var isCancelled: Bool
        let since: Duration
    }

    /// How it ended.
    enum Ending: Sendable {
        /// By itself.
        case done
        /// Stopped by its supervisor or by request.
        case stopped
        /// Failed, and its supervisor gave up.
        case failed
    }

    /// Whether an incarnation exists that has not ended.
    var isAlive: Bool {
        switch self {
        case .starting, .running, .stopping: true
        case .pending, .waiting, .blocked, .parked, .standby, .finished: false
        }
    }
}

/// Why a child is stopped; decides what comes after.
enum StopReason: Sendable {
    /// Its supervisor stops.
    case supervisor
    /// It goes down and comes up with a sibling that failed.
    case group
    /// It did not get ready in time.
    case notReady
    /// It gave no sign of life.
    case heartbeat(silence: Duration)
    /// Somebody asked for a restart.
    case requestedRestart
    /// Somebody asked for it to be stopped; it stays in the tree.
    case terminated
    /// Somebody asked for it to be removed.
    case removed
    /// The process does not lead any more, or leads in another term.
    case leadership
}

/// Everything the machine knows about one child.
struct ChildRecord: Sendable {
    static let historyLength = 16  // enough for the usual limits; a crash loop must not grow memory

    let id: ChildID
    let path: String
    let specification: ChildSpecification
    var status = ChildStatus.pending
    var generation: UInt64 = 0
    /// It is to be stopped for a group restart when its turn comes.
    var isMarked = false
    /// It has been ready at least once.
    var hasStarted = false
    /// Its current incarnation is the one try of a parked child.
    var isProbing = false
    /// Restarts since the last reset: where in the backoff it is.
    var attempt = 0
    /// Restarts ever.
    var restarts = 0
    var window: RestartWindow
    var history: [FailureRecord] = []
    /// The term of office that its next incarnation runs in.
    var term: UInt64?
    /// Requests that are answered when it has stopped.
    var waitingForStop: [RequestID] = []
    /// Which arming of its state timer counts; others have been overtaken.
    var stateToken: UInt64 = 0
    var heartbeatToken: UInt64 = 0
    /// When its incarnation last beat, as far as is known.
    var lastBeat: Duration?
    /// When the next look at its heartbeat is due, to notice that the machine was halted.
    var heartbeatDue: Duration?
    /// Silence before this instant is forgiven.
    var heartbeatGrace: Duration?
    /// The registry state last told.
    var announced = RegistryState.absent

    var isDependentOnLeadership: Bool {
        if case .leader = self.specification.when { true } else { false }
    }

    mutating func remember(_ failure: FailureRecord) {
        if self.history.count == Self.historyLength { self.history.removeFirst() }
        self.history.append(failure)
    }
}

/// An incarnation that was abandoned and has not ended.
struct Zombie: Sendable {
    let id: ChildID
    let path: String
    let generation: UInt64
    let waited: Duration
    /// How long before that it had last beaten.
    let silence: Duration?
}
