internal import DequeModule
internal import Wingman

/// Queues, lists and ordered places.
extension MemoryState {
    private static let longestDead = 15_552_000.0  // 180 days, as Sidekiq
    private static let mostDead = 10_000  // as Sidekiq

    // MARK: Lists

    /// Behind all others.
    mutating func append(_ payload: Bytes, to source: Source) {
        if case .queue(let name) = source { self.queues.insert(name) }
        self.lists[source, default: []].append(payload)
    }

    /// Before all others: it runs next.
    mutating func putBack(_ payload: Bytes, to source: Source) {
        self.lists[source, default: []].prepend(payload)
    }

    mutating func takeFirst(of source: Source) -> Bytes? {
        let first = self.lists[source]?.popFirst()
        self.forgetIfEmpty(source)
        return first
    }

    mutating func remove(_ payload: Bytes, from source: Source) -> Bool {
        guard let index = self.lists[source]?.firstIndex(of: payload) else { return false }
        self.lists[source]?.remove(at: index)
        self.forgetIfEmpty(source)
        return true
    }

    private mutating func forgetIfEmpty(_ source: Source) {
        guard self.lists[source]?.isEmpty == true else { return }
        self.lists[source] = nil
        if case .list(let key) = source { self.listExpiries[key] = nil }
    }

    /// Whether `process` should make a step: something to claim, or no lease any more.
    func hasNews(for process: ProcessID, in sources: [Source]) -> Bool {
        guard let state = self.processes[process], state.leaseEnd > self.milliseconds else { return true }
        return sources.contains { !self.isPaused($0) && self.lists[$0] != nil }
    }

    func isPaused(_ source: Source) -> Bool {
        if case .queue(let name) = source { return self.paused.contains(name) }
        return false
    }

    // MARK: Ordered places

    mutating func insert(_ payload: Bytes, into place: OrderedPlace, at seconds: Double) {
        let entry = TimedEntry(at: seconds, serial: self.nextSerial(), payload: payload)
        let index = self.ordered[place, default: []].firstIndex { $0.at > seconds }
        let end = self.ordered[place, default: []].count
        self.ordered[place, default: []].insert(entry, at: index ?? end)
        if place == .dead { self.trimDead() }
    }

    mutating func remove(_ payload: Bytes, from place: OrderedPlace) -> Bool {
        guard let index = self.ordered[place, default: []].firstIndex(where: { $0.payload == payload }) else {
            return false
        }
        self.ordered[place]?.remove(at: index)
        return true
    }

    private mutating func trimDead() {
        let oldest = self.seconds - Self.longestDead
        var dead = self.ordered[.dead, default: []].filter { $0.at > oldest }
        dead.removeFirst(max(0, dead.count - Self.mostDead))
        self.ordered[.dead] = dead
    }

    // MARK: Any place

    /// A job on its way in.
    mutating func push(_ job: PushedJob) {
        if let runAt = job.runAt {
            self.insert(job.payload, into: .schedule, at: runAt)
        } else {
            self.append(job.payload, to: .queue(job.queue))
        }
    }

    mutating func add(_ entry: Entry, to place: Place) {
        switch place.form {
        case .list(let source): self.append(entry.payload, to: source)
        case .ordered(let place): self.insert(entry.payload, into: place, at: entry.at ?? self.seconds)
        }
    }

    mutating func remove(_ payload: Bytes, from place: Place) -> Bool {
        switch place.form {
        case .list(let source): self.remove(payload, from: source)
        case .ordered(let place): self.remove(payload, from: place)
        }
    }

    func entries(in place: Place) -> [Entry] {
        switch place.form {
        case .list(let source):
            return self.lists[source, default: []].map { Entry(payload: $0) }
        case .ordered(let ordered):
            let entries = self.ordered[ordered, default: []].map { Entry(payload: $0.payload, at: $0.at) }
            return ordered == .dead || ordered == .quarantine ? entries.reversed() : entries
        }
    }
}

extension Place {
    /// A place is a list, or ordered by time.
    enum Form {
        case list(Source)
        case ordered(OrderedPlace)
    }

    var form: Form {
        switch self {
        case .queue(let name): .list(.queue(name))
        case .list(let key): .list(.list(key))
        case .retry: .ordered(.retry)
        case .schedule: .ordered(.schedule)
        case .later(let list): .ordered(.later(list))
        case .dead: .ordered(.dead)
        case .quarantine: .ordered(.quarantine)
        }
    }
}
