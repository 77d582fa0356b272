/// Something that happened in a tree.
public struct SupervisionEvent: Sendable, CustomStringConvertible {
    /// What happened.
    public enum Kind: Sendable {
        /// An incarnation is being started.
        case starting
        /// It is ready.
        case ready
        /// It failed.
        case failed(FailureReason)
        /// It will be started again after this time.
        case restarting(after: Duration)
        /// It ended by itself and is not started again.
        case finished
        /// It was asked to stop; `cancelled` when by cancellation.
        case stopping(cancelled: Bool)
        /// It has stopped because it was asked to.
        case stopped
        /// It threw after it was asked to stop.
        case shutdownError(any Error)
        /// It ignored both ladders' rungs for this long and was left running.
        case abandoned(after: Duration)
        /// One that was abandoned has ended after all.
        case abandonedEnded
        /// It cannot be started while an abandoned incarnation still runs.
        case blockedByAbandoned
        /// It failed too often and is left alone until then (nil: until resumed).
        case parked(retryAfter: Duration?)
        /// A parked child is tried once.
        case probing
        /// A parked child has proved healthy, or was resumed.
        case unparked
        /// It gave no sign of life for this long.
        case heartbeatMissed(silence: Duration)
        /// The process took office (a term) or left it (nil), so that it starts or stops.
        case leadership(term: UInt64?)
        /// An exit arrived of an incarnation that nobody knows; it was ignored.
        case staleExit
        /// A mailbox dropped a message.
        case dropped(reason: DropReason)
        /// The supervisor gave up.
        case gaveUp(SupervisionError)
        /// All children of the supervisor have been started.
        case supervisorStarted
        /// The supervisor is quiet: each child was told to take no new work.
        case quiet
        /// The supervisor has stopped; the report lists what would not.
        case supervisorStopped(UnstoppedReport)
    }

    /// When, on the timekeeper's scale.
    public let time: Duration
    /// Who, from the root: `wingman/plugins/mailer`.
    public let path: String
    /// Which incarnation; 0 for a supervisor itself and for what never started.
    public let generation: UInt64
    /// What.
    public let kind: Kind

    init(time: Duration, path: String, generation: UInt64, kind: Kind) {
        self.time = time
        self.path = path
        self.generation = generation
        self.kind = kind
    }

    /// One line for people.
    public var description: String { "\(self.path)#\(self.generation) \(self.kind)" }
}

/// Why a mailbox dropped a message.
public enum DropReason: String, Sendable, Hashable, Codable {
    /// It was full and drops the oldest.
    case overflow
    /// It discards what is left when its service is started again.
    case restart
    /// It was closed with messages in it.
    case closed
    /// The service failed while it handled this one.
    case failed
}

/// The children that would not stop.
public struct UnstoppedReport: Sendable, Hashable, Codable {
    /// One child that was abandoned.
    public struct Entry: Sendable, Hashable, Codable {
        /// Where it stands in the tree.
        public let path: String
        /// Which incarnation.
        public let generation: UInt64
        /// How many seconds it was waited for.
        public let secondsWaited: Double
        /// How many seconds before it was abandoned it last gave a sign of life; nil if it never does.
        public var secondsSinceLastBeat: Double?
    }

    /// Those still running.
    public var entries: [Entry]

    /// Whether everything stopped.
    public var isEmpty: Bool { self.entries.isEmpty }
}
