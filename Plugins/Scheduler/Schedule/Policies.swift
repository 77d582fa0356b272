public import Wingman

/// What becomes of occurrences that nobody enqueued in time, because no process ran or the store was away.
///
/// An occurrence is late when its ``SchedulePolicies/grace`` has passed. Those that are not late are always enqueued.
public enum CatchUp: Sendable, Hashable {
    /// They are left out.
    case skip
    /// One job stands for all of them, unless one that is in time follows at once.
    case latest
    /// Each has its job, the newest `limit` of them (1,000 at most), not older than `within`.
    case all(limit: Int = 100, within: Duration = .seconds(7 * 86_400))

    /// More jobs than this are a flood, not a catch-up.
    static let largestLimit = 1_000
}

extension CatchUp: CustomStringConvertible {
    /// `skip`, `latest`, `all:100:7d`: as options, files and records have it.
    public var description: String {
        switch self {
        case .skip: "skip"
        case .latest: "latest"
        case .all(let limit, let within): "all:\(limit):\(within.optionText)"
        }
    }

    /// Reads `skip`, `latest`, `all`, `all:10` or `all:10:1d`.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("skip", 1): self = .skip
        case ("latest", 1): self = .latest
        case ("all", 1): self = .all()
        case ("all", 2...3):
            guard let limit = Int(parts[1]), 1...Self.largestLimit ~= limit else { return nil }
            guard parts.count == 3 else {
                self = .all(limit: limit)
                return
            }
            guard let within = Duration(optionContent: .text(String(parts[2]))), within > .zero else { return nil }
            self = .all(limit: limit, within: within)
        default: return nil
        }
    }
}

/// What happens at an occurrence while a job of the schedule has not ended: it waits, runs, or will be tried again.
public enum Overlap: String, Sendable, Hashable, CaseIterable, Codable {
    /// Another job is enqueued beside it.
    case allow
    /// The occurrence is left out.
    case skip
    /// One occurrence, the newest, waits until the job has ended.
    case bufferOne
    /// The job before is cancelled and discarded, and a new one is enqueued.
    case cancelPrevious

    /// Whether the jobs of the schedule that have not ended have to be known.
    var watchesJobs: Bool {
        switch self {
        case .allow, .cancelPrevious: false
        case .skip, .bufferOne: true
        }
    }
}

/// How a schedule behaves when something is not as planned.
struct SchedulePolicies: Sendable, Hashable {
    /// What becomes of late occurrences.
    var catchUp = CatchUp.latest
    /// How late an occurrence may be enqueued as if it were in time; a second at least.
    var grace = Duration.seconds(30)
    /// What happens while the job before has not ended.
    var overlap = Overlap.allow
    /// Each occurrence is enqueued up to so much later, always the same for one schedule, so that many do not come at once.
    var jitter = Duration.zero

    var graceMilliseconds: Int { min(max(1_000, self.grace.wholeMilliseconds), Self.longest) }
    var jitterMilliseconds: Int { min(max(0, self.jitter.wholeMilliseconds), Self.longest) }

    /// A year and a day: as long as the longest interval.
    private static let longest = 366 * 86_400_000
}

/// The policies a schedule asks for itself; the plugin's options decide the others.
struct PolicyChoices: Sendable, Hashable, Codable {
    var catchUp: CatchUp?
    var grace: Int?
    var overlap: Overlap?
    var jitter: Int?

    func resolved(_ standard: SchedulePolicies) -> SchedulePolicies {
        SchedulePolicies(
            catchUp: self.catchUp ?? standard.catchUp,
            grace: self.grace.map { .milliseconds($0) } ?? standard.grace,
            overlap: self.overlap ?? standard.overlap,
            jitter: self.jitter.map { .milliseconds($0) } ?? standard.jitter
        )
    }
}

extension CatchUp: Codable {
    /// As its text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = CatchUp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "skip, latest, or all:10:1d")
        }
        self = value
    }

    /// As its text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}

extension Duration {
    /// Whole milliseconds, held at the ends of `Int`.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = self.components
        let (product, overflows) = Int(clamping: seconds).multipliedReportingOverflow(by: 1_000)
        guard !overflows else { return seconds < 0 ? .min : .max }
        let (sum, overflowsToo) = product.addingReportingOverflow(Int(attoseconds / 1_000_000_000_000_000))
        return overflowsToo ? .max : sum
    }
}

extension CatchUp: OptionValue {
    /// `catch-up`.
    public static var optionType: String { "catch-up" }
    /// What is expected where something else was found.
    public static var optionExpectation: String { "skip, latest, all, or all:10:1d" }
    /// Text.
    public static var optionKind: OptionContent.Kind { .text }

    /// Reads its text.
    public init?(optionContent content: OptionContent) {
        guard case .text(let text) = content else { return nil }
        self.init(text)
    }

    /// Its text.
    public var optionText: String { self.description }
}

extension Overlap: OptionValue {}
