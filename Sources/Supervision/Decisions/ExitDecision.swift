/// How an incarnation ended, as its task saw it.
enum Exit: Sendable {
    /// `run()` returned.
    case returned
    /// `run()` or the factory threw; `directive` is what the specification makes of the error.
    case threw(any Error, ErrorDirective)
}

/// What follows from the end of a child that nobody asked to end.
enum ExitDecision: Sendable, Equatable {
    /// It has done its work, or is not to be started again: leave it.
    case leave
    /// Start it again, after the backoff or at once.
    case restart(immediately: Bool)
    /// Give up on the supervisor at once.
    case escalate
    /// Stop the whole tree.
    case terminateTree

    /// Decides by restart policy and by what the specification made of the error.
    ///
    /// A `CancellationError` is an error like any other here: we did not cancel, so it came from elsewhere.
    static func decide(_ policy: RestartPolicy, _ exit: Exit) -> ExitDecision {
        switch exit {
        case .returned:
            return policy == .permanent ? .restart(immediately: false) : .leave
        case .threw(_, let directive):
            switch directive {
            case .restart: return policy == .temporary ? .leave : .restart(immediately: false)
            case .restartNow: return policy == .temporary ? .leave : .restart(immediately: true)
            case .stop: return .leave
            case .escalate: return .escalate
            case .terminateTree: return .terminateTree
            }
        }
    }
}
