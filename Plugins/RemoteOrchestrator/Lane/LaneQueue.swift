/// Which of the messages that a lane has claimed may be handled now: a pure state machine.
///
/// A message is waiting, running, or resting until it is tried again; it leaves when its end is decided. In an ordered
/// lane only the oldest may run; by key only the oldest of each key. So a message that rests blocks those behind it.
struct LaneQueue: Sendable {
    /// A claimed message; later ones have higher numbers.
    typealias Ticket = Int

    private enum State: Equatable {
        case waiting
        case running
        case resting(until: Duration)
    }

    private struct Item {
        let ticket: Ticket
        let key: String?
        var state: State
    }

    let lanes: InboundLanes
    /// The oldest first.
    private var items: [Item] = []
    private var pace = LanePace()

    init(_ lanes: InboundLanes) {
        self.lanes = lanes
    }

    /// How many messages were claimed and have not ended.
    var count: Int { self.items.count }
    var waiting: Int { self.items.count { $0.state == .waiting } }
    var running: Int { self.items.count { $0.state == .running } }
    var resting: Int { self.items.count - self.waiting - self.running }
    var isEmpty: Bool { self.items.isEmpty }

    /// How many more messages should be claimed now.
    ///
    /// Other processes could handle what waits here, and a crash casts suspicion on it. So more than can run is claimed
    /// only by lanes that nobody else serves, and only as much as is handled within a moment.
    var credit: Int {
        let width = self.lanes.width
        switch self.lanes {
        case .concurrent: return max(0, width - self.count)
        case .ordered: return self.resting > 0 ? 0 : max(0, self.pace.window(of: 1) - self.count)
        case .byKey:
            // Looks further ahead than it can run, to find other keys; not without bounds, as those who rest stay.
            return max(0, min(InboundLanes.most, self.pace.window(of: width) + 2 * width) - self.count)
        }
    }

    /// A message was claimed, behind all others.
    ///
    /// - Parameter time: When it may be tried, if it rests.
    mutating func add(_ ticket: Ticket, key: String? = nil, restingUntil time: Duration? = nil) {
        self.items.append(Item(ticket: ticket, key: key, state: time.map { .resting(until: $0) } ?? .waiting))
    }

    /// Those that may be handled now; they are running from here on.
    mutating func start(at now: Duration) -> [Ticket] {
        var free = self.lanes.width - self.running
        var seen: Set<String> = []
        var started: [Ticket] = []
        for index in self.items.indices where free > 0 {
            let item = self.items[index]
            let isFirst = item.key.map { seen.insert($0).inserted } ?? true
            if self.mayRun(item, isFirstOfKey: isFirst, at: now) {
                self.items[index].state = .running
                started.append(item.ticket)
                free -= 1
            }
            if self.lanes == .ordered { break }
        }
        return started
    }

    private func mayRun(_ item: Item, isFirstOfKey: Bool, at now: Duration) -> Bool {
        if case .byKey = self.lanes, !isFirstOfKey { return false }
        switch item.state {
        case .waiting: return true
        case .running: return false
        case .resting(let until): return until <= now
        }
    }

    /// The end of a message is decided.
    ///
    /// - Parameter time: How long its handler took; nil if it did not run.
    /// - Returns: False if it was not here any more.
    @discardableResult
    mutating func end(_ ticket: Ticket, after time: Duration? = nil) -> Bool {
        guard let index = self.index(of: ticket) else { return false }
        self.items.remove(at: index)
        if let time { self.pace.ran(for: time) }
        return true
    }

    /// A message that was running is to be tried again where it stands.
    mutating func rest(_ ticket: Ticket, until time: Duration) {
        guard let index = self.index(of: ticket) else { return }
        self.items[index].state = .resting(until: time)
    }

    /// The messages that rest, and until when.
    var rests: [(ticket: Ticket, until: Duration)] {
        self.items.compactMap { item in
            if case .resting(let until) = item.state { (item.ticket, until) } else { nil }
        }
    }

    /// When the next resting message may be tried; nil if none rests. One whose time has come does not count: if it was not
    /// begun, it waits for the end of another.
    func nextTry(after now: Duration) -> Duration? { self.rests.map(\.until).filter { $0 > now }.min() }

    /// Takes out all that do not run, the newest first: given back in this order they stand as they stood.
    mutating func takeIdle() -> [Ticket] {
        let idle = self.items.filter { $0.state != .running }.map(\.ticket)
        self.items.removeAll { $0.state != .running }
        return idle.reversed()
    }

    /// One that does not run is running from here on, whatever is before it: its end is being decided.
    ///
    /// - Returns: False if it runs, or is not here.
    mutating func begin(_ ticket: Ticket) -> Bool {
        guard let index = self.index(of: ticket), self.items[index].state != .running else { return false }
        self.items[index].state = .running
        return true
    }

    /// Takes out all, the newest first.
    mutating func takeAll() -> [Ticket] {
        defer { self.items = [] }
        return self.items.reversed().map(\.ticket)
    }

    private func index(of ticket: Ticket) -> Int? {
        self.items.firstIndex { $0.ticket == ticket }
    }
}

/// How quickly a lane's messages are handled, and so how many of them make up a moment.
struct LanePace: Sendable {
    /// A moment: longer than the store takes to answer, shorter than anybody notices.
    static let moment = Duration.milliseconds(20)
    private static let longestWindow = 64

    /// Seconds; begins as a slow lane, which claims what it can run.
    private var average = 1.0

    /// The newest counts for a quarter, so that a lane that gets slow stops claiming ahead soon.
    mutating func ran(for time: Duration) {
        self.average += (max(0, time / .seconds(1)) - self.average) / 4
    }

    /// How many messages to hold, of which `width` can run.
    func window(of width: Int) -> Int {
        let ahead = Self.moment / .seconds(1) / max(self.average, 0.000_001) * Double(width)
        return width + Int(min(ahead, Double(Self.longestWindow)))
    }
}
