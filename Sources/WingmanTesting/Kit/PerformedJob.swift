internal import Wingman

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A job that ``JobTester`` performed, and how it ended.
public struct PerformedJob: Sendable {
    /// How a job ended, as the store was told.
    public enum Outcome: Sendable, Equatable {
        /// Gone: done, or discarded.
        case done
        /// Failed and discarded.
        case discarded
        /// Failed: in the retry set, to run again after about so long.
        case retry(after: Duration)
        /// Snoozed: in the schedule.
        case snoozed(for: Duration)
        /// In the dead set.
        case dead
        /// Given back.
        case givenBack
        /// Something else, by a plugin.
        case other
    }

    /// The `class` field; empty if the payload was no job.
    public let jobClass: String
    /// The `jid` field.
    public let jobID: String?
    /// The queue it came from.
    public let queue: String
    /// Its JSON, as it was claimed.
    public let payload: [UInt8]
    /// How it ended.
    public let outcome: Outcome
    /// What it failed with, by the payload that is kept of it: `error_class`, `error_message`.
    public let failure: (type: String, message: String)?

    init(_ claimed: Claimed, _ settlement: Settlement) {
        let payload = try? JobPayload(claimed.payload)
        self.jobClass = payload?.className ?? ""
        self.jobID = payload?.jobID
        self.payload = claimed.payload
        self.queue = if case .queue(let name) = claimed.source { name } else { "" }
        self.outcome = Outcome(settlement)
        self.failure = settlement.tally == .failed ? Self.failure(in: settlement.disposition.payload) : nil
    }

    private static func failure(in payload: [UInt8]?) -> (type: String, message: String)? {
        struct Kept: Decodable {
            // swift-format-ignore: AlwaysUseLowerCamelCase
            var error_class: String
            // swift-format-ignore: AlwaysUseLowerCamelCase
            var error_message: String?
        }
        guard let payload, let kept = try? JSONDecoder().decode(Kept.self, from: Data(payload)) else { return nil }
        return (kept.error_class, kept.error_message ?? "")
    }
}

extension PerformedJob.Outcome {
    init(_ settlement: Settlement) {
        self =
            switch settlement.disposition {
            case .done: settlement.tally == .failed ? .discarded : .done
            case .retry(_, let delay): .retry(after: delay)
            case .schedule(_, let delay): .snoozed(for: delay)
            case .dead: .dead
            case .giveBack: .givenBack
            case .append, .later: .other
            }
    }
}

extension Disposition {
    /// What is kept of the job.
    var payload: [UInt8]? {
        switch self {
        case .done, .giveBack: nil
        case .retry(let payload, _), .schedule(let payload, _), .later(_, let payload, _), .dead(let payload): payload
        case .append(_, let payload): payload
        }
    }
}
