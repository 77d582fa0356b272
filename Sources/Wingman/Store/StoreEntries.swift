/// Where jobs and messages lie that nobody works on.
public enum Place: Hashable, Sendable, CustomStringConvertible {
    /// A Sidekiq queue, by its bare name.
    case queue(String)
    /// A plain list of messages, by its key in the store.
    case list(String)
    /// Failed jobs that will run again.
    case retry
    /// Jobs pushed for later.
    case schedule
    /// Messages of the plain list named that will be tried again, by due time.
    case later(String)
    /// Jobs that failed for good; trimmed by count and age.
    case dead
    /// Jobs that ended the processes they ran in; never trimmed.
    case quarantine

    /// `queue default`, `list requests`, `retry` …
    public var description: String {
        switch self {
        case .queue(let name): "queue \(name)"
        case .list(let key): "list \(key)"
        case .retry: "retry"
        case .schedule: "schedule"
        case .later(let list): "later \(list)"
        case .dead: "dead"
        case .quarantine: "quarantine"
        }
    }
}

/// One job or message in a ``Place``.
public struct Entry: Sendable, Equatable, Hashable {
    /// The bytes as they are stored.
    public var payload: [UInt8]
    /// When it is due (retry, schedule, later) or when it came (dead, quarantine), in seconds since 1970; nil in queues and lists.
    public var at: Double?

    /// An entry of `payload`.
    public init(payload: [UInt8], at: Double? = nil) {
        self.payload = payload
        self.at = at
    }
}

/// What becomes of one entry of a place.
public struct EntryEdit: Sendable {
    /// Which: by its bytes; one of several equal ones.
    public var entry: Entry
    /// Where it goes, and as what; nil deletes it.
    public var destination: (place: Place, entry: Entry)?

    /// Deletes `entry`.
    public static func delete(_ entry: Entry) -> EntryEdit {
        EntryEdit(entry: entry, destination: nil)
    }

    /// Moves `entry` to `place`, where it becomes `changed` (or stays as it is). A queue or list gets it behind all
    /// others; a place ordered by time gets it at ``Entry/at``, or at the store's time where that is nil.
    public static func move(_ entry: Entry, to place: Place, as changed: Entry? = nil) -> EntryEdit {
        EntryEdit(entry: entry, destination: (place, changed ?? entry))
    }
}
