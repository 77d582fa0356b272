import Testing
import WingmanScheduler

/// The instants of texts, `2026-03-08T07:00Z`; what is left out at the front is taken from the one before it.
func instants(_ texts: String) throws -> [Instant] {
    var last = ""
    return try texts.split(separator: " ").map { text in
        let full = String(last.prefix(max(0, 17 - text.count))) + text
        last = full
        return try #require(Instant(full), "\(full)")
    }
}

/// The instant at which clocks in `zone` show `wall`; the first if there are two.
func instant(_ wall: String, in zone: Zone) throws -> Instant {
    let wall = try #require(WallTime(wall))
    return try #require(zone.instants(of: wall).first)
}

/// The next `count` occurrences after a local time.
func upcoming(_ recurrence: Recurrence, after wall: String, _ count: Int) throws -> [Instant] {
    var after = try instant(wall, in: recurrence.zone)
    var found: [Instant] = []
    while found.count < count, let next = recurrence.next(after: after) {
        found.append(next)
        after = next
    }
    return found
}

/// The error of a text that is none.
func refusal(_ text: String, id: String? = nil) -> RecurrenceError? {
    do throws(RecurrenceError) {
        _ = try Recurrence(text, id: id)
        return nil
    } catch {
        return error
    }
}
