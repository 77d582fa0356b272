/// What the store knows of a schedule: the one truth of all processes about what was enqueued and what is next.
///
/// Every change is a compare-and-set of the whole text, so that two processes never enqueue one occurrence. Occurrences
/// are in seconds since 1970, other times in milliseconds.
struct ScheduleRecord: Codable, Sendable, Hashable {
    /// Who says that the schedule exists.
    enum Owner: String, Codable, Sendable {
        /// A program has it in its code or its file.
        case code
        /// `cron add` put it into the store.
        case dynamic
    }

    /// The canonical text of its recurrence.
    var spec: String
    var owner: Owner
    /// The program it belongs to.
    var application: String
    /// The deployment that wrote it; see ``Deployment``.
    var generation: Int
    /// The class of its jobs, for people.
    var jobClass: String
    /// What to enqueue, of a dynamic schedule.
    var job: JobBlueprint?
    /// The policies it asks for, for commands and of dynamic schedules.
    var choices = PolicyChoices()
    /// The occurrence that is enqueued next; nil when there is none any more.
    var next: Int?
    /// The occurrence that was enqueued last.
    var last: Int?
    /// The wall time that ``next`` stands for by the zone data of the process that found it, in seconds.
    var nextWall: Int?
    /// An occurrence that waits until the job before has ended.
    var buffered: Int?
    /// How many jobs were enqueued.
    var count = 0
    /// Since when it is paused.
    var pausedAt: Int?
    /// How many coming occurrences are to be left out.
    var skips: Int?
    /// Since when the newest deployment does not know it any more.
    var vanishedAt: Int?
    /// What happened last, the newest last.
    var history: [HistoryEntry] = []

    var isPaused: Bool { self.pausedAt != nil }
    /// It will not occur any more.
    var isRetired: Bool { self.next == nil && self.buffered == nil }

    /// How many things are remembered, and outcomes kept.
    static let historyLimit = 20

    /// Remembers something. Occurrences left out in a row are one thing: a job that takes long must not fill the history.
    mutating func note(_ entry: HistoryEntry) {
        var entry = entry
        if entry.kind == .overlapped, let last = self.history.last, last.kind == .overlapped {
            entry.number = (last.number ?? 1) + 1
            self.history.removeLast()
        }
        self.history.append(entry)
        if self.history.count > Self.historyLimit { self.history.removeFirst(self.history.count - Self.historyLimit) }
    }
}

extension ScheduleRecord {
    /// An occurrence that waited gives way to a newer one.
    mutating func leaveOutBuffered(now: Int) {
        guard let waiting = self.buffered else { return }
        self.buffered = nil
        if let last = self.history.last, last.kind == .buffered, last.at == waiting { self.history.removeLast() }
        self.note(HistoryEntry(kind: .overlapped, at: waiting, on: now))
    }
}

/// One line of a schedule's history.
struct HistoryEntry: Codable, Sendable, Hashable {
    enum Kind: String, Codable, Sendable {
        /// A job was enqueued, in time or late.
        case enqueued
        /// It was enqueued by `cron run`.
        case manual
        /// It was enqueued by `cron backfill`.
        case backfilled
        /// Occurrences passed without a job, by the catch-up policy; ``HistoryEntry/number`` of them.
        case missed
        /// Left out because the job before had not ended.
        case overlapped
        /// Waits until the job before has ended.
        case buffered
        /// Left out by `cron skip`.
        case skipped
        /// A client middleware refused the job.
        case refused
    }

    var kind: Kind
    /// The occurrence, in seconds since 1970.
    var at: Int
    /// When it happened, in milliseconds since 1970.
    var on: Int
    /// The job.
    var jid: String?
    /// Where the job's outcome will be found.
    var slot: Int?
    /// Of how many occurrences this tells, if more than one.
    var number: Int?
}

/// A job as text: what files and dynamic schedules have.
struct JobBlueprint: Codable, Sendable, Hashable {
    var jobClass: String
    /// A JSON array.
    var arguments: String
    var queue: String?
    /// Sidetiq's last and current occurrence are added to the arguments.
    var takesOccurrences: Bool?
}

/// Which build of which program says so: processes of an older one do not undo what a newer one has said.
struct Deployment: Sendable, Hashable {
    /// The program.
    var application: String
    /// Grows with each deployment.
    var generation: Int

    /// `APPLICATION/GENERATION`.
    var text: String { "\(self.application)/\(self.generation)" }
}

extension Deployment {
    /// Reads ``text``.
    init?(_ text: String) {
        guard let slash = text.lastIndex(of: "/"), let generation = Int(text[text.index(after: slash)...]) else {
            return nil
        }
        self.init(application: String(text[..<slash]), generation: generation)
    }
}
