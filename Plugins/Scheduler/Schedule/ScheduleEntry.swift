import Wingman

/// One line of a ``Scheduler``: when, and which job.
///
/// ```swift
/// Cron("0 4 * * sun Europe/Berlin") { Digest() }
///     .catchUp(.all(limit: 4))
///     .overlap(.skip)
/// ```
public struct ScheduleEntry: Sendable {
    /// The schedule's name in the store, shared by all processes that have it.
    let id: String
    /// When; or why that is no recurrence.
    let recurrence: Result<Recurrence, RecurrenceError>
    /// The class of its jobs.
    let jobClass: String
    /// Makes the job of one occurrence.
    let maker: JobMaker
    /// What it asks for itself.
    private(set) var choices = PolicyChoices()

    init(
        id: String?,
        jobClass: String,
        maker: JobMaker,
        _ recurrence: (String) throws(RecurrenceError) -> Recurrence
    ) {
        let id = id ?? jobClass
        self.id = id
        self.jobClass = jobClass
        self.maker = maker
        do throws(RecurrenceError) {
            self.recurrence = .success(try recurrence(id))
        } catch {
            self.recurrence = .failure(error)
        }
    }

    /// What becomes of occurrences that nobody enqueued in time.
    public func catchUp(_ policy: CatchUp) -> ScheduleEntry { self.with { $0.catchUp = policy } }

    /// How late an occurrence may be enqueued as if it were in time; a second at least.
    public func grace(_ duration: Duration) -> ScheduleEntry { self.with { $0.grace = duration.wholeMilliseconds } }

    /// What happens at an occurrence while the job before has not ended.
    public func overlap(_ policy: Overlap) -> ScheduleEntry { self.with { $0.overlap = policy } }

    /// Enqueues each occurrence up to so much later, always the same for one schedule, so that many do not come at once.
    public func jitter(_ duration: Duration) -> ScheduleEntry { self.with { $0.jitter = duration.wholeMilliseconds } }

    func with(_ change: (inout PolicyChoices) -> Void) -> ScheduleEntry {
        var entry = self
        change(&entry.choices)
        return entry
    }

    /// What is wrong with it, if anything.
    var fault: String? {
        if let fault = Self.fault(ofID: self.id) { return fault }
        switch self.recurrence {
        case .failure(let error): return "schedule \"\(self.id)\": \(error)"
        case .success: break
        }
        if let grace = self.choices.grace, grace < 0 { return "schedule \"\(self.id)\": its grace is negative" }
        if let jitter = self.choices.jitter, jitter < 0 { return "schedule \"\(self.id)\": its jitter is negative" }
        if case .all(let limit, let within)? = self.choices.catchUp {
            let isAllowed = 1...CatchUp.largestLimit ~= limit && within > .zero
            if !isAllowed {
                return "schedule \"\(self.id)\": catch up 1 to \(CatchUp.largestLimit) within more than no time"
            }
        }
        return nil
    }

    /// What is wrong with an id, which is part of keys, of addresses and of command lines.
    static func fault(ofID id: String) -> String? {
        let isPlain = id.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"): true
            default: false
            }
        }
        guard isPlain, 1...128 ~= id.utf8.count else {
            return "\(RecurrenceError.quote(id.utf8)) is no id of a schedule: use 1 to 128 letters, digits and -_.:/"
        }
        return nil
    }
}

/// Makes the jobs of one schedule.
struct JobMaker: Sendable {
    /// Makes the payload of an occurrence's job, with the jid and the members given; nil if a client middleware refuses it.
    let make: @Sendable (Client, ScheduledOccurrence, String, [String: [UInt8]]) async throws -> PushedJob?
}

/// Lets entries be listed one a line.
@resultBuilder
public enum ScheduleBuilder {
    /// One entry.
    public static func buildExpression(_ entry: ScheduleEntry) -> [ScheduleEntry] { [entry] }

    /// Entries made elsewhere.
    public static func buildExpression(_ entries: [ScheduleEntry]) -> [ScheduleEntry] { entries }

    /// All lines.
    public static func buildBlock(_ entries: [ScheduleEntry]...) -> [ScheduleEntry] { entries.flatMap { $0 } }

    /// An `if` without `else`.
    public static func buildOptional(_ entries: [ScheduleEntry]?) -> [ScheduleEntry] { entries ?? [] }

    /// The first branch of an `if`.
    public static func buildEither(first entries: [ScheduleEntry]) -> [ScheduleEntry] { entries }

    /// The other branch of an `if`.
    public static func buildEither(second entries: [ScheduleEntry]) -> [ScheduleEntry] { entries }

    /// A `for` loop.
    public static func buildArray(_ entries: [[ScheduleEntry]]) -> [ScheduleEntry] { entries.flatMap { $0 } }
}
