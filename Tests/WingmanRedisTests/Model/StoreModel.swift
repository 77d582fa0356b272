import Wingman

/// The protocol as a value: what the keys must hold after each operation, without Redis, tasks or time.
///
/// Jobs are texts; equal texts are equal twins. Lists are kept from the end that runs next.
struct StoreModel {
    /// A job held by a process.
    struct Held: Equatable {
        var source: String
        var job: String
    }

    /// What a lane was answered last.
    struct Recorded {
        var number: Int
        var answers: [ModelAnswer]
        var claims: [ModelClaim]
        var leaseExpired: Bool
    }

    var lists: [String: [String]] = [:]
    /// Set → member → whether it is due.
    var sets: [String: [String: Bool]] = [:]
    var inflight: [String: [ModelToken: Held]] = [:]
    var lanes: [String: [Int: Recorded]] = [:]
    /// Process → whether its lease has expired.
    var leases: [String: Bool] = [:]
    /// In the order of fencing.
    var draining: [String] = []
    /// In the order of burial; those of one moment by name.
    var graves: [(moment: Int, id: String)] = []
    var sources: [String: Set<String>] = [:]
    var paused: Set<String> = []
    var isInGrace = false
    /// The next occurrence of the recurring job; nil before the first tick.
    var nextTick: Int?
    var processed = 0
    var failed = 0
    /// Raw job → crashes.
    var suspects: [String: Int] = [:]
    /// Process → the token it runs alone.
    var isolated: [String: String] = [:]
    /// Fenced processes whose death counts.
    var convicting: Set<String> = []
    /// Values and counters, and sets.
    var values: [String: String] = [:]
    var memberships: [String: Set<String>] = [:]
    /// How often the store said that it had counted.
    var counted = 0
    /// Job → how often it was run alone.
    var isolations: [String: Int] = [:]
    /// The ledger, kept by the run: copies accepted, and copies whose acknowledgement was valid, by text.
    var accepted: [String: Int] = [:]
    var done: [String: Int] = [:]
    var acknowledged: Set<Token> = []
    /// Counts the burials.
    private(set) var moment = 0

    /// A list that cannot be written.
    static let broken = "broken"

    static func landing(_ id: String, _ source: String) -> String { "wingman:landing:\(id):\(source)" }
}

/// A claim's token, taken apart.
struct ModelToken: Hashable {
    var text: String
    var stamp = 0
    var step = 0
    var index = 0

    init(_ text: String) {
        self.text = text
        let parts = text.split(separator: ":", maxSplits: 4)
        guard parts.count == 5 else { return }
        (self.step, self.index, self.stamp) = (Int(parts[1]) ?? 0, Int(parts[2]) ?? 0, Int(parts[3]) ?? 0)
    }

    /// Claimed later.
    static func isNewer(_ one: ModelToken, _ other: ModelToken) -> Bool {
        (one.stamp, one.step, one.index) > (other.stamp, other.step, other.index)
    }
}

struct ModelClaim {
    var token: ModelToken
    var job: String
    var crashes: Int
}

enum ModelAnswer: Equatable {
    case settled
    case stale
    case failed
}

enum ModelStepReply {
    case done(answers: [ModelAnswer], claims: [ModelClaim], leaseExpired: Bool)
    case fenced
    case gap(Int)
}

/// Jobs.
extension StoreModel {
    mutating func push(_ job: String, to queue: String) {
        self.lists["queue:\(queue)", default: []].append(job)
        self.accepted[job, default: 0] += 1
    }

    mutating func add(_ job: String, to set: String, due: Bool) {
        var member = job
        while self.sets[set]?[member] != nil { member += " " }
        self.sets[set, default: [:]][member] = due
    }

    /// Moves jobs to the head of a source: the last of them runs next.
    mutating func returnToHead(_ jobs: [String], of source: String) {
        guard !jobs.isEmpty else { return }
        self.lists[source] = jobs.reversed() + self.lists[source, default: []]
    }

    /// Empties the landing list of `id` for `source`; newest first, so that the order stays.
    @discardableResult
    mutating func takeOff(_ id: String, _ source: String) -> Int {
        guard let landed = self.lists.removeValue(forKey: Self.landing(id, source)) else { return 0 }
        self.returnToHead(landed.reversed(), of: source)
        return landed.count
    }

    /// A BLMOVE fires.
    ///
    /// - Returns: Whether there was anything to move.
    mutating func land(_ id: String, _ source: String) -> Bool {
        guard var list = self.lists[source], !list.isEmpty else { return false }
        self.lists[Self.landing(id, source), default: []].append(list.removeFirst())
        self.lists[source] = list.isEmpty ? nil : list
        return true
    }

    mutating func promote(_ promotions: [Promotion], from set: String) -> Int {
        var moved = 0
        for promotion in promotions {
            let entry: String
            switch promotion {
            case .push(let bytes, _, _), .deliver(let bytes, _, _), .drop(let bytes), .bury(let bytes, _):
                entry = String(decoding: bytes, as: UTF8.self)
            }
            guard self.sets[set]?[entry] == true else { continue }
            switch promotion {
            case .push(_, let queue, let payload):
                self.lists["queue:\(queue)", default: []].append(String(decoding: payload, as: UTF8.self))
            case .deliver(_, let list, let payload):
                self.lists[list, default: []].append(String(decoding: payload, as: UTF8.self))
            case .drop: self.done[entry.base, default: 0] += 1
            case .bury: self.add(entry, to: "dead", due: true)
            }
            self.sets[set]?[entry] = nil
            moved += 1
        }
        return moved
    }

    mutating func tick(_ tick: RecurringTick) -> Bool {
        guard let next = self.nextTick else {
            self.nextTick = tick.following
            return false
        }
        guard tick.expected == next else { return false }
        self.push(String(decoding: tick.job.payload, as: UTF8.self), to: tick.job.queue)
        self.nextTick = tick.following
        return true
    }
}

/// Processes.
extension StoreModel {
    mutating func beat(_ id: String, _ kind: Beat.Kind) -> Bool {
        switch kind {
        case .register:
            let isKnown =
                self.leases[id] != nil || self.draining.contains(id) || self.graves.contains { $0.id == id }
            guard !isKnown else { return false }
            self.lanes[id] = [:]
        case .renew:
            guard self.leases[id] != nil else { return false }
        }
        self.leases[id] = false
        return true
    }

    /// - Returns: False if the lease is gone; else the sources are on record.
    mutating func prepareLanding(_ id: String, _ sources: [String]) -> Bool {
        guard self.leases[id] == false else { return false }
        self.sources[id, default: []].formUnion(sources)
        return true
    }

    mutating func abandon(_ id: String) {
        guard self.leases.removeValue(forKey: id) != nil else { return }
        self.draining.append(id)
    }

    func hasLanded(_ id: String) -> Bool {
        self.sources[id, default: []].contains { self.lists[Self.landing(id, $0)] != nil }
    }

    mutating func leave(_ id: String) -> Bool {
        guard self.leases[id] != nil || self.draining.contains(id) else { return true }
        guard self.inflight[id] == nil, !self.hasLanded(id) else { return false }
        self.moment += 1
        self.bury(id)
        return true
    }

    private mutating func bury(_ id: String) {
        self.draining.removeAll { $0 == id }
        self.leases[id] = nil
        self.lanes[id] = nil
        self.isolated[id] = nil
        self.convicting.remove(id)
        self.graves.append((self.moment, id))
    }

    mutating func rescue() -> (moved: Int, quarantined: Int) {
        guard !self.isInGrace else { return (0, 0) }
        self.moment += 1
        self.fenceExpired()
        var moved = 0
        var quarantined = 0
        for id in self.draining {
            for source in self.sources[id, default: []].sorted() { moved += self.takeOff(id, source) }
            let held = self.inflight.removeValue(forKey: id) ?? [:]
            for (token, claim) in held.sorted(by: { ModelToken.isNewer($0.key, $1.key) }) {
                if self.rescue(claim, token.text, of: id) { moved += 1 } else { quarantined += 1 }
            }
            self.bury(id)
        }
        for grave in self.graves.sorted(by: { ($0.moment, $0.id) < ($1.moment, $1.id) }) {
            for source in self.sources[grave.id, default: []] { moved += self.takeOff(grave.id, source) }
        }
        return (moved, quarantined)
    }

    private mutating func fenceExpired() {
        let ended = self.leases.filter(\.value).keys.sorted()
        for id in ended { self.leases[id] = nil }
        self.draining += ended
        let living = Set(self.leases.keys.map(\.host))
        for id in ended {
            let isNodeLoss = !living.contains(id.host) && ended.count { $0.host == id.host } > 1
            if !isNodeLoss { self.convicting.insert(id) }
        }
    }

    /// - Returns: False if the job went into quarantine.
    private mutating func rescue(_ claim: Held, _ token: String, of id: String) -> Bool {
        if self.convicting.contains(id) {
            let crashes = self.suspects[claim.job, default: 0]
            let counts = crashes == 0 || self.isolated[id] == token
            let now = min(3, counts ? crashes + 1 : crashes)
            if now == 3, claim.source.hasPrefix("queue:") {
                self.suspects[claim.job] = nil
                self.add(claim.job, to: Self.quarantine, due: true)
                return false
            }
            self.suspects[claim.job] = now
        }
        self.lists[claim.source] = [claim.job] + self.lists[claim.source, default: []]
        return true
    }

    static let quarantine = "wingman:quarantine"

    mutating func isolate(_ token: String, of id: String) -> Bool {
        guard self.leases[id] != nil, self.inflight[id]?[ModelToken(token)] != nil else { return false }
        self.isolated[id] = token
        return true
    }
}

extension String {
    /// The job without the spaces that tell it from its twins.
    var base: String { String(self.prefix { $0 != " " }) }

    /// The machine in the name of a process.
    var host: String { String(self.prefix { $0 != ":" }) }
}
