/// What the machine is told.
enum MachineInput: Sendable {
    /// `run()` was called.
    case start
    /// An incarnation is ready.
    case ready(ChildID, generation: UInt64)
    /// An incarnation's task has ended.
    case exited(ChildID, generation: UInt64, Exit)
    /// A timer fired that the machine armed.
    case timer(TimerKey, token: UInt64, lastBeat: Duration?)
    /// This process began or ceased to lead.
    case leadership(ChildID, LeadershipState)
    /// Stop in order; `cancelling` skips the graceful rung.
    case stop(cancelling: Bool)
    /// Stop in order and throw this in the end.
    case fail(SupervisionError)
    /// Take no new work.
    case quiet
    /// Somebody wants something of a child.
    case request(RequestID, Request)
    /// Somebody wants to know that the loop goes round.
    case pulse(@Sendable () -> Void)
}

/// Names a request until it is answered.
struct RequestID: Hashable, Sendable {
    let rawValue: UInt64
}

/// What may be asked of a running supervisor.
enum Request: Sendable {
    case add(ChildSpecification)
    case remove(String)
    case terminate(String)
    /// With a generation: only if that incarnation still runs (a child asks for itself).
    case restart(String, generation: UInt64?)
    case resume(String)
}

/// Which timer.
enum TimerKey: Hashable, Sendable {
    /// The one that belongs to the child's status: a child has one such wait at a time.
    case state(ChildID)
    case heartbeat(ChildID)
    /// The limit on stopping the whole supervisor.
    case stopLimit
}

/// What the machine wants done, in this order.
enum MachineAction: Sendable {
    case launch(ChildID, generation: UInt64, term: UInt64?)
    case requestStop(ChildID, generation: UInt64)
    case cancel(ChildID, generation: UInt64)
    case abandon(ChildID, generation: UInt64)
    case arm(TimerKey, token: UInt64, after: Duration)
    case disarm(TimerKey)
    /// Tell these, one after the other, to take no new work; `announce` when that is all of them.
    case quiet([ChildID], announce: Bool)
    case note(path: String, generation: UInt64, SupervisionEvent.Kind)
    /// Tell the registry what the name stands for now.
    case announce(String, ChildID, RegistryState)
    case watchLeadership(ChildID, any Leadership)
    /// The child is gone for good, and its registered name with it.
    case forget(ChildID, ChildSpecification)
    case exitProcess(code: Int32)
    case terminateTree(SupervisionError)
    case answer(RequestID, SupervisionError?)
    case pulse(@Sendable () -> Void)
    /// All children have been started.
    case started
    case finish(SupervisionError?)
}
