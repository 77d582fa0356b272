internal import Wingman

/// What dead processes held goes back.
extension MemoryState {
    private static let mostCrashes = 3
    private static let suspectedFor = 259_200_000_000  // 72 h in microseconds
    private static let hour = 3_600_000  // milliseconds
    /// Jobs moved in one call.
    private static let rescueLimit = 500

    mutating func rescue() -> RescueReply {
        guard self.mayRescue else { return RescueReply(moved: 0, hasMore: false, nextLook: self.nextLook) }
        let ended = self.fenceExpired()
        var left = Self.rescueLimit
        var quarantined = 0
        var moved = 0
        // In the order of fencing; those of one moment by name.
        let order = self.draining.sorted { ($0.fencedAt, $0.process.rawValue) < ($1.fencedAt, $1.process.rawValue) }
        for fenced in order {
            // Newest first, so that the oldest is the next to run.
            for (token, held) in fenced.held.sorted(by: { $0.value.serial > $1.value.serial }).prefix(left) {
                if self.release(token, held, of: fenced) { moved += 1 } else { quarantined += 1 }
                left -= 1
            }
            if self.draining.contains(where: { $0.process == fenced.process && $0.held.isEmpty }) {
                self.bury(fenced.process)
            }
        }
        self.graves = self.graves.filter { $0.value >= self.milliseconds - Self.hour }
        return RescueReply(
            moved: moved,
            hasMore: !self.draining.isEmpty,
            ended: ended,
            quarantined: quarantined,
            nextLook: self.nextLook
        )
    }

    /// Not in a grace, nor before anyone has beaten again after an outage: all leases look expired then.
    private var mayRescue: Bool {
        !self.isSilent && self.milliseconds >= self.graceEnd
    }

    /// Nobody has beaten for over half a lease, or the clock was set back since.
    private var isSilent: Bool {
        guard let last = self.lastBeat else { return true }
        let silence = self.milliseconds - last.milliseconds
        return silence < 0 || silence > last.lease / 2
    }

    /// When a next call could find something: not before the grace ends, nor, unless something is being emptied, before
    /// a lease does.
    private var nextLook: Duration? {
        guard let next = self.processes.values.map(\.leaseEnd).min() else { return nil }
        // In an outage: the next beat begins a grace.
        let grace = self.isSilent ? self.milliseconds + (self.lastBeat?.lease ?? 0) * 2 / 5 : self.graceEnd
        let isEmptying = !self.draining.isEmpty && self.milliseconds < grace
        return .milliseconds(max(grace, isEmptying ? 0 : next) - self.milliseconds).clampedToZero
    }

    /// The verdict is taken here: two or more deaths at once on a host where nobody is left are the host's.
    private mutating func fenceExpired() -> [ProcessID] {
        let ended = self.processes.filter { $0.value.leaseEnd <= self.milliseconds }.keys
            .sorted { $0.rawValue < $1.rawValue }
        let deaths = Dictionary(grouping: ended, by: \.host).mapValues(\.count)
        let alive = Set(self.processes.keys.filter { !ended.contains($0) }.map(\.host))
        for process in ended {
            let isNodeLoss = deaths[process.host, default: 0] > 1 && !alive.contains(process.host)
            self.fence(process, convicts: !isNodeLoss)
        }
        return ended
    }

    /// Back to the head of its source, or into quarantine.
    ///
    /// - Returns: False if it went into quarantine.
    private mutating func release(_ token: Token, _ held: HeldJob, of fenced: FencedProcess) -> Bool {
        if let index = self.draining.firstIndex(where: { $0.process == fenced.process }) {
            self.draining[index].held[token] = nil
        }
        if fenced.convicts { self.suspect(held.payload, wasAlone: fenced.isolated == token) }
        let crashes = self.suspicions[held.payload]?.crashes ?? 0
        guard fenced.convicts, crashes >= Self.mostCrashes, case .queue = held.source else {
            self.putBack(held.payload, to: held.source)
            return true
        }
        self.suspicions[held.payload] = nil
        self.insert(held.payload, into: .quarantine, at: self.seconds)
        return false
    }

    /// The first crash counts always, a later one only if the job was alone.
    private mutating func suspect(_ payload: Bytes, wasAlone: Bool) {
        let crashes = self.suspicions[payload]?.crashes ?? 0
        guard crashes == 0 || wasAlone else { return }
        self.suspicions[payload] = Suspicion(
            crashes: min(crashes + 1, Self.mostCrashes),
            expiry: self.now + Self.suspectedFor
        )
    }
}

extension ProcessID {
    /// The text before the first colon.
    fileprivate var host: Substring { self.rawValue.prefix { $0 != ":" } }
}

extension Duration {
    fileprivate var clampedToZero: Duration { max(self, .zero) }
}
