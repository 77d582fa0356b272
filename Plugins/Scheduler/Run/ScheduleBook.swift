import Wingman

/// The schedules of a running process, by id and by the time they are due. Changed by the loop alone.
struct ScheduleBook: Sendable {
    private(set) var schedules: [String: LiveSchedule] = [:]
    private var heap = DueHeap()
    /// What is wrong, by id: kept beside, so that nobody has to look through ten thousand schedules each second.
    private(set) var troubles: [String: String] = [:]

    /// When the first is due, in milliseconds since 1970.
    var nextDue: Int? {
        mutating get { self.heap.nextDue }
    }

    subscript(id: String) -> LiveSchedule? { self.schedules[id] }

    /// Puts a schedule there, or takes it away, and notes when it has to be looked at.
    mutating func set(_ id: String, _ schedule: LiveSchedule?, now: Int) {
        self.schedules[id] = schedule
        if let trouble = schedule?.trouble {
            self.troubles[id] = trouble
        } else if !self.troubles.isEmpty {
            self.troubles[id] = nil
        }
        self.heap.set(id, due: schedule?.due(now: now))
    }

    /// Takes those that are due; each has to be put back by ``set(_:_:now:)``.
    mutating func takeDue(at now: Int, limit: Int) -> [LiveSchedule] {
        self.heap.takeDue(at: now, limit: limit).compactMap { self.schedules[$0] }
    }

    /// Notes what the store says of a schedule.
    mutating func read(_ id: String, _ record: ScheduleRecord?, _ bytes: [UInt8], now: Int) {
        guard var schedule = self.schedules[id] else { return }
        guard schedule.bytes != bytes || schedule.record == nil else {
            self.heap.set(id, due: schedule.due(now: now))
            return
        }
        schedule.record = record
        schedule.bytes = bytes
        if record == nil, !bytes.isEmpty { schedule.standing = .faulty(LiveSchedule.unreadable) }
        self.set(id, schedule, now: now)
    }
}
